/* HTTP over real sockets: keep-alive, pipelining, headers, one client per connection, stopping. */
#include "net_fixture.h"

#include <stdio.h>
#include <string.h>

static void
answers_and_keeps_the_connection(void **state)
{
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    peer_open(&peer, &f);
    peer_say(&peer, "GET /a%20b?x=1&q=c+d HTTP/1.1\r\n" H "Accept: text/plain\r\n\r\n");
    RUN_UNTIL(&f, peer_has(&peer, "path=/a b q=c d accept=text/plain"));
    assert_true(peer_has(&peer, "HTTP/1.1 200 OK\r\n"));
    assert_true(peer_has(&peer, "x-content-type-options: nosniff\r\n"));
    assert_true(peer_has(&peer, "cache-control: no-store\r\n"));
    assert_true(peer_has(&peer, "content-type: application/json\r\n"));
    peer_forget(&peer);
    peer_say(&peer, "GET /again HTTP/1.1\r\n" H "\r\n");
    RUN_UNTIL(&f, peer_has(&peer, "path=/again"));
    assert_int_equal(net_connection_count(f.net), 1);
    peer_close(&peer);
    RUN_UNTIL(&f, net_connection_count(f.net) == 0);
    fixture_fini(&f);
}

static void
head_has_the_length_and_no_body(void **state)
{
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    peer_open(&peer, &f);
    peer_say(&peer, "HEAD /x HTTP/1.1\r\n" H "\r\nHEAD / HTTP/1.1\r\nHost: evil.org\r\n\r\n"
                    "GET /y HTTP/1.1\r\n" H "\r\n");
    RUN_UNTIL(&f, peer_has(&peer, "path=/y"));
    assert_int_equal(peer_count(&peer, "path="), 1);
    assert_true(peer_has(&peer, "content-length: 18\r\n\r\nHTTP/1.1 403"));
    assert_false(peer_has(&peer, "{"));
    peer_close(&peer);
    fixture_fini(&f);
}

static void
pipelined_requests_are_answered_in_order(void **state)
{
    struct fixture f;
    struct peer peer;
    struct buf out = BUF_INIT;
    const char *at;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    for (int i = 0; i < 100; i++) {
        buf_appendf(&out,
                    i % 2 ? "GET /r%03d. HTTP/1.1\r\n" H "\r\n"
                          : "POST /r%03d. HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc",
                    i);
    }
    peer_open(&peer, &f);
    peer_send(&peer, out.data, out.len);
    RUN_UNTIL(&f, peer_count(&peer, "path=") == 100);
    at = buf_cstr(&peer.in);
    for (int i = 0; i < 100; i++) {
        char want[32];

        snprintf(want, sizeof(want), "path=/r%03d.", i);
        at = strstr(at, want);
        assert_non_null(at);
    }
    buf_fini(&out);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
one_client_of_the_hub_per_connection(void **state)
{
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    peer_open(&peer, &f);
    peer_say(&peer, "GET /client HTTP/1.1\r\n" H "\r\nGET /client HTTP/1.1\r\n" H "\r\n");
    RUN_UNTIL(&f, f.asked == 2);
    assert_int_equal(f.hub.connected, 1);
    assert_int_equal(stub_hub_client(&f.hub)->kind, CLIENT_REST);
    assert_string_equal(stub_hub_client(&f.hub)->address, "127.0.0.1");
    peer_close(&peer);
    RUN_UNTIL(&f, f.hub.disconnected == 1);
    fixture_fini(&f);
}

static void
stopping_answers_what_was_asked_and_reads_no_more(void **state)
{
    struct fixture f;
    struct peer asked, idle;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    peer_open(&asked, &f);
    peer_say(&asked, "GET /later HTTP/1.1\r\n" H "\r\nGET /never HTTP/1.1\r\n" H "\r\n");
    peer_open(&idle, &f);
    RUN_UNTIL(&f, f.held_count == 1 && net_connection_count(f.net) == 2);
    net_stop_accepting(f.net);
    net_stop_reading(f.net);
    RUN_UNTIL(&f, peer_is_at_end(&idle));
    request_reply(f.held[0], 200, SPAN("done"));
    RUN_UNTIL(&f, peer_has(&asked, "done") && peer_is_at_end(&asked));
    assert_true(peer_has(&asked, "connection: close"));
    assert_int_equal(f.asked, 1);
    peer_close(&asked);
    peer_close(&idle);
    RUN_UNTIL(&f, net_connection_count(f.net) == 0);
    fixture_fini(&f);
}

static void
headers_of_a_handler_replace_the_defaults(void **state)
{
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    peer_open(&peer, &f);
    peer_say(&peer, "GET /later HTTP/1.1\r\n" H "\r\n");
    RUN_UNTIL(&f, f.held_count == 1);
    request_set_header(f.held[0], "content-type", "text/html");
    request_set_header(f.held[0], "cache-control", "max-age=60");
    request_set_header(f.held[0], "etag", "\"e-1\"");
    request_set_header(f.held[0], "x-bad", "a\r\nx-worse: b");
    request_reply(f.held[0], 304, SPAN("not sent"));
    RUN_UNTIL(&f, peer_has(&peer, "\r\n\r\n"));
    assert_true(peer_has(&peer, "etag: \"e-1\"\r\n"));
    assert_int_equal(peer_count(&peer, "content-type:"), 1);
    assert_int_equal(peer_count(&peer, "cache-control:"), 1);
    assert_false(peer_has(&peer, "x-worse"));
    assert_false(peer_has(&peer, "content-length"));
    assert_false(peer_has(&peer, "not sent"));
    peer_close(&peer);
    fixture_fini(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_and_keeps_the_connection),
        cmocka_unit_test(head_has_the_length_and_no_body),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(one_client_of_the_hub_per_connection),
        cmocka_unit_test(stopping_answers_what_was_asked_and_reads_no_more),
        cmocka_unit_test(headers_of_a_handler_replace_the_defaults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
