/* Who takes nothing any more: stalled, cut, dead. */
#include "conn.h"
#include "message.h"
#include "rest.h"
#include "scene.h"
#include "updating.h"

static void
who_takes_no_byte_for_ten_seconds_is_cut(void **state)
{
    struct scene *scene = *state;

    scene_create_one(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    alice->block_after_write = true;
    scene_update(scene, 1);
    scene_pass(scene, 9000);
    hub_tick(scene->hub);
    assert_int_equal(alice->close_code, 0);
    scene_update(scene, 1);
    conn_unblock(scene, alice); /* it took something: blocked anew since now */
    scene_pass(scene, 9000);
    hub_tick(scene->hub);
    assert_int_equal(alice->close_code, 0);
    scene_pass(scene, 1001);
    hub_tick(scene->hub);
    assert_int_equal(alice->close_code, 4008);
    hub_tick(scene->hub);
    assert_int_equal(scene_slow_cut(scene), 1);
    conn_close(scene, alice);
}

static void
who_stalls_in_its_snapshot_is_cut(void **state)
{
    struct scene *scene = *state;

    scene_create_one(scene);
    struct conn *alice = conn_greet(scene);

    alice->block_after_write = true;
    conn_send(scene, alice, JOIN);
    scene_settle(scene);
    conn_expect(alice, "session_snapshot");
    conn_expect_nothing(alice);
    scene_pass(scene, 10001);
    hub_tick(scene->hub);
    assert_int_equal(alice->close_code, 4008);
    conn_close(scene, alice);
}

static void
who_has_nothing_to_get_never_stalls(void **state)
{
    struct scene *scene = *state;

    scene_create_one(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    scene_pass(scene, 100000);
    hub_tick(scene->hub);
    assert_int_equal(alice->close_code, 0);
    scene_update(scene, 1);
    conn_expect_updates(alice, 3, 3);
    conn_close(scene, alice);
}

/* Blocked by something else than an event: a pong that the layer below could not send at once. */
static void
a_connection_that_is_blocked_by_something_else_goes_on_when_it_can(void **state)
{
    struct scene *scene = *state;

    scene_create_one(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    alice->is_blocked = true;
    scene_update(scene, 3);
    conn_send(scene, alice, "{\"type\":\"leave\",\"id\":1,\"data\":{\"session_id\":\"t\"}}");
    scene_settle(scene);
    conn_expect_nothing(alice);
    conn_unblock(scene, alice);
    conn_expect(alice, "error");
    conn_expect_updates(alice, 3, 5);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

/* --- closed and dead --- */

static void
who_was_cut_is_not_listened_to(void **state)
{
    struct scene *scene = *state;

    scene_create_one(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    alice->block_after_write = true;
    scene_update(scene, 1);
    scene_pass(scene, 10001);
    hub_tick(scene->hub);
    assert_int_equal(alice->close_code, 4008);
    conn_expect_seq(bob, "object_updated", 3);
    conn_send(scene, alice,
              "{\"type\":\"object_updated\",\"data\":{\"session_id\":\"s\",\"object\":{"
              "\"name\":\"a\"}}}");
    conn_send(scene, alice, "nonsense");
    scene_settle(scene);
    conn_expect_nothing(bob);
    scene_update(scene, 1);
    conn_expect_seq(bob, "object_updated", 4);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
a_connection_that_dies_while_it_is_written_to_disturbs_nobody(void **state)
{
    struct scene *scene = *state;

    scene_create_one(scene);
    scene_update_at_once(scene, 300, 10);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s"),
                *carol = conn_greet(scene);

    carol->is_dead = true; /* amid its snapshot */
    conn_send(scene, carol, JOIN);
    alice->is_dead = true; /* amid the ring */
    scene_update(scene, 3);
    conn_send(scene, alice, "nonsense");
    scene_settle(scene);
    conn_expect_updates(bob, 303, 305);
    conn_close(scene, alice);
    conn_close(scene, carol);
    scene_update(scene, 1);
    conn_expect_updates(bob, 306, 306);
    conn_expect_nothing(bob);
    assert_int_equal(scene_slow_cut(scene), 0);
    conn_close(scene, bob);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_takes_no_byte_for_ten_seconds_is_cut),
        TEST(who_stalls_in_its_snapshot_is_cut),
        TEST(who_has_nothing_to_get_never_stalls),
        TEST(a_connection_that_is_blocked_by_something_else_goes_on_when_it_can),
        TEST(who_was_cut_is_not_listened_to),
        TEST(a_connection_that_dies_while_it_is_written_to_disturbs_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
