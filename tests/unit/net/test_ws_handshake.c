/* WebSocket over real sockets: the handshake, and what may come with it or before it. */
#include "net_fixture.h"

#include <stdio.h>
#include <string.h>

#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define UP "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define V13 "Sec-WebSocket-Version: 13\r\n"

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshakes_are_checked),
        cmocka_unit_test(another_upgrade_on_a_kept_connection_harms_nobody),
        cmocka_unit_test(frames_may_come_with_the_handshake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
