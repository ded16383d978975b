/* Pings, and peers that are cut: silent ones, ones that stand still. */
#include "net_fixture.h"

#include <sys/socket.h>

#define MS UINT64_C(1000000) /* in nanoseconds */

static void
a_silent_client_is_pinged_and_lives_if_it_answers(void **state)
{
    struct fixture f;
    struct peer peer;
    struct buf got = BUF_INIT;

    (void)state;
    fixture_init(&f);
    f.options.ping_s = 1;
    f.options.read_timeout_s = 3;
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    for (int i = 0; i < 4; i++) {
        ws_expect(&peer, &f, 0x89, &got);
        ws_send(&peer, 0x8a, got.data, got.len);
    }
    assert_int_equal(f.hub.disconnected, 0);
    buf_fini(&got);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
a_dead_client_is_cut(void **state)
{
    struct fixture f;
    struct peer peer;
    uint64_t start;

    (void)state;
    fixture_init(&f);
    f.options.ping_s = 1;
    f.options.read_timeout_s = 2;
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    start = uv_hrtime();
    RUN_UNTIL(&f, f.hub.disconnected == 1);
    assert_true(uv_hrtime() - start > 900000000u);
    RUN_UNTIL(&f, peer_is_at_end(&peer));
    assert_true(peer_has(&peer, "\x89"));
    peer_close(&peer);
    RUN_UNTIL(&f, net_connection_count(f.net) == 0);
    fixture_fini(&f);
}

/* Where the machine did not let it talk in time, the observation begins anew. */
static void
a_client_that_talks_is_not_pinged(void **state)
{
    struct fixture f;
    struct peer peer;
    uint64_t now, said = 0, began = 0;

    (void)state;
    fixture_init(&f);
    f.hub.is_silent = true;
    f.options.ping_s = 1;
    f.options.read_timeout_s = 2;
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    while ((now = uv_hrtime()) - began < 2500 * MS || !began) {
        bool is_late = now - said > 500 * MS;

        if (now - said > 200 * MS) {
            ws_send(&peer, 0x81, "x", 1);
            said = now;
        }
        run_once(&f);
        if (is_late) {
            buf_clear(&peer.in);
            began = uv_hrtime();
        }
    }
    assert_false(peer_has(&peer, "\x89"));
    assert_int_equal(f.hub.disconnected, 0);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
block(struct fixture *f)
{
    static char text[60000];

    while (stub_hub_send(stub_hub_client(&f->hub), text, sizeof(text)) == 0) {
    }
    assert_true(net_port()->is_blocked(stub_hub_client(&f->hub)->conn));
}

static void
assert_cut(const struct fixture *f, const char *line)
{
    struct buf out = BUF_INIT;

    net_append_metrics(f->net, &out);
    assert_non_null(strstr(buf_cstr(&out), line));
    buf_fini(&out);
}

static void
a_client_that_takes_nothing_is_cut(void **state)
{
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    f.options.write_timeout_s = 1;
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    block(&f);
    RUN_UNTIL(&f, f.hub.disconnected == 1);
    assert_cut(&f, "hd1_connections_cut_total{reason=\"stalled\"} 1\n");
    peer_close(&peer);
    fixture_fini(&f);
}

/* A slow one is not: some bytes now and then are progress, though its queue never empties. */
static void
a_client_that_takes_little_lives(void **state)
{
    struct fixture f;
    struct peer peer;
    char bytes[32768];
    uint64_t until = uv_hrtime() + 4000000000u;
    uint64_t next = 0;

    (void)state;
    fixture_init(&f);
    f.options.write_timeout_s = 2;
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    block(&f);
    while (uv_hrtime() < until) {
        if (uv_hrtime() > next) {
            assert_true(recv(peer.fd, bytes, sizeof(bytes), 0) > 0);
            next = uv_hrtime() + 100000000;
            block(&f);
        }
        run_once(&f);
    }
    assert_int_equal(f.hub.disconnected, 0);
    peer_close(&peer);
    fixture_fini(&f);
}

/* libwebsockets would spin on the end of input while output waits. */
static void
a_blocked_client_that_ended_is_cut_soon(void **state)
{
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    f.options.read_timeout_s = f.options.write_timeout_s = 600; /* it is not for these */
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    block(&f);
    shutdown(peer.fd, SHUT_WR);
    RUN_UNTIL(&f, f.hub.disconnected == 1);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
a_paused_client_is_not_taken_for_dead(void **state)
{
    struct fixture f;
    struct peer peer;
    uint64_t until = uv_hrtime() + 2500000000u;

    (void)state;
    fixture_init(&f);
    f.options.ping_s = 1;
    f.options.read_timeout_s = 1;
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    net_port()->pause_reading(stub_hub_client(&f.hub)->conn, true);
    while (uv_hrtime() < until)
        run_once(&f);
    assert_int_equal(f.hub.disconnected, 0);
    peer_close(&peer);
    fixture_fini(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_client_is_pinged_and_lives_if_it_answers),
        cmocka_unit_test(a_dead_client_is_cut),
        cmocka_unit_test(a_client_that_talks_is_not_pinged),
        cmocka_unit_test(a_client_that_takes_nothing_is_cut),
        cmocka_unit_test(a_client_that_takes_little_lives),
        cmocka_unit_test(a_blocked_client_that_ended_is_cut_soon),
        cmocka_unit_test(a_paused_client_is_not_taken_for_dead),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
