/*
 * A disk that does not keep up, or stops: what is not on it yet is bounded (invariant 6), senders
 * are not read from, then refused; nothing else waits, nothing is lost, and it ends by itself.
 */
#include "conn.h"
#include "message.h"
#include "rest.h"
#include "scene.h"
#include "updating.h"

#include <stdio.h>
#include <stdlib.h>

#define PENDING_BYTES 20000
#define FILLER 900
#define COMMIT_MS 50
#define STOP_MS 5000
#define ARRAY_EVENTS 8

#define MOVE "{\"type\":\"object_moved\",\"data\":{\"session_id\":\"s\",\"name\":\"a\",\"x\":%d}}"

struct load {
    struct scene *scene;
    struct conn *writer, *mover, *watcher;
    int sent, refused, accepted; /* of the writer */
    int moves, moves_seen;
    int64_t seq; /* that the watcher has seen */
};

/* --- what comes --- */

static void
take_watcher(struct load *load)
{
    struct span message;

    while ((message = conn_next(load->watcher)).at)
        if (message_is(message, "type", "object_moved"))
            assert_int_equal(message_int(message, "data.x"), ++load->moves_seen);
        else if (message_has(message, "seq"))
            assert_int_equal(message_int(message, "seq"), ++load->seq);
}

static void
take_writer(struct load *load)
{
    struct span message;

    while ((message = conn_next(load->writer)).at) {
        if (message_is(message, "type", "error")) {
            assert_int_equal(message_int(message, "data.status"), 503);
            assert_true(message_is(message, "data.code", "busy"));
            assert_true(message_int(message, "data.retry_after_ms") > 0);
            load->refused++;
        } else if (message_has(message, "seq")) {
            load->accepted += message_has(message, "id");
        }
    }
}

static void
expect_bounded(struct load *load)
{
    struct hub_stats stats;

    hub_stats(load->scene->hub, &stats);
    assert_in_range(stats.pending_bytes, 0, PENDING_BYTES);
}

/* --- what goes --- */

static void
append_event(struct buf *out, int id)
{
    char filler[FILLER + 1];

    memset(filler, 'x', FILLER);
    filler[FILLER] = '\0';
    buf_appendf(out, "{\"type\":\"object_updated\",\"data\":{\"session_id\":\"s\",\"object\":{");
    buf_appendf(out, "\"name\":\"a\",\"f\":\"%s\"}}", filler);
    if (id > 0)
        buf_appendf(out, ",\"id\":%d", id);
    buf_append_char(out, '}');
}

/* One that is read from as long as the server wants to. */
static bool
write_one(struct load *load)
{
    struct buf text = BUF_INIT;

    if (load->writer->is_paused)
        return false;
    append_event(&text, ++load->sent);
    conn_send(load->scene, load->writer, "%s", buf_cstr(&text));
    buf_fini(&text);
    expect_bounded(load);
    return true;
}

/* Until it is not read from any more. */
static void
write_until_paused(struct load *load)
{
    for (int i = 0; i < PENDING_BYTES / FILLER && write_one(load); i++) {
    }
    assert_true(load->writer->is_paused);
}

/* The others' life goes on: each move is there at the end of the next rounds. */
static void
move(struct load *load)
{
    assert_false(load->mover->is_paused);
    conn_send(load->scene, load->mover, MOVE, ++load->moves);
    for (int i = 0; i < 10; i++) /* as long as volatile events may be gathered */
        scene_turn(load->scene);
    take_watcher(load);
    assert_int_equal(load->moves_seen, load->moves);
}

/* For which there is no room; whoever asks is told so at once. */
static void
post_array(struct load *load)
{
    struct rest_answer answer = {.is_answered = false};
    struct buf text = BUF_INIT;

    for (int i = 0; i < ARRAY_EVENTS; i++) {
        buf_append_char(&text, i ? ',' : '[');
        append_event(&text, 0);
    }
    buf_append_char(&text, ']');
    rest_send(load->scene, "s", &answer, "%s", buf_cstr(&text));
    assert_true(answer.is_answered);
    assert_string_equal(answer.code, "busy");
    expect_bounded(load);
    hub_disconnect(load->scene->hub, answer.client);
    rest_fini(&answer);
    buf_fini(&text);
}

