/* The server stops: what was asked before is answered, then everybody is told goodbye. */
#include "conn.h"
#include "message.h"
#include "rest.h"
#include "scene.h"
#include "updating.h"

static void
everybody_is_told_goodbye_and_closed(void **state)
{
    struct scene *scene = *state;

    scene_create_one(scene);
    scene_create(scene, "t");
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");
    struct conn *carol = conn_greet(scene); /* in no session; and alice in two */
    struct rest_answer answer = {.is_answered = false};

    conn_send(scene, alice, "{\"type\":\"join\",\"data\":{\"session_id\":\"t\"}}");
    scene_settle(scene);
    conn_skip_to(alice, "session_snapshot");
    bob->is_blocked = true;
    rest_send(scene, "s", &answer, UPDATE, 1);
    hub_stop_accepting(scene->hub);
    conn_send(scene, alice,
              "{\"type\":\"object_updated\",\"id\":1,\"data\":{\"session_id\":\"s\","
              "\"object\":{\"name\":\"a\"}}}");
    assert_string_equal(rest_await(scene, &answer), "");
    assert_false(hub_is_drained(scene->hub)); /* bob has not got it */
    assert_string_equal(scene_post(scene, "s", NULL, UPDATE, 2), "stopping");
    hub_close_clients(scene->hub);
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "stopping"));
    conn_expect_seq(alice, "object_updated", 3);
    assert_true(message_is(conn_expect(alice, "goodbye"), "data.reconnect", "true"));
    conn_expect_nothing(alice);
    assert_int_equal(alice->close_code, 1001);
    assert_int_equal(bob->close_code, 1001);
    conn_expect(carol, "goodbye");
    assert_int_equal(carol->close_code, 1001);
    scene_settle(scene);
    assert_true(hub_is_drained(scene->hub));
    conn_close(scene, alice);
    conn_close(scene, bob);
    conn_close(scene, carol);
    rest_fini(&answer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everybody_is_told_goodbye_and_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
