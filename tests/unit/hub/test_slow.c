/*
 * Slow, stalled and dead clients. The fixture asserts throughout that nothing is written to a
 * connection that is blocked or closed.
 */
#include "conn.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>

#define UPDATE "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"a\",\"x\":%d}}}"
#define CREATE                                                                                     \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"a\",\"type\":\"cube\"}}}"
#define JOIN "{\"type\":\"join\",\"id\":1,\"data\":{\"session_id\":\"s\"}}"

/* A session with one object, at seq 2. */
static void
begin(struct scene *scene)
{
    scene_create(scene, "s");
    assert_string_equal(scene_post(scene, "s", NULL, CREATE), "");
}

static void
update(struct scene *scene, int count)
{
    for (int i = 0; i < count; i++)
        assert_string_equal(scene_post(scene, "s", NULL, UPDATE, i), "");
}

/* All in one request: one batch. */
static void
update_at_once(struct scene *scene, int count, size_t filler)
{
    struct buf array = BUF_INIT;
    char *fill = calloc(1, filler + 1);

    memset(fill, 'x', filler);
    for (int i = 0; i < count; i++) {
        buf_append_str(&array, i ? "," : "[");
        buf_appendf(&array,
                    "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"a\",\"x\":%d,"
                    "\"f\":\"%s\"}}}",
                    i, fill);
    }
    buf_append_char(&array, ']');
    assert_string_equal(scene_post(scene, "s", NULL, "%s", buf_cstr(&array)), "");
    buf_fini(&array);
    free(fill);
}

static void
expect_updates(struct conn *conn, int64_t first, int64_t last)
{
    for (int64_t seq = first; seq <= last; seq++)
        conn_expect_seq(conn, "object_updated", seq);
}

static int64_t
slow_cut(struct scene *scene)
{
    struct hub_stats stats;

    hub_stats(scene->hub, &stats);
    return stats.slow_cut;
}

/* --- behind --- */

static void
a_blocked_client_gets_the_rest_in_order_when_it_can(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    alice->block_after_write = true;
    update(scene, 1);
    expect_updates(alice, 3, 3);
    update(scene, 100);
    conn_expect_nothing(alice);
    conn_unblock(scene, alice); /* one write only: it blocks itself again */
    scene_settle(scene);
    conn_expect_seq(alice, "object_updated", 4);
    alice->block_after_write = false;
    conn_unblock(scene, alice);
    expect_updates(alice, 5, 103);
    conn_expect_nothing(alice);
    assert_int_equal(alice->close_code, 0);
    conn_close(scene, alice);
}

