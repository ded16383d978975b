/* Volatile events: the newest of each kind, for those who are there, who skip and who come later.
 */
#include "conn.h"
#include "joining.h"
#include "message.h"
#include "moving.h"
#include "rest.h"
#include "scene.h"

#include "heap.h"
#include "hub/gather.h"

#include <stdio.h>

#define MOVE "{\"type\":\"object_moved\",\"data\":{\"session_id\":\"s\",\"name\":\"%s\",\"x\":%d}}"

static void
expect_moved(struct conn *conn, const char *name, int x)
{
    struct span message = conn_expect(conn, "object_moved");

    assert_true(message_is(message, "data.name", name));
    assert_int_equal(message_int(message, "data.x"), x);
    assert_false(message_has(message, "seq"));
}

/* --- who gets them --- */

static void
a_round_reaches_everyone_but_its_senders_in_order(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s"),
                *carol = conn_join_quietly(scene, "s");

    conn_send(scene, alice, MOVE, "a", 1);
    conn_send(scene, bob, MOVE, "b", 2);
    conn_send(scene, alice, MOVE, "a", 3);
    scene_settle(scene);
    expect_moved(alice, "b", 2);
    expect_moved(bob, "a", 1);
    expect_moved(bob, "a", 3);
    expect_moved(carol, "a", 1);
    expect_moved(carol, "b", 2);
    expect_moved(carol, "a", 3);
    conn_expect_nothing(alice);
    conn_expect_nothing(bob);
    conn_expect_nothing(carol);
    conn_close(scene, alice);
    conn_close(scene, bob);
    conn_close(scene, carol);
}

/* More than are written to at once, and each gets a copy of its own. */
#define CROWD (GATHER_MAX + 44)

static void
in_a_crowd_each_gets_what_the_others_sent(void **state)
{
    struct scene *scene = *state;
    static struct conn *crowd[CROWD];

    scene_create_pair(scene);
    for (int i = 0; i < CROWD; i++)
        crowd[i] = conn_join_quietly(scene, "s");
    for (int i = 0; i < CROWD; i++)
        conn_send(scene, crowd[i], MOVE, i % 2 ? "a" : "b", i);
    scene_settle(scene);
    for (int i = 0; i < CROWD; i++) {
        for (int from = 0; from < CROWD; from++)
            if (from != i)
                expect_moved(crowd[i], from % 2 ? "a" : "b", from);
        conn_expect_nothing(crowd[i]);
    }
    for (int i = 0; i < CROWD; i++)
        conn_close(scene, crowd[i]);
}

/* It would be more than 64 KiB in one write; so everybody gets the newest of each kind, in pieces.
 */
