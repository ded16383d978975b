/* HTTP over real sockets: answers that are late, and answers that are read slowly. */
#include "net_fixture.h"

#include <sys/resource.h>
#include <sys/socket.h>

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_late_answer_holds_what_is_pipelined_behind_it),
        cmocka_unit_test(an_answer_after_the_connection_died_goes_nowhere),
        cmocka_unit_test(an_answer_after_the_network_is_gone_goes_nowhere),
        cmocka_unit_test(a_large_answer_waits_for_a_slow_reader),
        cmocka_unit_test(a_reader_that_stands_still_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
