/* Volatile events: the newest of each kind, for those who are there, who skip and who come later.
 */
#include "conn.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include "hub/gather.h"
#include "json/json.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#define CREATE(name)                                                                               \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"" name "\",\"type\":\"cube\"}}" \
    "}"
#define UPDATE(name) "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"" name "\"}}}"
#define MOVE "{\"type\":\"object_moved\",\"data\":{\"session_id\":\"s\",\"name\":\"%s\",\"x\":%d}}"
#define CAMERA                                                                                     \
    "{\"type\":\"camera_moved\",\"data\":{\"session_id\":\"s\",\"position\":[%d,0,0],\"target\":"  \
    "[0,0,0]}}"
#define PRESENCE "{\"type\":\"presence\",\"data\":{\"session_id\":\"s\",\"n\":%d}}"

#ifdef __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void);
#define heap_bytes() __sanitizer_get_current_allocated_bytes()
#else
#define heap_bytes() mallinfo2().uordblks
#endif

/* A session with objects a and b, at seq 3. */
static void
begin(struct scene *scene)
{
    scene_create(scene, "s");
    scene_post(scene, "s", NULL, "[" CREATE("a") "," CREATE("b") "]");
}

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

    begin(scene);
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

    begin(scene);
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

#define MOVES 10000

/* Nobody else is there: nothing is written, and nothing kept. A kept message is over 100 bytes;
 * less than a tenth of that for each is what SQLite's own threads may take and give back meanwhile.
 */