static void
who_is_more_than_256_behind_is_cut_at_the_next_append_and_nobody_else_notices(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    alice->block_after_write = true;
    update(scene, 1); /* waits below: that counts, too */
    update(scene, 256);
    assert_int_equal(alice->close_code, 0);
    update(scene, 1);
    assert_int_equal(alice->close_code, 4008);
    assert_int_equal(slow_cut(scene), 1);
    update(scene, 5);
    expect_updates(bob, 3, 265);
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

    begin(scene);
    scene_create(scene, "t");
    scene_post(scene, "t", NULL, CREATE);
    struct conn *alice = conn_join_quietly(scene, "s");

    conn_send(scene, alice, "{\"type\":\"join\",\"id\":1,\"data\":{\"session_id\":\"t\"}}");
    scene_settle(scene);
    alice->block_after_write = true;
    update(scene, 129);
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

    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    alice->block_after_write = true;
    update_at_once(scene, 300, 10);
    assert_int_equal(alice->close_code, 0);
    alice->block_after_write = false;
    conn_unblock(scene, alice);
    scene_settle(scene);
    update_at_once(scene, 300, 10);
    expect_updates(alice, 3, 602);
    expect_updates(bob, 3, 602);
    assert_int_equal(slow_cut(scene), 0);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
bytes_are_bounded_too(void **state)
{
    struct scene *scene = *state;

    scene->options.limits.queue_bytes = 100000;
    scene_restart(scene);
    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    alice->block_after_write = true;
    update(scene, 1);
    update_at_once(scene, 5, 30000); /* 150 KB, but nothing before them */
    assert_int_equal(alice->close_code, 0);
    update(scene, 1);
    assert_int_equal(alice->close_code, 4008);
    expect_updates(bob, 3, 9);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

/* --- catching up --- */

static void
who_is_catching_up_is_not_cut_for_the_messages_it_has_to_get(void **state)
{
    struct scene *scene = *state;
    char epoch[24];

    begin(scene);
    update_at_once(scene, 900, 10);
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
        update(scene, 1);
        conn_unblock(scene, alice);
        scene_settle(scene);
    }
    assert_int_equal(alice->close_code, 0);
    alice->block_after_write = false;
    conn_unblock(scene, alice);
    scene_settle(scene);
    conn_expect(alice, "session_resumed");
    expect_updates(alice, 3, 942);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

/* --- stalled --- */

static void
who_takes_no_byte_for_ten_seconds_is_cut(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    alice->block_after_write = true;
    update(scene, 1);
    scene_pass(scene, 9000);
    hub_tick(scene->hub);
    assert_int_equal(alice->close_code, 0);
    update(scene, 1);
    conn_unblock(scene, alice); /* it took something: blocked anew since now */
    scene_pass(scene, 9000);
    hub_tick(scene->hub);
    assert_int_equal(alice->close_code, 0);
    scene_pass(scene, 1001);
    hub_tick(scene->hub);
    assert_int_equal(alice->close_code, 4008);
    hub_tick(scene->hub);
    assert_int_equal(slow_cut(scene), 1);
    conn_close(scene, alice);
}

static void
who_stalls_in_its_snapshot_is_cut(void **state)
{
    struct scene *scene = *state;

    begin(scene);
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

    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    scene_pass(scene, 100000);
    hub_tick(scene->hub);
    assert_int_equal(alice->close_code, 0);
    update(scene, 1);
    expect_updates(alice, 3, 3);
    conn_close(scene, alice);
}

/* Blocked by something else than an event: a pong that the layer below could not send at once. */
static void
a_connection_that_is_blocked_by_something_else_goes_on_when_it_can(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    alice->is_blocked = true;
    update(scene, 3);
    conn_send(scene, alice, "{\"type\":\"leave\",\"id\":1,\"data\":{\"session_id\":\"t\"}}");
    scene_settle(scene);
    conn_expect_nothing(alice);
    conn_unblock(scene, alice);
    conn_expect(alice, "error");
    expect_updates(alice, 3, 5);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

/* --- the private buffer --- */

static void
answers_that_are_not_read_are_bounded(void **state)
{
    struct scene *scene = *state;

    begin(scene);
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

/* --- closed and dead --- */

static void
who_was_cut_is_not_listened_to(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    alice->block_after_write = true;
    update(scene, 1);
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
    update(scene, 1);
    conn_expect_seq(bob, "object_updated", 4);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
a_connection_that_dies_while_it_is_written_to_disturbs_nobody(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    update_at_once(scene, 300, 10);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s"),
                *carol = conn_greet(scene);

    carol->is_dead = true; /* amid its snapshot */
    conn_send(scene, carol, JOIN);
    alice->is_dead = true; /* amid the ring */
    update(scene, 3);
    conn_send(scene, alice, "nonsense");
    scene_settle(scene);
    expect_updates(bob, 303, 305);
    conn_close(scene, alice);
    conn_close(scene, carol);
    update(scene, 1);
    expect_updates(bob, 306, 306);
    conn_expect_nothing(bob);
    assert_int_equal(slow_cut(scene), 0);
    conn_close(scene, bob);
}

/* --- the end of a session --- */

static void
who_is_behind_when_a_session_is_deleted_is_told_so_all_the_same(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    alice->block_after_write = true;
    update(scene, 2);
    assert_string_equal(scene_post(scene, "s", NULL, "{\"type\":\"session_deleted\"}"), "");
    alice->block_after_write = false;
    conn_unblock(scene, alice);
    scene_settle(scene);
    conn_expect_seq(alice, "object_updated", 3);
    conn_skip_to(alice, "session_deleted");
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

/* --- stopping --- */

static void
everybody_is_told_goodbye_and_closed(void **state)
{
    struct scene *scene = *state;

    begin(scene);
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

/* --- pressure --- */

static void
too_much_that_is_not_on_disk_pauses_senders_then_refuses(void **state)
{
    struct scene *scene = *state;
    char filler[3001];

    memset(filler, 'x', 3000);
    filler[3000] = '\0';
    scene->options.limits.pending_bytes = 10000;
    scene_restart(scene);
    begin(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    scene->is_store_held = 1;
    for (int id = 1; id <= 3; id++) {
        assert_false(alice->is_paused);
        conn_send(
            scene, alice,
            "{\"type\":\"object_updated\",\"id\":%d,\"data\":{\"session_id\":\"s\",\"object\":{"
            "\"name\":\"a\",\"f\":\"%s\"}}}",
            id, filler);
    }
    assert_true(alice->is_paused);
    conn_send(scene, alice,
              "{\"type\":\"object_updated\",\"id\":4,\"data\":{\"session_id\":\"s\",\"object\":{"
              "\"name\":\"a\",\"f\":\"%s\"}}}",
              filler);
    scene->is_store_held = 0;
    scene_settle(scene);
    struct span error = conn_expect(alice, "error");

    assert_int_equal(message_int(error, "data.id"), 4);
    assert_true(message_is(error, "data.code", "busy"));
    assert_true(message_int(error, "data.retry_after_ms") > 0);
    expect_updates(alice, 3, 5);
    assert_false(alice->is_paused);
    conn_close(scene, alice);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_blocked_client_gets_the_rest_in_order_when_it_can),
        TEST(who_is_more_than_256_behind_is_cut_at_the_next_append_and_nobody_else_notices),
        TEST(messages_count_over_all_sessions),
        TEST(one_large_batch_cuts_nobody),
        TEST(bytes_are_bounded_too),
        TEST(who_is_catching_up_is_not_cut_for_the_messages_it_has_to_get),
        TEST(who_takes_no_byte_for_ten_seconds_is_cut),
        TEST(who_stalls_in_its_snapshot_is_cut),
        TEST(who_has_nothing_to_get_never_stalls),
        TEST(a_connection_that_is_blocked_by_something_else_goes_on_when_it_can),
        TEST(answers_that_are_not_read_are_bounded),
        TEST(who_was_cut_is_not_listened_to),
        TEST(a_connection_that_dies_while_it_is_written_to_disturbs_nobody),
        TEST(who_is_behind_when_a_session_is_deleted_is_told_so_all_the_same),
        TEST(everybody_is_told_goodbye_and_closed),
        TEST(too_much_that_is_not_on_disk_pauses_senders_then_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
