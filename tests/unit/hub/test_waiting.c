/*
 * While a session is being loaded what is sent to it waits, up to 1 MiB of one session and
 * pending_bytes of all; what is more is refused, and who sends it is not read from.
 */
#include "conn.h"
#include "message.h"
#include "rest.h"
#include "scene.h"
#include "updating.h"

#include <string.h>

#define WAITING_BYTES (1024 * 1024)
#define FILLER 30000
#define SENT_MAX 50 /* more than may wait */
#define ROUNDS_MAX 1000

#define WS_UPDATE                                                                                  \
    "{\"type\":\"object_updated\",\"id\":%d,\"data\":{\"session_id\":\"%s\",\"object\":"           \
    "{\"name\":\"a\",\"f\":\"%s\"}}}"

static char filler[FILLER + 1];

/* Sessions s and t with an object each; s is not in memory. */
static int
setup(void **state)
{
    struct scene *scene = scene_make();

    *state = scene;
    memset(filler, 'x', FILLER);
    scene_start(scene);
    scene_create_one(scene);
    scene_create(scene, "t");
    assert_string_equal(scene_post(scene, "t", NULL, CREATE), "");
    scene_restart(scene);
    assert_string_equal(scene_post(scene, "t", NULL, UPDATE, 1), "");
    return 0;
}

/* Loading s does not come to an end. How many updates from the client wait behind its join? The
 * next is refused, and told so at once. */
static int
fill(struct scene *scene, struct conn *conn)
{
    int sent = 1;

    scene->is_reader_held = 1;
    conn->ignores_presence = true;
    conn_send(scene, conn, JOIN);
    while (sent < SENT_MAX && conn->in.len == 0) {
        sent++;
        conn_send(scene, conn, WS_UPDATE, sent, "s", filler);
        scene_round(scene);
    }
    struct span error = conn_expect(conn, "error");

    assert_int_equal(message_int(error, "data.id"), sent);
    assert_true(message_is(error, "data.code", "busy"));
    assert_int_equal(message_int(error, "data.status"), 503);
    assert_true(message_int(error, "data.retry_after_ms") > 0);
    assert_in_range(sent * FILLER, WAITING_BYTES - 2 * FILLER, WAITING_BYTES + 2 * FILLER);
    return sent - 2;
}

