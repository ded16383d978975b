/* Who comes and who goes, told to who is in. */
#include "conn.h"
#include "message.h"
#include "moving.h"
#include "rest.h"
#include "scene.h"

static void
who_comes_and_goes_is_told_with_how_many_are_in(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join(scene, "s");

    conn_expect_nothing(alice); /* not about itself */
    struct conn *bob = conn_join(scene, "s");
    struct span message = conn_expect(alice, "client_connected");

    assert_int_equal(message_int(message, "data.clients"), 2);
    assert_true(message_is(message, "data.client_id", client_id(bob->client)));
    assert_true(message_is(message, "data.client.client_id", client_id(bob->client)));
    conn_send(scene, bob, "{\"type\":\"leave\",\"data\":{\"session_id\":\"s\"}}");
    scene_settle(scene);
    message = conn_expect(alice, "client_disconnected");
    assert_int_equal(message_int(message, "data.clients"), 1);
    assert_true(message_is(message, "data.client_id", client_id(bob->client)));
    conn_expect_nothing(bob);
    conn_close(scene, bob);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

static void
who_joins_is_not_told_who_came_and_went_before(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join(scene, "s");

    alice->block_after_write = true; /* skips: nobody can be forgotten */
    scene_post(scene, "s", NULL, UPDATE("a"));
    struct conn *bob = conn_join(scene, "s");

    conn_close(scene, bob);
    struct conn *carol = conn_join(scene, "s");

    conn_expect_seq(carol, "object_updated", 4);
    conn_expect_nothing(carol);
    alice->block_after_write = false;
    conn_unblock(scene, alice);
    conn_expect_seq(alice, "object_updated", 4);
    struct span message =
        conn_expect(alice, "client_disconnected"); /* of bob the last thing only */

    assert_int_equal(message_int(message, "data.clients"), 1);
    assert_int_equal(message_int(conn_expect(alice, "client_connected"), "data.clients"), 2);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
    conn_close(scene, carol);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_comes_and_goes_is_told_with_how_many_are_in),
        TEST(who_joins_is_not_told_who_came_and_went_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
