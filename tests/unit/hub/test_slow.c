/*
 * Who is behind: gets the rest when it can, or is cut. conn.h asserts throughout that nothing is
 * written to a connection that is blocked or closed.
 */
#include "conn.h"
#include "message.h"
#include "rest.h"
#include "scene.h"
#include "updating.h"

#include "json/json.h"

/* --- behind --- */

static void
a_blocked_client_gets_the_rest_in_order_when_it_can(void **state)
{
    struct scene *scene = *state;

    scene_create_one(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    alice->block_after_write = true;
    scene_update(scene, 1);
    conn_expect_updates(alice, 3, 3);
    scene_update(scene, 100);
    conn_expect_nothing(alice);
    conn_unblock(scene, alice); /* one write only: it blocks itself again */
    scene_settle(scene);
    conn_expect_seq(alice, "object_updated", 4);
    alice->block_after_write = false;
    conn_unblock(scene, alice);
    conn_expect_updates(alice, 5, 103);
    conn_expect_nothing(alice);
    assert_int_equal(alice->close_code, 0);
    conn_close(scene, alice);
}

static void
however_far_behind_it_is_written_to_in_small_pieces(void **state)
{
    struct scene *scene = *state;

    scene_create_one(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    alice->is_blocked = true;
    scene_update_at_once(scene, 200, 2000);
    alice->longest = 0;
    conn_unblock(scene, alice);
    conn_expect_updates(alice, 3, 202);
    assert_in_range(alice->longest, 4000, 64 * 1024); /* of 400 KB: many frames at once */
    conn_close(scene, alice);
}

static void
who_is_more_than_256_behind_is_cut_at_the_next_append_and_nobody_else_notices(void **state)
{
    struct scene *scene = *state;

    scene_create_one(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    alice->block_after_write = true;
    scene_update(scene, 1); /* waits below: that counts, too */
    scene_update(scene, 256);
    assert_int_equal(alice->close_code, 0);
    scene_update(scene, 1);
    assert_int_equal(alice->close_code, 4008);
    assert_int_equal(scene_slow_cut(scene), 1);
    scene_update(scene, 5);
    conn_expect_updates(bob, 3, 265);
    conn_expect_nothing(bob);
    conn_expect_seq(alice, "object_updated", 3);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
messages_count_over_all_sessions(void **state)
{
    struct scene *scene = *state;

    scene_create_one(scene);
    scene_create(scene, "t");
    scene_post(scene, "t", NULL, CREATE);
    struct conn *alice = conn_join_quietly(scene, "s");

    conn_send(scene, alice, "{\"type\":\"join\",\"id\":1,\"data\":{\"session_id\":\"t\"}}");
    scene_settle(scene);
    alice->block_after_write = true;
    scene_update(scene, 129);
    for (int i = 0; i < 128; i++)
        scene_post(scene, "t", NULL, UPDATE, i);
    assert_int_equal(alice->close_code, 0);
    scene_post(scene, "t", NULL, UPDATE, 0); /* 257 waited before it */
    assert_int_equal(alice->close_code, 4008);
    conn_close(scene, alice);
}

static void
one_large_batch_cuts_nobody(void **state)
{
    struct scene *scene = *state;

    scene_create_one(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    alice->block_after_write = true;
    scene_update_at_once(scene, 300, 10);
    assert_int_equal(alice->close_code, 0);
    alice->block_after_write = false;
    conn_unblock(scene, alice);
    scene_settle(scene);
    scene_update_at_once(scene, 300, 10);
    conn_expect_updates(alice, 3, 602);
    conn_expect_updates(bob, 3, 602);
    assert_int_equal(scene_slow_cut(scene), 0);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
bytes_are_bounded_too(void **state)
{
    struct scene *scene = *state;

    scene->options.limits.queue_bytes = 100000;
    scene_restart(scene);
    scene_create_one(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    alice->block_after_write = true;
    scene_update(scene, 1);
    scene_update_at_once(scene, 5, 30000); /* 150 KB, but nothing before them */
    assert_int_equal(alice->close_code, 0);
    scene_update(scene, 1);
    assert_int_equal(alice->close_code, 4008);
    conn_expect_updates(bob, 3, 9);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

/* --- catching up --- */

static void
who_is_catching_up_is_not_cut_for_the_messages_it_has_to_get(void **state)
{
    struct scene *scene = *state;
    char epoch[24];

    scene_create_one(scene);
    scene_update_at_once(scene, 900, 10);
    struct conn *alice = conn_greet(scene), *bob = conn_greet(scene);

    alice->ignores_presence = bob->ignores_presence = true;
    conn_send(scene, bob, JOIN);
    scene_settle(scene);
    assert_true(json_copy_string(message_get(conn_expect(bob, "session_snapshot"), "data.epoch"),
                                 epoch, sizeof(epoch)) > 0);
    alice->block_after_write = true;
    conn_send(scene, alice,
              "{\"type\":\"join\",\"data\":{\"session_id\":\"s\",\"since\":2,\"epoch\":\"%s\"}}",
              epoch);
    scene_settle(scene);
    for (int i = 0; i < 40; i++) {
        scene_update(scene, 1);
        conn_unblock(scene, alice);
        scene_settle(scene);
    }
    assert_int_equal(alice->close_code, 0);
    alice->block_after_write = false;
    conn_unblock(scene, alice);
    scene_settle(scene);
    conn_expect(alice, "session_resumed");
    conn_expect_updates(alice, 3, 942);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

/* --- the private buffer --- */

static void
answers_that_are_not_read_are_bounded(void **state)
{
    struct scene *scene = *state;

    scene_create_one(scene);
    struct conn *alice = conn_join_quietly(scene, "s");
    int sent = 0;

    alice->is_blocked = true;
    while (alice->close_code == 0 && sent < 5000) {
        conn_send(scene, alice, "{\"type\":\"leave\",\"id\":%d,\"data\":{\"session_id\":\"t\"}}",
                  ++sent);
    }
    assert_int_equal(alice->close_code, 4008);
    assert_true(sent > 100); /* 64 KiB of answers */
    assert_true(sent < 1000);
    scene_settle(scene);
    conn_unblock(scene, alice);
    scene_settle(scene);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

/* --- the end of a session --- */

static void
who_is_behind_when_a_session_is_deleted_is_told_so_all_the_same(void **state)
{
    struct scene *scene = *state;

    scene_create_one(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    alice->block_after_write = true;
    scene_update(scene, 2);
    assert_string_equal(scene_post(scene, "s", NULL, "{\"type\":\"session_deleted\"}"), "");
    alice->block_after_write = false;
    conn_unblock(scene, alice);
    scene_settle(scene);
    conn_expect_seq(alice, "object_updated", 3);
    conn_skip_to(alice, "session_deleted");
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_blocked_client_gets_the_rest_in_order_when_it_can),
        TEST(however_far_behind_it_is_written_to_in_small_pieces),
        TEST(who_is_more_than_256_behind_is_cut_at_the_next_append_and_nobody_else_notices),
        TEST(messages_count_over_all_sessions),
        TEST(one_large_batch_cuts_nobody),
        TEST(bytes_are_bounded_too),
        TEST(who_is_catching_up_is_not_cut_for_the_messages_it_has_to_get),
        TEST(answers_that_are_not_read_are_bounded),
        TEST(who_is_behind_when_a_session_is_deleted_is_told_so_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
