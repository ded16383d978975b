/* WebSocket over real sockets: handshake, messages, limits, closing, a blocked peer. */
#include "net_fixture.h"

#include <stdio.h>
#include <sys/socket.h>

#define H "Host: 127.0.0.1\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define UP "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define V13 "Sec-WebSocket-Version: 13\r\n"

static void
text_is_echoed_through_the_port(void **state)
{
    struct fixture f;
    struct peer peer;
    struct buf got = BUF_INIT;

    (void)state;
    fixture_init(&f);
    f.hub.welcome = "welcome";
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    ws_expect(&peer, &f, 0x81, &got);
    assert_string_equal(buf_cstr(&got), "welcome");
    assert_string_equal(stub_hub_client(&f.hub)->session, "");
    assert_string_equal(stub_hub_client(&f.hub)->address, "127.0.0.1");
    ws_send(&peer, 0x81, "hello", 5);
    ws_expect(&peer, &f, 0x81, &got);
    assert_string_equal(buf_cstr(&got), "hello");
    ws_send(&peer, 0x81, "", 0);
    ws_expect(&peer, &f, 0x81, &got);
    assert_int_equal(got.len, 0);
    ws_send(&peer, 0x82, "abc", 3);
    RUN_UNTIL(&f, f.hub.binaries == 1);
    ws_send(&peer, 0x89, "ping", 4);
    ws_expect(&peer, &f, 0x8a, &got);
    assert_string_equal(buf_cstr(&got), "ping");
    peer_close(&peer);
    RUN_UNTIL(&f, net_connection_count(f.net) == 0);
    buf_fini(&got);
    fixture_fini(&f);
}

static const struct {
    const char *bytes;
    int status;
    const char *has;
} handshakes[] = {
    {"GET /ws HTTP/1.1\r\n" H UP V13 KEY "\r\n", 101, "Sec-WebSocket-Accept"},
    {"GET /ws/demo HTTP/1.1\r\n" H UP V13 KEY "\r\n", 101, NULL},
    {"GET /ws?x=y HTTP/1.1\r\n" H UP V13 KEY "\r\n", 101, NULL},
    {"GET /ws HTTP/1.1\r\n" H "upgrade: WebSocket\r\nconnection: keep-alive, UPGRADE\r\n" V13 KEY
     "\r\n",
     101, NULL},
    {"GET /ws HTTP/1.1\r\n" H UP V13 KEY "Sec-WebSocket-Protocol: hd1.v1\r\n\r\n", 101,
     "Sec-WebSocket-Protocol: hd1.v1\r\n"},
    {"GET /ws HTTP/1.1\r\n" H UP V13 KEY "Sec-WebSocket-Protocol: x, hd1.v1, hd1.jwt.abc\r\n\r\n",
     101, "Sec-WebSocket-Protocol: hd1.v1\r\n"},
    {"GET /ws HTTP/1.1\r\n" H UP V13 KEY "Origin: http://127.0.0.1\r\n\r\n", 101, NULL},
    {"GET /ws HTTP/1.1\r\n" H UP V13 KEY
     "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n",
     101, NULL},
    {"GET /ws HTTP/1.1\r\n" H UP V13 KEY "Sec-WebSocket-Protocol: other\r\n\r\n", 400, NULL},
    {"GET /ws HTTP/1.1\r\n" H UP V13 KEY "Sec-WebSocket-Protocol:\r\n\r\n", 400, NULL},
    {"GET /ws HTTP/1.1\r\n" H UP V13 KEY "Origin: http://evil.example.org\r\n\r\n", 403, NULL},
    {"GET /ws HTTP/1.1\r\nHost: evil.example.org\r\n" UP V13 KEY "\r\n", 403, NULL},
    {"GET /ws HTTP/1.1\r\n" UP V13 KEY "\r\n", 400, NULL},
    {"GET /ws/ HTTP/1.1\r\n" H UP V13 KEY "\r\n", 400, NULL},
    {"GET /ws/x HTTP/1.1\r\n" H UP V13 KEY "\r\n", 101, NULL},
    {"GET /ws/x/ HTTP/1.1\r\n" H UP V13 KEY "\r\n", 404, NULL},
    {"GET /ws/x/echo HTTP/1.1\r\n" H UP V13 KEY "\r\n", 404, NULL},
    {"GET /ws/a/b HTTP/1.1\r\n" H UP V13 KEY "\r\n", 400, NULL},
    {"GET /ws/a%20b HTTP/1.1\r\n" H UP V13 KEY "\r\n", 400, NULL},
    {"GET / HTTP/1.1\r\n" H UP V13 KEY "\r\n", 404, NULL},
    {"GET /wsx HTTP/1.1\r\n" H UP V13 KEY "\r\n", 404, NULL},
    {"GET /ws HTTP/1.1\r\n" H UP V13 "\r\n", 400, NULL},
    {"GET /ws HTTP/1.1\r\n" H UP V13 "Sec-WebSocket-Key: short\r\n\r\n", 400, NULL},
    {"GET /ws HTTP/1.1\r\n" H UP V13 KEY KEY "\r\n", 400, NULL},
    {"GET /ws HTTP/1.1\r\n" H UP KEY "\r\n", 400, "sec-websocket-version: 13\r\n"},
    {"GET /ws HTTP/1.1\r\n" H UP "Sec-WebSocket-Version: 8\r\n" KEY "\r\n", 400,
     "sec-websocket-version: 13\r\n"},
    {"GET /ws HTTP/1.1\r\n" H "Upgrade: websocket\r\n" V13 KEY "\r\n", 400, NULL},
    {"GET /ws HTTP/1.1\r\n" H "Upgrade: websocket\r\nUpgrade: x\r\nConnection: Upgrade\r\n" V13 KEY
     "\r\n",
     400, NULL},
    {"GET /ws HTTP/1.0\r\n" H UP V13 KEY "\r\n", 400, NULL},
    {"POST /ws HTTP/1.1\r\n" H UP V13 KEY "Content-Length: 0\r\n\r\n", 400, NULL},
    {"GET /ws HTTP/1.1\r\n" H UP V13 KEY "Content-Length: 2\r\n\r\n{}", 400, "connection: close"},
};