static void
what_waits_is_bounded_and_done_in_order_once_the_session_is_there(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_greet(scene);
    struct rest_answer answer = {.is_answered = false};
    int waiting = fill(scene, alice);

    rest_send(scene, "s", &answer,
              "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"a\",\"f\":\"%s\"}}}",
              filler);
    assert_true(answer.is_answered); /* who comes by REST is no exception */
    assert_string_equal(answer.code, "busy");
    scene->is_reader_held = 0;
    rest_await(scene, &answer);
    rest_fini(&answer);
    assert_true(message_is(conn_expect(alice, "session_snapshot"), "data.last", "false"));
    conn_expect(alice, "session_snapshot");
    for (int id = 2; id < waiting + 2; id++)
        assert_int_equal(message_int(conn_expect(alice, "object_updated"), "id"), id);
    conn_send(scene, alice, WS_UPDATE, 1000, "s", filler); /* there is no bound any more */
    scene_settle(scene);
    assert_int_equal(message_int(conn_expect(alice, "object_updated"), "id"), 1000);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

/* It is being deleted, and whoever wants something of it waits to learn whether it is. */
static void
what_has_waited_does_not_count_the_next_time(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_greet(scene);
    struct rest_answer answer = {.is_answered = false};

    fill(scene, alice);
    scene->is_reader_held = 0;
    scene_settle(scene);
    while (conn_next(alice).at) {
    }
    scene->is_store_held = 1;
    rest_send(scene, "s", &answer, "{\"type\":\"session_deleted\"}");
    for (int id = 1001; id <= 1010; id++)
        conn_send(scene, alice, WS_UPDATE, id, "s", filler);
    scene->is_store_held = 0;
    assert_string_equal(rest_await(scene, &answer), "");
    conn_expect(alice, "session_deleted");
    for (int id = 1001; id <= 1010; id++) {
        struct span error = conn_expect(alice, "error");

        assert_int_equal(message_int(error, "data.id"), id);
        assert_true(message_is(error, "data.code", "unknown_session"));
    }
    conn_close(scene, alice);
    rest_fini(&answer);
}

static void
other_sessions_do_not_wait_for_it(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_greet(scene), *bob = conn_join_quietly(scene, "t");

    fill(scene, alice);
    conn_send(scene, bob, WS_UPDATE, 1, "t", filler);
    for (int i = 0; i < ROUNDS_MAX && bob->in.len == 0; i++) {
        scene_round(scene);
        scene_deliver(scene, 10);
    }
    assert_int_equal(message_int(conn_expect(bob, "object_updated"), "id"), 1);
    scene->is_reader_held = 0;
    scene_settle(scene);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

#define CREATE_SESSION                                                                             \
    "{\"type\":\"session_created\",\"id\":%d,\"data\":{\"session_id\":\"w%d\",\"world\":"          \
    "{\"f\":\"%s\"}}}"
#define PENDING_BYTES (5 * FILLER)

static int
setup_bounded(void **state)
{
    struct scene *scene = scene_make();

    *state = scene;
    memset(filler, 'x', FILLER);
    scene->options.limits.pending_bytes = PENDING_BYTES;
    scene_start(scene);
    return 0;
}

static int64_t
waiting_bytes(const struct scene *scene)
{
    struct hub_stats stats;

    hub_stats(scene->hub, &stats);
    return stats.waiting_bytes;
}

/* Each of them waits to learn that there is none of that id. */
static void
what_waits_for_many_sessions_is_bounded_too(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_greet(scene), *bob = conn_greet(scene);
    struct rest_answer answer = {.is_answered = false};
    int sent = 0;

    scene->is_reader_held = 1;
    while (sent < SENT_MAX && !alice->is_paused) {
        sent++;
        conn_send(scene, alice, CREATE_SESSION, sent, sent, filler);
    }
    assert_int_equal(sent, 4); /* beyond three quarters */
    conn_expect_nothing(alice);
    conn_send(scene, bob, CREATE_SESSION, 1, 100, filler);
    scene_round(scene);
    struct span error = conn_expect(bob, "error");

    assert_int_equal(message_int(error, "data.id"), 1);
    assert_true(message_is(error, "data.code", "busy"));
    assert_true(message_int(error, "data.retry_after_ms") > 0);
    assert_true(bob->is_paused);
    rest_send(scene, "w101", &answer,
              "{\"type\":\"session_created\",\"data\":{\"world\":{\"f\":\"%s\"}}}", filler);
    assert_true(answer.is_answered);
    assert_string_equal(answer.code, "busy");
    assert_in_range(waiting_bytes(scene), 4 * FILLER, PENDING_BYTES);
    scene->is_reader_held = 0;
    scene_settle(scene);
    assert_int_equal(waiting_bytes(scene), 0);
    assert_false(alice->is_paused);
    assert_false(bob->is_paused);
    for (int id = 1; id <= sent; id++)
        assert_int_equal(message_int(conn_expect(alice, "session_created"), "id"), id);
    hub_disconnect(scene->hub, answer.client);
    rest_fini(&answer);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

#define UPDATE_LIKE_A_MEMBER                                                                       \
    "{\"type\":\"world_updated\",\"id\":6000,\"data\":{\"session_id\":\"s\",\"world\":{\"a\":1}}}"

static void
create_session(struct scene *scene, struct conn *conn, int number)
{
    conn_send(scene, conn, CREATE_SESSION, number, number, filler);
}

/* Its bound is that of all, so others' input may be what fills it. */
static void
a_leave_for_which_there_is_no_room_is_refused_and_who_joins_is_slowed(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_greet(scene), *bob;
    int64_t before;
    int sent = 0, id = 100;

    scene_create(scene, "s");
    bob = conn_join_quietly(scene, "s");
    scene_settle(scene);
    while (conn_next(alice).at) { /* hears of the session */
    }
    scene_fail(scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    scene->is_reader_held = 1;
    conn_send(scene, bob,
              "{\"type\":\"object_created\",\"id\":1,\"data\":{\"session_id\":\"s\",\"object\":"
              "{\"name\":\"a\",\"type\":\"cube\"}}}");
    for (int i = 0; i < 10; i++) /* fails, and its session is to be read again */
        scene_round(scene);
    while (sent < SENT_MAX && !alice->is_paused)
        create_session(scene, alice, ++sent);
    create_session(scene, alice, ++sent); /* it had been read already */
    do {
        before = waiting_bytes(scene);
        conn_send(scene, bob, "{\"type\":\"join\",\"id\":%d,\"data\":{\"session_id\":\"j\"}}",
                  ++id);
    } while (waiting_bytes(scene) > before);
    scene_round(scene);
    assert_true(bob->is_paused);
    while (conn_next(bob).at) {
    }
    conn_send(scene, bob, "{\"type\":\"leave\",\"id\":5000,\"data\":{\"session_id\":\"s\"}}");
    scene_round(scene);
    struct span error = conn_expect(bob, "error");

    assert_int_equal(message_int(error, "data.id"), 5000);
    assert_true(message_is(error, "data.code", "busy"));
    scene->is_reader_held = 0;
    scene_settle(scene);
    assert_false(bob->is_paused);
    conn_send(scene, bob, UPDATE_LIKE_A_MEMBER);
    scene_settle(scene);
    conn_skip_to(bob, "world_updated"); /* it has not left */
    conn_close(scene, alice);
    conn_close(scene, bob);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_waits_is_bounded_and_done_in_order_once_the_session_is_there),
        TEST(what_has_waited_does_not_count_the_next_time),
        TEST(other_sessions_do_not_wait_for_it),
        cmocka_unit_test_setup_teardown(
            a_leave_for_which_there_is_no_room_is_refused_and_who_joins_is_slowed, setup_bounded,
            scene_teardown),
        cmocka_unit_test_setup_teardown(what_waits_for_many_sessions_is_bounded_too, setup_bounded,
                                        scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
