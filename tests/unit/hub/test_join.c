/* When a join is answered, when it is refused, and joining by path. */
#include "conn.h"
#include "joining.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>

/* --- when a join is answered --- */

static void
a_join_is_answered_once_the_epoch_is_on_disk(void **state)
{
    struct scene *scene = *state;

    scene_create_history(scene, 3);
    scene_restart(scene);
    struct conn *alice = conn_greet(scene);

    scene->is_store_held = 1;
    conn_send(scene, alice, JOIN("s"), 1);
    for (int i = 0; i < 5; i++) {
        scene_round(scene);
        scene_deliver(scene, 20);
    }
    conn_expect_nothing(alice);
    scene->is_store_held = 0;
    scene_settle(scene);
    conn_expect_snapshot(alice, NULL, 3);
    conn_close(scene, alice);
}

static void
a_snapshot_of_uncommitted_state_waits_for_it(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answer = {.is_answered = false};

    scene_create(scene, "s");
    struct conn *alice = conn_greet(scene);

    scene->is_store_held = 1;
    scene_pass(scene, 10);
    rest_send(scene, "s", &answer, CREATE("a"));
    scene_round(scene);
    conn_send(scene, alice, JOIN("s"), 1);
    scene_round(scene);
    conn_expect_nothing(alice);
    scene->is_store_held = 0;
    rest_await(scene, &answer);
    assert_int_equal(conn_expect_snapshot(alice, NULL, 2), 1);
    conn_close(scene, alice);
    rest_fini(&answer);
}

/* Its first join waits for one commit, the second for a later one: neither may answer the other. */
static void
who_leaves_and_joins_again_is_answered_once_and_not_too_early(void **state)
{
    struct scene *scene = *state;
    struct rest_answer first = {.is_answered = false}, second = {.is_answered = false};

    scene_create(scene, "s");
    struct conn *alice = conn_greet(scene);

    alice->ignores_presence = true;
    scene->is_store_held = 1;
    scene_pass(scene, 10);
    rest_send(scene, "s", &first, CREATE("a"));
    conn_send(scene, alice, JOIN("s"), 1);
    scene_round(scene);
    conn_send(scene, alice, LEAVE);
    rest_send(scene, "s", &second, CREATE("b"));
    conn_send(scene, alice, JOIN("s"), 2);
    scene->is_store_held = 0;
    scene_deliver(scene,
                  1000); /* the first commit, and no round: the second is not even handed over */
    assert_true(first.is_answered);
    assert_false(second.is_answered);
    hub_disconnect(scene->hub, first.client);
    scene->is_store_held = 1;
    scene_round(scene);
    conn_expect_nothing(alice);
    scene->is_store_held = 0;
    rest_await(scene, &second);
    struct span page = conn_expect(alice, "session_snapshot");

    int64_t from = message_int(page, "data.seq");

    while (!message_is(page, "data.last", "true"))
        page = conn_expect(alice, "session_snapshot");
    for (int64_t seq = from + 1; seq <= 3; seq++)
        conn_expect_seq(alice, "object_created", seq);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
    rest_fini(&first);
    rest_fini(&second);
}

static void
a_page_of_history_asked_by_an_earlier_join_is_not_given_to_the_next(void **state)
{
    struct scene *scene = *state;
    char epoch[24];

    scene->options.limits.ring_bytes = 1;
    scene_restart(scene);
    scene_create_history(scene, 300);
    scene_find_epoch(scene, epoch);
    struct conn *alice = conn_greet(scene);

    scene->is_reader_held = 1;
    alice->ignores_presence = true;
    conn_send(scene, alice, RESUME, 10LL, epoch);
    scene_round(scene); /* asks for its first page */
    scene_round(scene);
    conn_send(scene, alice, LEAVE);
    conn_send(scene, alice, RESUME, 290LL, epoch);
    scene_round(scene);
    scene->is_reader_held = 0;
    scene_settle(scene);
    conn_expect_resumed(alice, 290, 300); /* the first join was not answered before it was left */
    conn_close(scene, alice);
}

/* --- refused --- */

static void
joining_twice_is_refused(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    struct conn *alice = conn_greet(scene);

    conn_send(scene, alice, JOIN("s"), 1);
    conn_send(scene, alice, JOIN("s"), 2);
    scene_settle(scene);
    struct span error = conn_skip_to(alice, "error");

    assert_int_equal(message_int(error, "data.id"), 2);
    assert_true(message_is(error, "data.code", "invalid_message"));
    conn_close(scene, alice);
}