/* --- the scene --- */

static void
begin(struct load *load, struct scene *scene)
{
    *load = (struct load){.scene = scene, .seq = 2};
    scene->options.limits.pending_bytes = PENDING_BYTES;
    scene_restart(scene);
    scene_create(scene, "s");
    assert_string_equal(scene_post(scene, "s", NULL,
                                   "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":"
                                   "\"a\",\"type\":\"cube\"}}}"),
                        "");
    load->writer = conn_join_quietly(scene, "s");
    load->mover = conn_join_quietly(scene, "s");
    load->watcher = conn_join_quietly(scene, "s");
}

/* Everything is where it belongs: each that was accepted is there once, and all goes on. */
static void
expect_recovery(struct load *load)
{
    scene_settle(load->scene);
    take_writer(load);
    take_watcher(load);
    assert_false(load->writer->is_paused);
    assert_int_equal(load->accepted + load->refused, load->sent);
    assert_true(write_one(load));
    scene_settle(load->scene);
    take_writer(load);
    take_watcher(load);
    assert_int_equal(load->accepted + load->refused, load->sent);
    for (struct conn *conn = load->scene->conns; conn; conn = conn->next)
        assert_int_equal(conn->close_code, 0);
}

static void
end(struct load *load)
{
    conn_close(load->scene, load->writer);
    conn_close(load->scene, load->mover);
    conn_close(load->scene, load->watcher);
}

/* --- tests --- */

static void
a_disk_of_50_ms_per_commit_slows_senders_and_nobody_else(void **state)
{
    struct scene *scene = *state;
    struct load load;
    int64_t seq;

    begin(&load, scene);
    seq = load.seq;
    for (int commit = 0; commit < 40; commit++) {
        scene->is_store_held = 1;
        for (int ms = 0; ms < COMMIT_MS; ms += 10) {
            for (int i = 0; i < 20 && write_one(&load); i++) {
            }
            move(&load);
        }
        scene->is_store_held = 0;
        scene_catch_up(scene);
        scene_turn(scene);
        take_writer(&load);
        expect_bounded(&load);
    }
    expect_recovery(&load);
    assert_int_equal(load.refused, 0); /* who is not read from has nothing refused */
    assert_int_equal(load.seq - seq, load.accepted);
    assert_in_range(load.accepted, 40 * 5, 40 * 25); /* each commit took what there was room for */
    end(&load);
}

static void
a_disk_that_stops_for_5_s_stops_senders_and_nobody_else(void **state)
{
    struct scene *scene = *state;
    struct load load;

    begin(&load, scene);
    scene->is_store_held = 1;
    write_until_paused(&load);
    for (int ms = 0; ms < STOP_MS; ms += 100) {
        move(&load);
        assert_false(write_one(&load));
        post_array(&load); /* there is room for some of it */
        scene_pass(scene, 100);
        hub_tick(scene->hub);
    }
    assert_int_equal(load.seq, 2); /* nothing durable was seen meanwhile */
    scene->is_store_held = 0;
    expect_recovery(&load);
    assert_int_equal(load.seq, 2 + load.accepted); /* and nothing of the arrays ever */
    end(&load);
}

static void
too_much_that_is_not_on_disk_pauses_senders_then_refuses(void **state)
{
    struct scene *scene = *state;
    char filler[3001];

    memset(filler, 'x', 3000);
    filler[3000] = '\0';
    scene->options.limits.pending_bytes = 10000;
    scene_restart(scene);
    scene_create_one(scene);
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
    conn_expect_updates(alice, 3, 5);
    assert_false(alice->is_paused);
    conn_close(scene, alice);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_disk_of_50_ms_per_commit_slows_senders_and_nobody_else),
        TEST(a_disk_that_stops_for_5_s_stops_senders_and_nobody_else),
        TEST(too_much_that_is_not_on_disk_pauses_senders_then_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