static void
who_moves_alone_takes_no_memory(void **state)
{
    struct scene *scene = *state;

    begin(scene);
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

    begin(scene);
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

    begin(scene);
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
who_joins_gets_the_newest_but_its_own(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    conn_send(scene, alice, MOVE, "a", 1);
    conn_send(scene, alice, MOVE, "a", 2);
    conn_send(scene, bob, MOVE, "a", 3);
    scene_settle(scene);
    struct conn *carol = conn_join_quietly(scene, "s");

    expect_moved(carol, "a", 2); /* one for each sender */
    expect_moved(carol, "a", 3);
    conn_expect_nothing(carol);
    conn_close(scene, alice);
    conn_close(scene, bob);
    conn_close(scene, carol);
}

static void
a_durable_event_on_the_object_ends_its_motion(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    conn_send(scene, alice, MOVE, "a", 1);
    conn_send(scene, alice, MOVE, "b", 2);
    scene_settle(scene);
    scene_post(scene, "s", NULL, UPDATE("a"));
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
what_a_sender_moved_is_forgotten_when_it_leaves(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    conn_send(scene, alice, MOVE, "a", 1);
    scene_settle(scene);
    conn_close(scene, alice);
    struct conn *bob = conn_join_quietly(scene, "s");

    conn_expect_nothing(bob);
    conn_close(scene, bob);
}

/* After quiet at once; then not again within 2 ms. */
static void
rounds_are_paced_under_load(void **state)
{
    struct scene *scene = *state;

    begin(scene);
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

    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    conn_send(scene, alice, MOVE, "c", 1);
    scene_settle(scene);
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "unknown_object"));
    conn_expect_nothing(bob);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

/* --- the camera --- */

static void
the_camera_is_shown_to_joiners_and_survives_a_restart(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    assert_string_equal(scene_post(scene, "s", NULL, CAMERA, 5), "");
    for (int i = 0; i < 2; i++) {
        struct conn *alice = conn_open_path(scene, "s");

        scene_settle(scene);
        assert_true(
            message_is(conn_skip_to(alice, "session_snapshot"), "data.camera.position", "[5,0,0]"));
        conn_close(scene, alice);
        hub_write_behind(scene->hub);
        scene_restart(scene);
    }
}

/* Each of its moves would be a transaction otherwise. */
static void
the_camera_is_written_lazily(void **state)
{
    struct scene *scene = *state;
    struct hub_stats before, after;

    begin(scene);
    scene_pass(scene, 2000);
    scene_settle(scene);
    hub_stats(scene->hub, &before);
    for (int i = 0; i < 20; i++)
        scene_post(scene, "s", NULL, CAMERA, i);
    hub_stats(scene->hub, &after);
    assert_int_equal(after.batches, before.batches);
    scene_pass(scene, 1001);
    scene_settle(scene);
    hub_stats(scene->hub, &after);
    assert_int_equal(after.batches, before.batches + 1);
}

static void
a_refused_array_does_not_move_the_camera(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    struct conn *bob = conn_join_quietly(scene, "s");

    assert_string_equal(scene_post(scene, "s", NULL, "[" CAMERA "," CREATE("a") "]", 5),
                        "object_exists");
    conn_expect_nothing(bob);
    struct conn *alice = conn_open_path(scene, "s");

    scene_settle(scene);
    assert_false(message_has(conn_skip_to(alice, "session_snapshot"), "data.camera"));
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
a_camera_event_is_small(void **state)
{
    struct scene *scene = *state;
    char filler[5001];

    memset(filler, '1', 5000);
    filler[5000] = '\0';
    begin(scene);
    assert_string_equal(
        scene_post(scene, "s", NULL,
                   "{\"type\":\"camera_moved\",\"data\":{\"position\":\"%s\",\"target\":0}}",
                   filler),
        "too_large");
    assert_string_equal(
        scene_post(scene, "s", NULL,
                   "{\"type\":\"camera_orbit_started\",\"data\":{\"center\":\"%s\",\"radius\":0}}",
                   filler),
        "too_large");
}

/* --- presence --- */

static void
presence_goes_out_at_most_every_100_ms_and_the_newest_counts(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    for (int n = 1; n <= 5; n++) {
        conn_send(scene, alice, PRESENCE, n);
        scene_round(scene);
    }
    struct span message = conn_expect(bob, "presence_updated");

    assert_int_equal(message_int(message, "data.presence.n"), 1);
    assert_true(message_is(message, "data.client_id", client_id(alice->client)));
    conn_expect_nothing(bob);
    scene_pass(scene, 100);
    scene_round(scene);
    assert_int_equal(message_int(conn_expect(bob, "presence_updated"), "data.presence.n"), 5);
    conn_expect_nothing(bob);
    conn_expect_nothing(alice);
    scene_pass(scene, 100);
    scene_settle(scene);
    conn_expect_nothing(bob);
    conn_send(scene, alice, PRESENCE, 6); /* due when it hangs up */
    conn_send(scene, alice, PRESENCE, 7);
    conn_close(scene, alice);
    scene_pass(scene, 200);
    scene_settle(scene);
    conn_expect(bob, "presence_updated");
    conn_expect_nothing(bob);
    conn_close(scene, bob);
}

static void
each_change_of_presence_waits_for_its_own_time(void **state)
{
    struct scene *scene = *state;
    struct conn *conns[4];

    begin(scene);
    for (int i = 0; i < 4; i++)
        conns[i] = conn_join_quietly(scene, "s");
    for (int i = 0; i < 3; i++) {
        conn_send(scene, conns[i], PRESENCE, 1);
        conn_send(scene, conns[i], PRESENCE, 2);
    }
    scene_round(scene);
    for (int i = 0; i < 3; i++)
        conn_expect(conns[3], "presence_updated");
    conn_close(scene, conns[1]); /* between two who wait as well */
    scene_pass(scene, 100);
    scene_round(scene);
    for (int i = 0; i < 2; i++) {
        struct span message = conn_expect(conns[3], "presence_updated");

        assert_int_equal(message_int(message, "data.presence.n"), 2);
    }
    conn_expect_nothing(conns[3]);
    conn_close(scene, conns[0]);
    conn_close(scene, conns[2]);
    conn_close(scene, conns[3]);
}

#define BUSY_SESSIONS 120 /* two in each: 6 ms at 40 a ms */

/* A round of news in every session. */
static void
tell_all(struct scene *scene, struct conn **conns)
{
    for (int i = 0; i < BUSY_SESSIONS; i++)
        conn_send(scene, conns[i], "{\"type\":\"presence\",\"data\":{\"n\":1}}");
    scene_round(scene);
}

static void
news_of_presence_waits_longer_when_many_sessions_have_some(void **state)
{
    struct scene *scene = *state;
    struct conn *first[BUSY_SESSIONS], *second[BUSY_SESSIONS];

    for (int i = 0; i < BUSY_SESSIONS; i++) {
        char id[16];

        snprintf(id, sizeof(id), "s%d", i);
        scene_create(scene, id);
        first[i] = conn_join_quietly(scene, id);
        second[i] = conn_join_quietly(scene, id);
    }
    scene_pass(scene, 1000);
    tell_all(scene, first); /* after quiet: at once */
    conn_expect(second[0], "presence_updated");
    tell_all(scene, second);
    scene_pass(scene, 3); /* and a round is 1: 5 since; of two members alone it would be 2 */
    scene_round(scene);
    conn_expect_nothing(first[0]);
    scene_round(scene);
    conn_expect(first[0], "presence_updated");
    for (int i = 0; i < BUSY_SESSIONS; i++) {
        conn_close(scene, first[i]);
        conn_close(scene, second[i]);
    }
}

static void
who_comes_and_goes_is_told_with_how_many_are_in(void **state)
{
    struct scene *scene = *state;

    begin(scene);
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

    begin(scene);
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

static void
what_a_client_says_of_itself_is_told_in_all_its_sessions_and_kept(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    scene_create(scene, "t");
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s"),
                *carol = conn_join_quietly(scene, "t");

    conn_send(scene, alice, "{\"type\":\"join\",\"id\":1,\"data\":{\"session_id\":\"t\"}}");
    conn_send(scene, alice, "{\"type\":\"client_info\",\"data\":{ \"user_agent\" : \"x\" }}");
    scene_settle(scene);
    assert_true(message_is(conn_expect(bob, "client_info"), "data.info.user_agent", "x"));
    assert_true(message_is(conn_expect(carol, "client_info"), "data.info.user_agent", "x"));
    assert_true(span_is(client_info(alice->client), "{\"user_agent\":\"x\"}"));
    struct conn *dave = conn_open_path(scene, "s");

    scene_settle(scene);
    struct span clients = message_get(conn_skip_to(dave, "session_snapshot"), "data.clients"),
                entry;
    struct json_iter iter;
    int told = 0;

    for (json_iter_init(&iter, clients); json_next_element(&iter, &entry);)
        told += message_is(entry, "info.user_agent", "x");
    assert_int_equal(told, 1);
    conn_close(scene, alice);
    conn_close(scene, bob);
    conn_close(scene, carol);
    conn_close(scene, dave);
}

static void
what_a_client_says_of_itself_is_bounded(void **state)
{
    struct scene *scene = *state;
    char filler[5001];

    memset(filler, 'x', 5000);
    filler[5000] = '\0';
    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    conn_send(scene, alice, "{\"type\":\"client_info\",\"id\":1,\"data\":{\"a\":\"%s\"}}", filler);
    conn_send(scene, alice,
              "{\"type\":\"presence\",\"id\":2,\"data\":{\"session_id\":\"s\",\"a\":\"%s\"}}",
              filler);
    conn_send(scene, alice, "{\"type\":\"presence\",\"id\":3,\"data\":{\"session_id\":\"t\"}}");
    scene_settle(scene);
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "too_large"));
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "too_large"));
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "not_joined"));
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
        TEST(who_moves_alone_takes_no_memory),
        TEST(they_are_never_held),
        TEST(who_skips_gets_the_newest_of_each_kind_later),
        TEST(who_joins_gets_the_newest_but_its_own),
        TEST(a_durable_event_on_the_object_ends_its_motion),
        TEST(what_a_sender_moved_is_forgotten_when_it_leaves),
        TEST(rounds_are_paced_under_load),
        TEST(what_moves_must_exist),
        TEST(the_camera_is_shown_to_joiners_and_survives_a_restart),
        TEST(the_camera_is_written_lazily),
        TEST(a_refused_array_does_not_move_the_camera),
        TEST(a_camera_event_is_small),
        TEST(presence_goes_out_at_most_every_100_ms_and_the_newest_counts),
        TEST(each_change_of_presence_waits_for_its_own_time),
        TEST(news_of_presence_waits_longer_when_many_sessions_have_some),
        TEST(who_comes_and_goes_is_told_with_how_many_are_in),
        TEST(who_joins_is_not_told_who_came_and_went_before),
        TEST(what_a_client_says_of_itself_is_told_in_all_its_sessions_and_kept),
        TEST(what_a_client_says_of_itself_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
