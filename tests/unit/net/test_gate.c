/* The request gate, by raw conversations: these bytes get that status, and the connection stays or
 * not. */
#include "net_fixture.h"

#include <stdio.h>

struct conversation {
    const char *bytes;
    int status;
    bool is_last; /* the server closes after it */
};

static char *origins[] = {(char *)"https://world.example.org"};

static const struct conversation conversations[] = {
    {"GET / HTTP/1.1\r\n" H "\r\n", 200, false},
    {"\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", 200, false},
    {"GET / HTTP/1.1\r\n" H "Connection: close\r\n\r\n", 200, true},
    {"GET / HTTP/1.0\r\n" H "\r\n", 200, true},
    {"GET / HTTP/1.0\r\n" H "Connection: keep-alive\r\n\r\n", 200, false},
    /* the length of the body */
    {"POST /echo HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 200, false},
    {"POST /echo HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", 200, false},
    {"PUT /echo HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", 200, false},
    {"PATCH /echo HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", 200, false},
    {"DELETE /echo HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 200, false},
    {"DELETE / HTTP/1.1\r\n" H "\r\n", 200, false},
    {"POST / HTTP/1.1\r\n" H "\r\n", 411, true},
    {"PUT / HTTP/1.1\r\n" H "\r\n", 411, true},
    {"PATCH / HTTP/1.1\r\n" H "\r\n", 411, true},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 411, true},
    {"GET / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411, true},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}", 400,
     true},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400, true},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 2, 2\r\n\r\n{}", 400, true},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 3x\r\n\r\nabc", 400, true},
    {"POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n", 400, true},
    {"POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\n1", 400, true},
    {"POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", 400, true},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 0x2\r\n\r\n{}", 400, true},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 18446744073709551618\r\n\r\n{}", 400, true},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 9999999999999999999\r\n\r\n{}", 413, true},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1048577\r\n\r\n{}", 413, true},
    /* Host and Origin */
    {"GET / HTTP/1.1\r\n\r\n", 400, false},
    {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, false},
    {"GET / HTTP/1.1\r\n" H H "\r\n", 400, false},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, false},
    {"GET / HTTP/1.1\r\nHost: evil.example.org\r\n\r\n", 403, false},
    {"GET / HTTP/1.1\r\nHost: world.example.org:1234\r\n\r\n", 200, false},
    {"GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 200, false},
    {"GET / HTTP/1.1\r\n" H "Origin: http://127.0.0.1\r\n\r\n", 200, false},
    {"GET / HTTP/1.1\r\n" H "Origin: https://world.example.org\r\n\r\n", 200, false},
    {"GET / HTTP/1.1\r\n" H "Origin: http://evil.example.org\r\n\r\n", 403, false},
    {"GET / HTTP/1.1\r\n" H "Origin: null\r\n\r\n", 403, false},
    {"GET / HTTP/1.1\r\n" H "Origin: http://127.0.0.1\r\nOrigin: http://127.0.0.1\r\n\r\n", 400,
     false},
    {"POST / HTTP/1.1\r\n" H "Origin: null\r\nContent-Length: 2\r\n\r\n{}", 403, true},
    /* the rest of the head */
    {"BREW / HTTP/1.1\r\n" H "\r\n", 405, false},
    {"CONNECT a:1 HTTP/1.1\r\n" H "\r\n", 405, false},
    {"TRACE / HTTP/1.1\r\n" H "\r\n", 405, false},
    {"GET /a%zz HTTP/1.1\r\n" H "\r\n", 400, false},
    {"GET /a%00 HTTP/1.1\r\n" H "\r\n", 400, false},
    {"GET a HTTP/1.1\r\n" H "\r\n", 400, false},
    {"GET http://127.0.0.1/ HTTP/1.1\r\n" H "\r\n", 400, false},
    {"OPTIONS * HTTP/1.1\r\n" H "\r\n", 400, false},
    {"GET / HTTP/1.1\r\n" H "Expect: 200-ok\r\n\r\n", 400, false},
    {"GET / HTTP/1.1\r\n" H "Authorization: a\r\nAuthorization: b\r\n\r\n", 400, false},
    {"GET / HTTP/2.0\r\n" H "\r\n", 400, true},
    {"GET /\r\n", 400, true},
    {"GET / HTTP/1.1\n\n", 400, true},
    {"GET / HTTP/1.1\r\n" H "A : b\r\n\r\n", 400, true},
    {"GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n", 400, true},
    {"GET / HTTP/1.1\r\n" H "nonsense\r\n\r\n", 400, true},
    {"\x16\x03\x01\x02", 400, true}, /* TLS */
    /* upgrades: only to WebSocket, only with all it needs */
    {"GET / HTTP/1.1\r\n" H "Upgrade: foobar\r\nConnection: Upgrade\r\n\r\n", 400, false},
    {"GET / HTTP/1.1\r\n" H "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"
     "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
     400, false},
    {"GET /ws HTTP/1.1\r\n" H "\r\n", 400, false},
    {"GET /ws HTTP/1.1\r\n" H "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 400, false},
};

static int
status_of(struct peer *peer)
{
    int status = 0;

    return sscanf(buf_cstr(&peer->in), "HTTP/1.1 %d ", &status) == 1 ? status : 0;
}

static void
each_request_gets_its_status(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    f.options.origins = origins;
    f.options.origin_count = 1;
    fixture_start(&f);
    for (size_t i = 0; i < sizeof(conversations) / sizeof(conversations[0]); i++) {
        const struct conversation *c = &conversations[i];
        struct peer peer;

        peer_open(&peer, &f);
        peer_say(&peer, c->bytes);
        RUN_UNTIL(&f, peer_has(&peer, "\r\n\r\n"));
        if (status_of(&peer) != c->status || peer_count(&peer, "\r\ndate: ") != 1 ||
            peer_has(&peer, "connection: close") != c->is_last)
            fail_msg("case %zu: %s\n->\n%s", i, c->bytes, buf_cstr(&peer.in));
        if (c->status >= 400)
            assert_true(peer_has(&peer, "content-type: application/problem+json"));
        if (c->is_last) {
            RUN_UNTIL(&f, peer_is_at_end(&peer));
        } else {
            peer_forget(&peer);
            peer_say(&peer, "GET /alive HTTP/1.1\r\n" H "\r\n");
            RUN_UNTIL(&f, peer_has(&peer, "path=/alive"));
        }
        peer_close(&peer);
    }
    RUN_UNTIL(&f, net_connection_count(f.net) == 0);
    fixture_fini(&f);
}

/* The same bytes one by one: no conversation may depend on how the bytes are cut. */
static void
bytes_may_come_one_by_one(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    f.options.origins = origins;
    f.options.origin_count = 1;
    fixture_start(&f);
    for (size_t i = 0; i < sizeof(conversations) / sizeof(conversations[0]); i++) {
        const struct conversation *c = &conversations[i];
        struct peer peer;

        peer_open(&peer, &f);
        for (const char *at = c->bytes; *at; at++) {
            peer_send(&peer, at, 1);
            uv_run(&f.loop, UV_RUN_NOWAIT);
        }
        RUN_UNTIL(&f, peer_has(&peer, "\r\n\r\n"));
        if (status_of(&peer) != c->status)
            fail_msg("case %zu: %s\n->\n%s", i, c->bytes, buf_cstr(&peer.in));
        peer_close(&peer);
    }
    fixture_fini(&f);
}

static void
long_headers_get_431(void **state)
{
    struct fixture f;
    struct peer peer;
    struct buf out = BUF_INIT;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    /* A long token fits ... */
    buf_append_str(&out, "GET / HTTP/1.1\r\n" H "Authorization: ");
    while (out.len < 16000)
        buf_append_char(&out, 'a');
    buf_append_str(&out, "\r\n\r\n");
    peer_open(&peer, &f);
    peer_send(&peer, out.data, out.len);
    RUN_UNTIL(&f, peer_has(&peer, "200 OK"));
    peer_close(&peer);
    /* ... a longer one does not, nor one without end. */
    out.len -= 4;
    while (out.len < 17000)
        buf_append_char(&out, 'a');
    peer_open(&peer, &f);
    peer_send(&peer, out.data, out.len);
    RUN_UNTIL(&f, peer_has(&peer, "HTTP/1.1 431 ") && peer_is_at_end(&peer));
    peer_close(&peer);
    buf_append_str(&out, "\r\n\r\n");
    peer_open(&peer, &f);
    peer_send(&peer, out.data, out.len);
    RUN_UNTIL(&f, peer_has(&peer, "HTTP/1.1 431 ") && peer_is_at_end(&peer));
    peer_close(&peer);
    buf_fini(&out);
    fixture_fini(&f);
}

/* What follows an unread body must never be taken for a request. */
static void
nothing_is_read_after_a_doubtful_length(void **state)
{
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    peer_open(&peer, &f);
    peer_say(&peer,
             "POST / HTTP/1.1\r\n" H "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
             "GET /smuggled HTTP/1.1\r\n" H "\r\n");
    RUN_UNTIL(&f, peer_is_at_end(&peer));
    assert_int_equal(peer_count(&peer, "\r\ndate: "), 1);
    assert_int_equal(f.asked, 0);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
browsers_are_told_what_they_may(void **state)
{
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    f.options.origins = origins;
    f.options.origin_count = 1;
    fixture_start(&f);
    peer_open(&peer, &f);
    peer_say(&peer, "OPTIONS /api/sessions HTTP/1.1\r\n" H "Origin: https://world.example.org\r\n"
                    "Access-Control-Request-Method: PATCH\r\n\r\n");
    RUN_UNTIL(&f, peer_has(&peer, "\r\n\r\n"));
    assert_true(peer_has(&peer, "HTTP/1.1 204 "));
    assert_true(peer_has(&peer, "access-control-allow-origin: https://world.example.org\r\n"));
    assert_true(peer_has(&peer, "PATCH"));
    assert_true(peer_has(&peer, "if-match"));
    assert_false(peer_has(&peer, "content-length"));
    assert_int_equal(f.asked, 0);
    peer_forget(&peer);
    peer_say(&peer, "GET /x HTTP/1.1\r\n" H "Origin: https://world.example.org\r\n\r\n");
    RUN_UNTIL(&f, peer_has(&peer, "path=/x"));
    assert_true(peer_has(&peer, "access-control-allow-origin: https://world.example.org\r\n"));
    assert_true(peer_has(&peer, "access-control-expose-headers: etag"));
    peer_forget(&peer);
    peer_say(&peer, "GET /y HTTP/1.1\r\n" H "\r\n");
    RUN_UNTIL(&f, peer_has(&peer, "path=/y"));
    assert_false(peer_has(&peer, "access-control-allow-origin"));
    peer_close(&peer);
    fixture_fini(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_gets_its_status),
        cmocka_unit_test(bytes_may_come_one_by_one),
        cmocka_unit_test(long_headers_get_431),
        cmocka_unit_test(nothing_is_read_after_a_doubtful_length),
        cmocka_unit_test(browsers_are_told_what_they_may),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
