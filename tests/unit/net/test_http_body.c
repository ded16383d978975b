/* HTTP over real sockets: bodies that come in pieces, slowly, unwanted or not at all. */
#include "net_fixture.h"

#include <string.h>

static void
a_body_may_come_in_pieces_up_to_the_limit(void **state)
{
    struct fixture f;
    struct peer peer;
    struct buf body = BUF_INIT;
    size_t len = 1024 * 1024;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    memset(buf_reserve(&body, len), 'b', len);
    body.len = len;
    peer_open(&peer, &f);
    peer_say(&peer, "POST /echo HTTP/1.1\r\n" H "Content-Length: 1048576\r\n\r\n");
    for (size_t sent = 0; sent < len; sent += 16384) {
        peer_send(&peer, body.data + sent, 16384);
        run_once(&f);
        run_once(&f);
    }
    RUN_UNTIL(&f, peer_has(&peer, "content-length: 1048576\r\n") && peer.in.len > len);
    assert_memory_equal(peer.in.data + peer.in.len - len, body.data, len);
    buf_fini(&body);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
who_expects_100_continue_is_told_to(void **state)
{
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    peer_open(&peer, &f);
    peer_say(&peer,
             "POST /echo HTTP/1.1\r\n" H "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    RUN_UNTIL(&f, peer_has(&peer, "HTTP/1.1 100 Continue\r\n\r\n"));
    peer_forget(&peer);
    peer_say(&peer, "body");
    RUN_UNTIL(&f, peer_has(&peer, "\r\n\r\nbody"));
    assert_false(peer_has(&peer, "100 Continue"));
    peer_close(&peer);
    /* A body that is not wanted is refused before it is sent. */
    peer_open(&peer, &f);
    peer_say(&peer,
             "POST /echo HTTP/1.1\r\n" H "Content-Length: 9000000\r\nExpect: 100-continue\r\n\r\n");
    RUN_UNTIL(&f, peer_has(&peer, "HTTP/1.1 413 ") && peer_is_at_end(&peer));
    assert_false(peer_has(&peer, "100 Continue"));
    peer_close(&peer);
    fixture_fini(&f);
}

/* The answer must not be lost to the reset that unread bytes cause. */
static void
a_refused_body_does_not_cost_the_answer(void **state)
{
    struct fixture f;
    struct peer peer;
    static char body[65536];

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    peer_open(&peer, &f);
    peer_say(&peer, "POST /echo HTTP/1.1\r\n" H "Content-Length: 1310720\r\n\r\n");
    for (int i = 0; i < 20; i++) {
        peer_send(&peer, body, sizeof(body));
        run_once(&f);
        run_once(&f);
    }
    RUN_UNTIL(&f, peer_has(&peer, "HTTP/1.1 413 "));
    peer_close(&peer);
    RUN_UNTIL(&f, net_connection_count(f.net) == 0);
    fixture_fini(&f);
}

static void
requests_that_take_too_long_get_408(void **state)
{
    static const char *const starts[] = {
        "GET / HTTP/1.1\r\nHost:",
        "POST /echo HTTP/1.1\r\n" H "Content-Length: 100\r\n\r\nbody",
        "GET /first HTTP/1.1\r\n" H "\r\nGET ",
    };
    struct fixture f;
    struct peer peers[4];

    (void)state;
    fixture_init(&f);
    f.options.request_timeout_s = 1;
    fixture_start(&f);
    for (int i = 0; i < 3; i++) {
        peer_open(&peers[i], &f);
        peer_say(&peers[i], starts[i]);
    }
    peer_open(&peers[3], &f); /* never says a word */
    for (int i = 0; i < 3; i++) {
        RUN_UNTIL(&f, peer_has(&peers[i], "HTTP/1.1 408 ") && peer_is_at_end(&peers[i]));
        assert_true(peer_has(&peers[i], "\"code\":\"request_timeout\""));
        peer_close(&peers[i]);
    }
    RUN_UNTIL(&f, peer_is_at_end(&peers[3]));
    assert_int_equal(peers[3].in.len, 0);
    peer_close(&peers[3]);
    RUN_UNTIL(&f, net_connection_count(f.net) == 0);
    fixture_fini(&f);
}

/* Bytes that trickle in are not progress. */
static void
a_trickling_body_is_cut_by_its_own_deadline(void **state)
{
    struct fixture f;
    struct peer peer;
    uint64_t next = 0;

    (void)state;
    fixture_init(&f);
    f.options.request_timeout_s = 1;
    fixture_start(&f);
    peer_open(&peer, &f);
    peer_say(&peer, "POST /echo HTTP/1.1\r\n" H "Content-Length: 100000\r\n\r\n");
    while (!peer_has(&peer, "HTTP/1.1 408 ")) {
        assert_false(peer_is_at_end(&peer));
        run_once(&f);
        if (uv_hrtime() > next) {
            peer_send(&peer, "x", 1);
            next = uv_hrtime() + 50000000;
        }
    }
    assert_int_equal(f.asked, 0);
    peer_close(&peer);
    fixture_fini(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_may_come_in_pieces_up_to_the_limit),
        cmocka_unit_test(who_expects_100_continue_is_told_to),
        cmocka_unit_test(a_refused_body_does_not_cost_the_answer),
        cmocka_unit_test(requests_that_take_too_long_get_408),
        cmocka_unit_test(a_trickling_body_is_cut_by_its_own_deadline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
