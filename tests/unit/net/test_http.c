/* HTTP over real sockets: keep-alive, pipelining, slow, late and large, both ways. */
#include "net_fixture.h"

#include <sys/resource.h>
#include <sys/socket.h>

#define H "Host: 127.0.0.1\r\n"

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

static double
cpu_s(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* What comes behind a request that is not answered yet waits, and nothing spins on it. */
static void
a_late_answer_holds_what_is_pipelined_behind_it(void **state)
{
    struct fixture f;
    struct peer peer;
    int rounds = 0;
    uint64_t until;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    peer_open(&peer, &f);
    peer_say(&peer, "GET /later HTTP/1.1\r\n" H "\r\nGET /second HTTP/1.1\r\n" H "\r\n");
    RUN_UNTIL(&f, f.held_count == 1);
    peer_say(&peer, "GET /third HTTP/1.1\r\n" H "\r\n");
    for (until = uv_hrtime() + 100000000; uv_hrtime() < until; rounds++)
        run_once(&f);
    assert_in_range(rounds, 1, 100); /* the tick alone makes 50 */
    assert_int_equal(f.asked, 1);
    assert_false(peer_has(&peer, "HTTP"));
    request_reply(f.held[0], 200, SPAN("first"));
    RUN_UNTIL(&f,
              peer_has(&peer, "first") && peer_has(&peer, "/second") && peer_has(&peer, "/third"));
    peer_close(&peer);
    fixture_fini(&f);
}

static void
an_answer_after_the_connection_died_goes_nowhere(void **state)
{
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    /* A reset is seen at once; the request stays, and so does its client. */
    peer_open(&peer, &f);
    peer_say(&peer, "GET /client HTTP/1.1\r\n" H "\r\nGET /later HTTP/1.1\r\n" H "\r\n");
    RUN_UNTIL(&f, f.held_count == 1);
    peer_reset(&peer);
    RUN_UNTIL(&f, net_connection_count(f.net) == 0);
    assert_int_equal(f.hub.disconnected, 0);
    assert_ptr_equal(request_client(f.held[0]), stub_hub_client(&f.hub));
    assert_true(span_is(request_path(f.held[0]), "/later"));
    request_reply(f.held[0], 200, SPAN("{}"));
    RUN_UNTIL(&f, f.hub.disconnected == 1);
    /* A peer that only stops sending gets its answer ... */
    peer_open(&peer, &f);
    peer_say(&peer, "GET /later HTTP/1.1\r\n" H "\r\n");
    RUN_UNTIL(&f, f.held_count == 2);
    shutdown(peer.fd, SHUT_WR);
    for (int i = 0; i < 20; i++)
        run_once(&f);
    request_reply(f.held[1], 200, SPAN("late"));
    RUN_UNTIL(&f, peer_has(&peer, "late"));
    peer_close(&peer);
    /* ... unless that takes long. */
    peer_open(&peer, &f);
    peer_say(&peer, "GET /later HTTP/1.1\r\n" H "\r\n");
    RUN_UNTIL(&f, f.held_count == 3);
    peer_close(&peer);
    RUN_UNTIL(&f, net_connection_count(f.net) == 0);
    request_reply(f.held[2], 200, SPAN("{}"));
    fixture_fini(&f);
}

static void
an_answer_after_the_network_is_gone_goes_nowhere(void **state)
{
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    peer_open(&peer, &f);
    peer_say(&peer, "GET /client HTTP/1.1\r\n" H "\r\nGET /later HTTP/1.1\r\n" H "\r\n");
    RUN_UNTIL(&f, f.held_count == 1);
    fixture_fini(&f);
    request_reply(f.held[0], 200, SPAN("{}"));
    peer_close(&peer);
}

static void
a_large_answer_waits_for_a_slow_reader(void **state)
{
    struct fixture f;
    struct peer peer;
    double cpu;
    uint64_t until;

    (void)state;
    fixture_init(&f);
    f.big_bytes = (size_t)8 * 1024 * 1024;
    fixture_start(&f);
    peer_open(&peer, &f);
    peer_say(&peer, "GET /big HTTP/1.1\r\n" H "\r\nGET /next HTTP/1.1\r\n" H "\r\n");
    RUN_UNTIL(&f, f.asked == 1);
    cpu = cpu_s();
    for (until = uv_hrtime() + 300000000; uv_hrtime() < until;)
        run_once(&f);
    assert_true(cpu_s() - cpu < 0.15); /* of 0.3 s: nothing spins */
    RUN_UNTIL(&f, peer_has(&peer, "path=/next"));
    assert_true(peer.in.len > f.big_bytes);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
a_reader_that_stands_still_is_cut(void **state)
{
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    f.options.write_timeout_s = 1;
    f.big_bytes = (size_t)16 * 1024 * 1024;
    fixture_start(&f);
    peer_open(&peer, &f);
    peer_say(&peer, "GET /big HTTP/1.1\r\n" H "\r\n");
    RUN_UNTIL(&f, f.asked == 1);
    RUN_UNTIL(&f, net_connection_count(f.net) == 0);
    peer_close(&peer);
    fixture_fini(&f);
}

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
        cmocka_unit_test(a_late_answer_holds_what_is_pipelined_behind_it),
        cmocka_unit_test(an_answer_after_the_connection_died_goes_nowhere),
        cmocka_unit_test(an_answer_after_the_network_is_gone_goes_nowhere),
        cmocka_unit_test(a_large_answer_waits_for_a_slow_reader),
        cmocka_unit_test(a_reader_that_stands_still_is_cut),
        cmocka_unit_test(a_body_may_come_in_pieces_up_to_the_limit),
        cmocka_unit_test(who_expects_100_continue_is_told_to),
        cmocka_unit_test(a_refused_body_does_not_cost_the_answer),
        cmocka_unit_test(requests_that_take_too_long_get_408),
        cmocka_unit_test(a_trickling_body_is_cut_by_its_own_deadline),
        cmocka_unit_test(one_client_of_the_hub_per_connection),
        cmocka_unit_test(stopping_answers_what_was_asked_and_reads_no_more),
        cmocka_unit_test(headers_of_a_handler_replace_the_defaults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