static void
a_huge_round_comes_as_the_newest_of_each_in_pieces(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    scene_create_objects(scene, "s", 0, 1000);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    alice->longest = bob->longest = 0;
    for (int again = 0; again < 2; again++) {
        for (int i = 0; i < 1000; i++) {
            char name[16];

            snprintf(name, sizeof(name), "o%d", i);
            conn_send(scene, alice, MOVE, name, i + again);
        }
    }
    scene_settle(scene);
    for (int i = 0; i < 1000; i++) {
        char name[16];

        snprintf(name, sizeof(name), "o%d", i);
        expect_moved(bob, name, i + 1);
    }
    conn_expect_nothing(bob);
    assert_in_range(bob->longest, 32 * 1024, 64 * 1024);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

#define MOVES 10000

/* Nobody else is there: nothing is written, and nothing kept. A kept message is over 100 bytes;
 * less than a tenth of that for each is what SQLite's own threads may take and give back meanwhile.
 */
static void
who_moves_alone_takes_no_memory(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    for (int i = 0; i < 100; i++) {
        conn_send(scene, alice, MOVE, "a", i);
        scene_settle(scene);
    }
    size_t before = heap_bytes();

    for (int i = 0; i < MOVES; i++) {
        conn_send(scene, alice, MOVE, "a", i);
        scene_settle(scene);
    }
    assert_in_range(heap_bytes(), 0, before + 10 * MOVES);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

static void
they_are_never_held(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    scene->is_store_held = 1;
    conn_send(scene, alice,
              "{\"type\":\"object_created\",\"data\":{\"session_id\":\"s\",\"object\":{"
              "\"name\":\"c\",\"type\":\"cube\"}}}");
    scene_round(scene);
    conn_send(scene, alice, MOVE, "a", 1);
    scene_round(scene);
    expect_moved(bob, "a", 1);
    conn_expect_nothing(bob);
    scene->is_store_held = 0;
    scene_settle(scene);
    conn_expect_seq(bob, "object_created", 4);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
who_skips_gets_the_newest_of_each_kind_later(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    bob->block_after_write = true;
    scene_post(scene, "s", NULL, UPDATE("b"));
    for (int x = 0; x < 50; x++) {
        conn_send(scene, alice, MOVE, "a", x);
        conn_send(scene, alice, MOVE, "b", 100 + x);
        scene_round(scene);
    }
    conn_send(scene, alice, CAMERA, 7);
    scene_round(scene);
    conn_expect_seq(bob, "object_updated", 4);
    conn_expect_nothing(bob);
    bob->block_after_write = false;
    conn_unblock(scene, bob);
    expect_moved(bob, "a", 49);
    expect_moved(bob, "b", 149);
    conn_expect(bob, "camera_moved");
    conn_expect_nothing(bob);
    conn_send(scene, alice, MOVE, "a", 1000);
    scene_settle(scene);
    expect_moved(bob, "a", 1000);
    conn_expect_nothing(bob);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
who_joins_gets_the_newest_whoever_sent_it(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    conn_send(scene, alice, MOVE, "a", 1);
    conn_send(scene, alice, MOVE, "a", 2);
    conn_send(scene, bob, MOVE, "a", 3);
    scene_settle(scene);
    struct conn *carol = conn_join_quietly(scene, "s");

    expect_moved(carol, "a", 3);
    conn_expect_nothing(carol);
    conn_close(scene, alice);
    conn_close(scene, bob);
    conn_close(scene, carol);
}

static void
an_event_that_places_the_object_ends_its_motion(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    conn_send(scene, alice, MOVE, "a", 1);
    conn_send(scene, alice, MOVE, "b", 2);
    scene_settle(scene);
    scene_post(scene, "s", NULL, PLACE("a", "3"));
    struct conn *bob = conn_join_quietly(scene, "s");

    for (struct span message = SPAN_NONE;
         !message_is(message = conn_next(bob), "type", "object_moved");)
        assert_true(message.at != NULL);
    assert_true(message_is(bob->last, "data.name", "b"));
    conn_expect_nothing(bob);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
a_change_of_something_else_leaves_it_where_it_was_seen(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    conn_send(scene, alice, MOVE, "a", 1);
    scene_settle(scene);
    scene_post(scene, "s", NULL, UPDATE("a"));
    struct conn *bob = conn_join_quietly(scene, "s");

    conn_skip_to(bob, "object_moved");
    assert_true(message_is(bob->last, "data.name", "a"));
    conn_close(scene, alice);
    conn_close(scene, bob);
}

/* Everybody saw it there. */
static void
what_was_moved_stays_where_it_was_seen_when_its_mover_leaves(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    conn_send(scene, alice, MOVE, "a", 1);
    conn_send(scene, bob, MOVE, "a", 2);
    scene_settle(scene);
    conn_close(scene, bob);
    struct conn *carol = conn_join_quietly(scene, "s");

    expect_moved(carol, "a", 2);
    conn_expect_nothing(carol);
    conn_close(scene, alice);
    conn_close(scene, carol);
}

/* After quiet at once; then not again within 2 ms. */
static void
rounds_are_paced_under_load(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    scene_pass(scene, 100);
    conn_send(scene, alice, MOVE, "a", 1);
    hub_round_end(scene->hub);
    expect_moved(bob, "a", 1);
    conn_send(scene, alice, MOVE, "a", 2);
    hub_round_end(scene->hub);
    conn_send(scene, alice, MOVE, "a", 3);
    hub_round_end(scene->hub);
    conn_expect_nothing(bob);
    scene_pass(scene, 2);
    hub_round_end(scene->hub);
    expect_moved(bob, "a", 2);
    expect_moved(bob, "a", 3);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
what_moves_must_exist(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    conn_send(scene, alice, MOVE, "c", 1);
    scene_settle(scene);
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "unknown_object"));
    conn_expect_nothing(bob);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_round_reaches_everyone_but_its_senders_in_order),
        TEST(in_a_crowd_each_gets_what_the_others_sent),
        TEST(a_huge_round_comes_as_the_newest_of_each_in_pieces),
        TEST(who_moves_alone_takes_no_memory),
        TEST(they_are_never_held),
        TEST(who_skips_gets_the_newest_of_each_kind_later),
        TEST(who_joins_gets_the_newest_whoever_sent_it),
        TEST(an_event_that_places_the_object_ends_its_motion),
        TEST(a_change_of_something_else_leaves_it_where_it_was_seen),
        TEST(what_was_moved_stays_where_it_was_seen_when_its_mover_leaves),
        TEST(rounds_are_paced_under_load),
        TEST(what_moves_must_exist),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