static void
the_seventeenth_session_is_refused_until_one_is_left(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_greet(scene);
    char id[8];

    for (int i = 0; i < 17; i++) {
        snprintf(id, sizeof(id), "s%d", i);
        scene_create(scene, id);
        conn_send(scene, alice, "{\"type\":\"join\",\"id\":%d,\"data\":{\"session_id\":\"%s\"}}",
                  i + 1, id);
    }
    scene_settle(scene);
    struct span error = conn_skip_to(alice, "error");

    assert_int_equal(message_int(error, "data.id"), 17);
    assert_int_equal(message_int(error, "data.status"), 429);
    assert_true(message_is(error, "data.code", "too_many_sessions"));
    conn_send(scene, alice, "{\"type\":\"leave\",\"data\":{\"session_id\":\"s3\"}}");
    conn_send(scene, alice, "{\"type\":\"join\",\"id\":18,\"data\":{\"session_id\":\"s16\"}}");
    scene_settle(scene);
    conn_skip_to(alice, "session_snapshot");
    conn_close(scene, alice);
}

static void
an_unknown_session_cannot_be_joined(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_open_path(scene, "nowhere");

    scene_settle(scene);
    conn_expect(alice, "welcome");
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "unknown_session"));
    conn_send(scene, alice, JOIN("no/where"), 1);
    scene_settle(scene);
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "unknown_session"));
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

/* --- by path, in one go --- */

static void
the_path_joins_at_once(void **state)
{
    struct scene *scene = *state;

    scene_create_history(scene, 3);
    scene_restart(scene);
    struct conn *alice = conn_open_path(scene, "s");

    scene_settle(scene);
    conn_expect(alice, "welcome");
    assert_int_equal(conn_expect_snapshot(alice, NULL, 3), 2);
    conn_close(scene, alice);
}

static void
who_makes_a_session_may_join_it_without_waiting(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_greet(scene);

    conn_send(scene, alice,
              "{\"type\":\"session_created\",\"id\":1,\"data\":{\"session_id\":\"s\"}}");
    conn_send(scene, alice, JOIN("s"), 2);
    conn_send(scene, alice,
              "{\"type\":\"session_created\",\"id\":3,\"data\":{\"session_id\":\"s\"}}");
    scene_settle(scene);
    bool has_snapshot = false, has_exists = false, has_created = false;

    for (struct span message; (message = conn_next(alice)).at;) {
        has_snapshot |= message_is(message, "type", "session_snapshot");
        has_created |= message_is(message, "type", "session_created");
        has_exists |= message_is(message, "data.code", "session_exists");
        assert_false(message_is(message, "data.code", "unknown_session"));
    }
    assert_true(has_snapshot);
    assert_true(has_exists);
    assert_true(has_created);
    conn_close(scene, alice);
}

static void
a_session_deleted_and_made_anew_without_waiting_is_another_one(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answers[3] = {{.is_answered = false}};

    scene_create_history(scene, 5);
    rest_send(scene, "s", &answers[0], "{\"type\":\"session_deleted\"}");
    rest_send(scene, NULL, &answers[1],
              "{\"type\":\"session_created\",\"data\":{\"session_id\":\"s\"}}");
    rest_send(scene, "s", &answers[2], CREATE("a"));
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(rest_await(scene, &answers[i]), "");
    assert_int_equal(answers[0].last_seq, 6);
    assert_int_equal(answers[1].last_seq, 1);
    assert_int_equal(answers[2].last_seq, 2);
    for (size_t i = 0; i < 3; i++)
        rest_fini(&answers[i]);
}

static void
a_large_request_may_be_the_one_that_loads_the_session(void **state)
{
    struct scene *scene = *state;
    char *filler = malloc(1048576);

    memset(filler, ' ', 1048575);
    filler[1048575] = '\0';
    memcpy(filler, "[", 1);
    scene_create(scene, "s");
    scene_restart(scene);
    assert_string_equal(scene_post(scene, "s", NULL, "%.*s%s", 1048500, filler, CREATE("a") "]"),
                        "");
    free(filler);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_join_is_answered_once_the_epoch_is_on_disk),
        TEST(a_snapshot_of_uncommitted_state_waits_for_it),
        TEST(who_leaves_and_joins_again_is_answered_once_and_not_too_early),
        TEST(a_page_of_history_asked_by_an_earlier_join_is_not_given_to_the_next),
        TEST(joining_twice_is_refused),
        TEST(the_seventeenth_session_is_refused_until_one_is_left),
        TEST(an_unknown_session_cannot_be_joined),
        TEST(the_path_joins_at_once),
        TEST(who_makes_a_session_may_join_it_without_waiting),
        TEST(a_session_deleted_and_made_anew_without_waiting_is_another_one),
        TEST(a_large_request_may_be_the_one_that_loads_the_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
