/* WebSocket over real sockets: a blocked peer, many written to at once, a pause of reading. */
#include "net_fixture.h"

#include <string.h>

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocked_peer_gets_all_in_order),
        cmocka_unit_test(many_are_written_by_one_call),
        cmocka_unit_test(many_are_written_without_io_uring),
        cmocka_unit_test(reading_may_be_paused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
