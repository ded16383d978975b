/* WebSocket over real sockets: closing, by either side, in good order and without. */
#include "net_fixture.h"

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
        cmocka_unit_test(a_peers_close_is_answered),
        cmocka_unit_test(our_close_comes_behind_what_was_written),
        cmocka_unit_test(who_does_not_answer_our_close_is_hung_up_on),
        cmocka_unit_test(a_peer_that_vanishes_is_noticed_when_written_to),
        cmocka_unit_test(the_network_may_go_while_all_is_busy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