static void
handshakes_are_checked(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    for (size_t i = 0; i < sizeof(handshakes) / sizeof(handshakes[0]); i++) {
        struct peer peer;
        char status[32];

        snprintf(status, sizeof(status), "HTTP/1.1 %d ", handshakes[i].status);
        peer_open(&peer, &f);
        peer_say(&peer, handshakes[i].bytes);
        RUN_UNTIL(&f, peer_has(&peer, "\r\n\r\n"));
        /* a header is one only before the empty line */
        if (!peer_has(&peer, status) ||
            (handshakes[i].has &&
             (!peer_has(&peer, handshakes[i].has) || strstr(buf_cstr(&peer.in), handshakes[i].has) >
                                                         strstr(buf_cstr(&peer.in), "\r\n\r\n"))) ||
            peer_has(&peer, "permessage-deflate"))
            fail_msg("case %zu: %s\n->\n%s", i, handshakes[i].bytes, buf_cstr(&peer.in));
        peer_close(&peer);
        RUN_UNTIL(&f, net_connection_count(f.net) == 0);
    }
    fixture_fini(&f);
}

/* libwebsockets 4.1.6 reads freed headers on an unknown Upgrade after a keep-alive request. */
static void
another_upgrade_on_a_kept_connection_harms_nobody(void **state)
{
    struct fixture f;
    struct peer peer;
    struct buf got = BUF_INIT;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    peer_open(&peer, &f);
    for (int i = 0; i < 3; i++) {
        peer_say(&peer, "GET /x HTTP/1.1\r\n" H "\r\n");
        RUN_UNTIL(&f, peer_has(&peer, "path=/x"));
        peer_forget(&peer);
        peer_say(&peer, "GET /ws HTTP/1.1\r\n" H "Upgrade: foobar\r\nConnection: Upgrade\r\n\r\n");
        RUN_UNTIL(&f, peer_has(&peer, "HTTP/1.1 400 "));
        peer_forget(&peer);
    }
    /* ... and the connection may still become a WebSocket. */
    peer_say(&peer, "GET /ws HTTP/1.1\r\n" H UP V13 KEY "\r\n");
    RUN_UNTIL(&f, peer_has(&peer, "HTTP/1.1 101 ") && peer_has(&peer, "\r\n\r\n"));
    peer_forget(&peer);
    ws_send(&peer, 0x81, "hi", 2);
    ws_expect(&peer, &f, 0x81, &got);
    assert_string_equal(buf_cstr(&got), "hi");
    buf_fini(&got);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
frames_may_come_with_the_handshake(void **state)
{
    struct fixture f;
    struct peer peer;
    struct buf got = BUF_INIT;
    struct buf frame = BUF_INIT;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    peer_open(&peer, &f);
    buf_append_str(&frame, "GET /ws/demo HTTP/1.1\r\n" H UP V13 KEY "\r\n");
    buf_append(&frame, "\x81\x83\0\0\0\0abc\x81\x82\0\0\0\0de", 17);
    peer_send(&peer, frame.data, frame.len);
    RUN_UNTIL(&f, f.hub.messages == 2);
    RUN_UNTIL(&f, peer_has(&peer, "\x81\x03"
                                  "abc\x81\x02"
                                  "de"));
    ws_send(&peer, 0x81, "more", 4);
    RUN_UNTIL(&f, f.hub.messages == 3);
    buf_fini(&got);
    buf_fini(&frame);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
messages_are_put_together(void **state)
{
    struct fixture f;
    struct peer peer;
    struct buf got = BUF_INIT;
    static char text[60000];

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    /* fragments, with a ping between and a character cut in two */
    ws_send(&peer, 0x01, "a\xc3", 2);
    ws_send(&peer, 0x89, "p", 1);
    ws_expect(&peer, &f, 0x8a, &got);
    ws_send(&peer, 0x00,
            "\xa9"
            "b",
            2);
    ws_send(&peer, 0x80, "", 0);
    ws_expect(&peer, &f, 0x81, &got);
    assert_string_equal(buf_cstr(&got), "a\xc3\xa9"
                                        "b");
    assert_int_equal(f.hub.messages, 1);
    /* longer than libwebsockets' buffer */
    memset(text, 't', sizeof(text));
    ws_send(&peer, 0x81, text, sizeof(text));
    ws_expect(&peer, &f, 0x81, &got);
    assert_int_equal(got.len, sizeof(text));
    assert_memory_equal(got.data, text, sizeof(text));
    /* several in one segment */
    for (int i = 0; i < 50; i++)
        ws_send(&peer, 0x81, "0123456789", 10);
    RUN_UNTIL(&f, f.hub.messages == 52);
    buf_fini(&got);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
a_message_too_long_closes_with_1009(void **state)
{
    static char text[70000];
    struct fixture f;
    struct peer peer;

    (void)state;
    memset(text, 't', sizeof(text));
    fixture_init(&f);
    f.options.message_bytes = 1000;
    fixture_start(&f);
    /* in one frame, told by its length alone */
    ws_open(&peer, &f, "/ws", "");
    ws_send(&peer, 0x81, text, sizeof(text));
    ws_expect_close(&peer, &f, 1009);
    peer_close(&peer);
    /* in fragments */
    ws_open(&peer, &f, "/ws", "");
    for (int i = 0; i < 11; i++)
        ws_send(&peer, i == 0 ? 0x01 : 0x00, text, 100);
    ws_expect_close(&peer, &f, 1009);
    peer_close(&peer);
    assert_int_equal(f.hub.messages, 0);
    /* exactly the limit */
    ws_open(&peer, &f, "/ws", "");
    ws_send(&peer, 0x81, text, 1000);
    RUN_UNTIL(&f, f.hub.messages == 1);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
violations_close_with_their_code(void **state)
{
    static const struct {
        int first;
        const char *payload;
        size_t len;
        int code;
    } cases[] = {
        {0x81, "\xff", 1, 1007},     {0x81, "\xc3", 1, 1007}, {0x81, "\xed\xa0\x80", 3, 1007},
        {0x81, "\xc0\x80", 2, 1007}, {0x83, "x", 1, 1002}, /* reserved opcode */
        {0xc1, "x", 1, 1002},                              /* reserved bit */
        {0x80, "x", 1, 1002},                              /* continues nothing */
        {0x09, "x", 1, 1002},                              /* fragmented ping */
    };
    struct fixture f;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct peer peer;

        ws_open(&peer, &f, "/ws", "");
        ws_send(&peer, cases[i].first, cases[i].payload, cases[i].len);
        ws_expect_close(&peer, &f, cases[i].code);
        assert_int_equal(stub_hub_send(stub_hub_client(&f.hub), "x", 1) < 0, true);
        ws_send(&peer, 0x88, "\x03\xe8", 2);
        RUN_UNTIL(&f, peer_is_at_end(&peer));
        assert_int_equal(peer.in.len, 0);
        peer_close(&peer);
    }
    assert_int_equal(f.hub.messages, 0);
    RUN_UNTIL(&f, f.hub.disconnected == f.hub.connected);
    fixture_fini(&f);
}

static void
a_peers_close_is_answered(void **state)
{
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    ws_send(&peer, 0x88, "\x03\xe8", 2);
    ws_expect_close(&peer, &f, 1000);
    RUN_UNTIL(&f, peer_is_at_end(&peer));
    RUN_UNTIL(&f, f.hub.disconnected == 1);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
our_close_comes_behind_what_was_written(void **state)
{
    struct fixture f;
    struct peer peer;
    struct client *client;
    struct buf got = BUF_INIT;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    client = stub_hub_client(&f.hub);
    net_stop_reading(f.net); /* its answer is read all the same */
    assert_int_equal(stub_hub_send(client, "bye", 3), 0);
    net_port()->close(client->conn, 4008, "slow");
    assert_true(stub_hub_send(client, "x", 1) < 0);
    net_port()->close(client->conn, 1000, "twice");
    ws_expect(&peer, &f, 0x81, &got);
    ws_expect(&peer, &f, 0x88, &got);
    assert_int_equal(got.len, 6);
    assert_memory_equal(got.data, "\x0f\xa8slow", 6);
    assert_int_equal(f.hub.disconnected, 0);
    ws_send(&peer, 0x88, "\x0f\xa8", 2);
    RUN_UNTIL(&f, peer_is_at_end(&peer));
    RUN_UNTIL(&f, f.hub.disconnected == 1);
    assert_int_equal(peer.in.len, 0);
    buf_fini(&got);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
who_does_not_answer_our_close_is_hung_up_on(void **state)
{
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    f.options.read_timeout_s = f.options.write_timeout_s = 600; /* it is not for these */
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    net_port()->close(stub_hub_client(&f.hub)->conn, 1001, NULL);
    ws_expect_close(&peer, &f, 1001);
    RUN_UNTIL(&f, peer_is_at_end(&peer));
    RUN_UNTIL(&f, f.hub.disconnected == 1);
    peer_close(&peer);
    fixture_fini(&f);
}

/* Frames stay whole and in order while the kernel takes them piece by piece. */
static void
a_blocked_peer_gets_all_in_order(void **state)
{
    struct fixture f;
    struct peer peer;
    struct client *client;
    struct buf got = BUF_INIT;
    static char text[50000];
    int sent = 0;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    client = stub_hub_client(&f.hub);
    while (!net_port()->is_blocked(client->conn)) {
        memset(text, 'a' + sent % 26, sizeof(text));
        bool waits = stub_hub_send(client, text, sizeof(text)) > 0;

        assert_int_equal(net_port()->is_blocked(client->conn), waits);
        sent++;
    }
    assert_in_range(sent, 2, 1000);
    net_port()->want_writable(client->conn);
    for (int i = 0; i < 20; i++)
        run_once(&f);
    assert_int_equal(f.hub.writables, 0);
    /* What a client says meanwhile is heard. */
    f.hub.is_silent = true;
    ws_send(&peer, 0x81, "hello", 5);
    RUN_UNTIL(&f, f.hub.messages == 1);
    for (int i = 0; i < sent; i++) {
        ws_expect(&peer, &f, 0x81, &got);
        assert_int_equal(got.len, sizeof(text));
        assert_int_equal(got.data[0], 'a' + i % 26);
        assert_int_equal(got.data[sizeof(text) - 1], 'a' + i % 26);
    }
    RUN_UNTIL(&f, f.hub.writables == 1);
    assert_false(net_port()->is_blocked(client->conn));
    buf_fini(&got);
    peer_close(&peer);
    fixture_fini(&f);
}

/* Ten peers, one of them without room for more, one of them gone; three times three frames each. */
static void
many_are_written_at_once(bool is_io_uring_used)
{
    enum { PEERS = 10, FULL = 3, GONE = 7, ROUNDS = 3 };
    static char big[50000];
    struct fixture f;
    struct peer peers[PEERS];
    struct hub_write writes[PEERS];
    struct client *clients[PEERS];
    struct buf got = BUF_INIT;
    int filled = 0;

    fixture_init(&f);
    f.options.is_io_uring_used = is_io_uring_used;
    fixture_start(&f);
    for (int i = 0; i < PEERS; i++) {
        ws_open(&peers[i], &f, "/ws", "");
        clients[i] = stub_hub_client(&f.hub);
    }
    while (stub_hub_send(clients[FULL], big, sizeof(big)) == 0)
        filled++;
    peer_reset(&peers[GONE]);
    while (stub_hub_send(clients[GONE], "x", 1) == 0) {
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < PEERS; i++)
            writes[i] = (struct hub_write){.conn = clients[i]->conn, .bytes = SPAN("\x81\x02hi")};
        net_port()->write_many(writes, PEERS);
        for (int i = 0; i < PEERS; i++)
            if (i == GONE)
                assert_true(writes[i].result < 0);
            else
                assert_int_equal(writes[i].result, i == FULL);
    }
    for (int i = 0; i <= filled; i++) {
        ws_expect(&peers[FULL], &f, 0x81, &got);
        assert_int_equal(got.len, sizeof(big));
    }
    for (int i = 0; i < PEERS; i++) {
        for (int round = 0; i != GONE && round < ROUNDS; round++) {
            ws_expect(&peers[i], &f, 0x81, &got);
            assert_true(span_is(buf_span(&got), "hi"));
        }
    }
    RUN_UNTIL(&f, f.hub.disconnected == 1);
    for (int i = 0; i < PEERS; i++)
        if (i != GONE)
            peer_close(&peers[i]);
    buf_fini(&got);
    fixture_fini(&f);
}

static void
many_are_written_by_one_call(void **state)
{
    (void)state;
    many_are_written_at_once(true);
}

static void
many_are_written_without_io_uring(void **state)
{
    (void)state;
    many_are_written_at_once(false);
}

static void
reading_may_be_paused(void **state)
{
    struct fixture f;
    struct peer peer;
    struct client *client;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    client = stub_hub_client(&f.hub);
    net_port()->pause_reading(client->conn, true);
    ws_send(&peer, 0x81, "one", 3);
    ws_send(&peer, 0x81, "two", 3);
    for (int i = 0; i < 20; i++)
        run_once(&f);
    assert_int_equal(f.hub.messages, 0);
    assert_int_equal(stub_hub_send(client, "out", 3), 0);
    RUN_UNTIL(&f, peer_has(&peer, "out"));
    net_port()->pause_reading(client->conn, false);
    RUN_UNTIL(&f, f.hub.messages == 2);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
a_peer_that_vanishes_is_noticed_when_written_to(void **state)
{
    struct fixture f;
    struct peer peer;
    struct client *client;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    client = stub_hub_client(&f.hub);
    peer_reset(&peer);
    /* Not a round in between: the port finds out, and the hub is told only afterwards. */
    while (stub_hub_send(client, "x", 1) == 0) {
    }
    assert_int_equal(f.hub.disconnected, 0);
    assert_true(stub_hub_send(client, "x", 1) < 0);
    net_port()->close(client->conn, 1000, NULL);
    net_port()->want_writable(client->conn);
    RUN_UNTIL(&f, f.hub.disconnected == 1);
    RUN_UNTIL(&f, net_connection_count(f.net) == 0);
    fixture_fini(&f);
}

static void
the_network_may_go_while_all_is_busy(void **state)
{
    struct fixture f;
    struct peer open, blocked, closing, half;
    static char text[60000];

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    ws_open(&open, &f, "/ws", "");
    ws_open(&blocked, &f, "/ws", "");
    while (!net_port()->is_blocked(stub_hub_client(&f.hub)->conn))
        stub_hub_send(stub_hub_client(&f.hub), text, sizeof(text));
    ws_open(&closing, &f, "/ws", "");
    net_port()->close(stub_hub_client(&f.hub)->conn, 1001, NULL);
    ws_open(&half, &f, "/ws", "");
    ws_send(&half, 0x01, "abc", 3);
    run_once(&f);
    fixture_fini(&f);
    peer_close(&open);
    peer_close(&blocked);
    peer_close(&closing);
    peer_close(&half);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_echoed_through_the_port),
        cmocka_unit_test(handshakes_are_checked),
        cmocka_unit_test(another_upgrade_on_a_kept_connection_harms_nobody),
        cmocka_unit_test(frames_may_come_with_the_handshake),
        cmocka_unit_test(messages_are_put_together),
        cmocka_unit_test(a_message_too_long_closes_with_1009),
        cmocka_unit_test(violations_close_with_their_code),
        cmocka_unit_test(a_peers_close_is_answered),
        cmocka_unit_test(our_close_comes_behind_what_was_written),
        cmocka_unit_test(who_does_not_answer_our_close_is_hung_up_on),
        cmocka_unit_test(a_blocked_peer_gets_all_in_order),
        cmocka_unit_test(many_are_written_by_one_call),
        cmocka_unit_test(many_are_written_without_io_uring),
        cmocka_unit_test(reading_may_be_paused),
        cmocka_unit_test(a_peer_that_vanishes_is_noticed_when_written_to),
        cmocka_unit_test(the_network_may_go_while_all_is_busy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
