/* How a client gets out of a session, at any moment. */
#include "conn.h"
#include "joining.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

/* --- leaving --- */

static void
who_left_gets_nothing_more_and_may_not_send(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    struct conn *alice = conn_join(scene, "s");

    conn_send(scene, alice, "{\"type\":\"leave\"}"); /* the only one it is in */
    conn_send(scene, alice, "{\"type\":\"leave\",\"id\":1}");
    scene_post(scene, "s", NULL, CREATE("a"));
    conn_send(scene, alice,
              "{\"type\":\"object_updated\",\"id\":2,\"data\":{\"session_id\":\"s\","
              "\"object\":{\"name\":\"a\"}}}");
    scene_settle(scene);
    for (int64_t id = 1; id <= 2; id++) {
        struct span error = conn_expect(alice, "error");

        assert_int_equal(message_int(error, "data.id"), id);
        assert_true(message_is(error, "data.code", "not_joined"));
    }
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

/* The session must be loaded for the join; the leave must not overtake it. */
static void
who_joins_and_leaves_at_once_is_out(void **state)
{
    struct scene *scene = *state;

    scene_create_history(scene, 3);
    scene_restart(scene);
    struct conn *alice = conn_greet(scene);

    conn_send(scene, alice, JOIN("s"), 1);
    conn_send(scene, alice, "{\"type\":\"leave\",\"id\":2,\"data\":{\"session_id\":\"s\"}}");
    scene_settle(scene);
    while (conn_next(alice).at)
        assert_false(message_is(alice->last, "type", "error"));
    scene_post(scene, "s", NULL, CREATE("a"));
    conn_expect_nothing(alice);
    conn_send(scene, alice, JOIN("s"), 3);
    scene_settle(scene);
    conn_expect(alice, "session_snapshot");
    conn_close(scene, alice);
}

/* --- vanishing --- */

static void
clients_may_vanish_in_any_state(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answer = {.is_answered = false};
    char epoch[24];

    scene->options.limits.ring_bytes = 1;
    scene_restart(scene);
    scene_create_history(scene, 2000);
    scene_find_epoch(scene, epoch);
    struct conn *bob = conn_join_quietly(scene, "s");

    /* while its snapshot comes */
    struct conn *alice = conn_greet(scene);

    alice->block_after_write = true;
    conn_send(scene, alice, JOIN("s"), 1);
    scene_round(scene);
    conn_close(scene, alice);
    /* while a page of history is read */
    alice = conn_greet(scene);
    scene->is_reader_held = 1;
    conn_send(scene, alice, RESUME, 0LL, epoch);
    scene_round(scene);
    scene_round(scene);
    conn_vanish(scene, alice);
    scene->is_reader_held = 0;
    scene_settle(scene);
    /* while it waits for the join's answer, with a refusal held for it, and an event on its way */
    alice = conn_greet(scene);
    scene->is_store_held = 1;
    scene_pass(scene, 10);
    rest_send(scene, "s", &answer, CREATE("x"));
    scene_round(scene);
    conn_send(scene, alice, JOIN("s"), 1);
    conn_send(scene, alice,
              "{\"type\":\"object_created\",\"id\":2,\"data\":{\"session_id\":\"s\","
              "\"object\":{\"name\":\"y\",\"type\":\"cube\"}}}");
    conn_send(scene, alice,
              "{\"type\":\"object_created\",\"id\":3,\"data\":{\"session_id\":\"s\","
              "\"object\":{\"name\":\"x\",\"type\":\"cube\"}}}");
    scene_round(scene);
    conn_vanish(scene, alice);
    scene_round(scene);
    scene->is_store_held = 0;
    assert_string_equal(rest_await(scene, &answer), "");
    rest_fini(&answer);
    /* while the session is loaded for it */
    conn_expect_seq(bob, "object_created", 2001);
    conn_expect_seq(bob, "object_created", 2002);
    conn_expect_nothing(bob);
    conn_close(scene, bob);
    scene_restart(scene);
    alice = conn_greet(scene);
    conn_send(scene, alice, JOIN("s"), 1);
    conn_send(scene, alice, "{\"type\":\"object_created\",\"data\":{\"session_id\":\"s\"}}");
    conn_vanish(scene, alice);
    scene_settle(scene);
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("z")), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_left_gets_nothing_more_and_may_not_send),
        TEST(who_joins_and_leaves_at_once_is_out),
        TEST(clients_may_vanish_in_any_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
