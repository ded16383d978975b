/* Turns: nobody has more than 64 messages dealt with in one round of the loop. */
#include "net_fixture.h"

#include "hub/hooks.h"
#include "net/turn.h"

#include <stdio.h>

#define TALK 1000 /* messages of four bytes: the kernel gives some 200 of them at once */

static struct buf
talk(void)
{
    struct buf out = BUF_INIT;
    char text[8];

    for (int i = 0; i < TALK; i++) {
        snprintf(text, sizeof(text), "%04d", i);
        ws_append(&out, 0x81, text, 4);
    }
    return out;
}

/* The most messages from one wait for sockets to the next. */
struct rounds {
    uv_prepare_t prepare;
    const struct hub *hub;
    int heard, most;
};

static void
on_round(uv_prepare_t *prepare)
{
    struct rounds *rounds = prepare->data;
    int heard = rounds->hub->messages - rounds->heard;

    rounds->most = heard > rounds->most ? heard : rounds->most;
    rounds->heard += heard;
}

static void
rounds_begin(struct rounds *rounds, struct fixture *f)
{
    *rounds = (struct rounds){.hub = &f->hub};
    uv_prepare_init(&f->loop, &rounds->prepare);
    rounds->prepare.data = rounds;
    uv_prepare_start(&rounds->prepare, on_round);
}

/* Expects all of the talk as echo, in order, and that it was heard in turns. */
static void
expect_turns(struct rounds *rounds, struct fixture *f, struct peer *peer)
{
    struct buf got = BUF_INIT;
    char text[8];

    for (int i = 0; i < TALK; i++) {
        snprintf(text, sizeof(text), "%04d", i);
        ws_expect(peer, f, 0x81, &got);
        assert_string_equal(buf_cstr(&got), text);
    }
    run_once(f);
    assert_int_equal(rounds->heard, TALK);
    assert_int_equal(rounds->most, 64);
    uv_close((uv_handle_t *)&rounds->prepare, NULL);
    buf_fini(&got);
}

static void
talk_is_heard_in_turns(bool is_with_handshake)
{
    struct fixture f;
    struct rounds rounds;
    struct peer peer;
    struct buf words = talk();

    fixture_init(&f);
    fixture_start(&f);
    rounds_begin(&rounds, &f);
    ws_open_with(&peer, &f, "/ws", "", is_with_handshake ? buf_span(&words) : SPAN_NONE);
    if (!is_with_handshake)
        peer_send(&peer, words.data, words.len);
    expect_turns(&rounds, &f, &peer);
    peer_close(&peer);
    buf_fini(&words);
    fixture_fini(&f);
}

static void
who_talks_waits_for_its_next_turn(void **state)
{
    (void)state;
    talk_is_heard_in_turns(false);
}

/* What came with the handshake is handed over in one piece, however long. */
static void
so_does_who_talks_with_the_handshake(void **state)
{
    (void)state;
    talk_is_heard_in_turns(true);
}

/* The next turn is none for a client that the hub paused meanwhile. */
static void
a_pause_outlasts_the_turn(void **state)
{
    struct fixture f;
    struct rounds rounds;
    struct peer peer;
    struct buf words = talk();
    struct client *client;
    int heard;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    rounds_begin(&rounds, &f);
    ws_open(&peer, &f, "/ws", "");
    client = stub_hub_client(&f.hub);
    peer_send(&peer, words.data, words.len);
    RUN_UNTIL(&f, f.hub.messages > 0);
    net_port()->pause_reading(client->conn, true);
    heard = f.hub.messages;
    for (int i = 0; i < 20; i++)
        run_once(&f);
    assert_int_equal(f.hub.messages, heard);
    net_port()->pause_reading(client->conn, false);
    expect_turns(&rounds, &f, &peer);
    peer_close(&peer);
    buf_fini(&words);
    fixture_fini(&f);
}

/* It is closed at its last message of a turn, and what it sent behind ends it in the same round:
 * nothing of it is left to be read again. */
static void
who_ends_has_no_next_turn(void **state)
{
    struct fixture f;
    struct peer peer;
    struct buf words = BUF_INIT;

    (void)state;
    fixture_init(&f);
    f.hub.closes_at = TURN_MESSAGES_MAX;
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    for (int i = 0; i < TURN_MESSAGES_MAX; i++)
        ws_append(&words, 0x81, "word", 4);
    ws_append(&words, 0x88, "\x03\xe8", 2);
    peer_send(&peer, words.data, words.len);
    RUN_UNTIL(&f, f.hub.disconnected == 1);
    run_once(&f);
    assert_int_equal(f.hub.messages, TURN_MESSAGES_MAX);
    peer_close(&peer);
    buf_fini(&words);
    fixture_fini(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_talks_waits_for_its_next_turn),
        cmocka_unit_test(so_does_who_talks_with_the_handshake),
        cmocka_unit_test(a_pause_outlasts_the_turn),
        cmocka_unit_test(who_ends_has_no_next_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
