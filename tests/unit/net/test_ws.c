/* WebSocket over real sockets: messages, limits, what a peer must not send. */
#include "net_fixture.h"

#include <string.h>

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_echoed_through_the_port),
        cmocka_unit_test(messages_are_put_together),
        cmocka_unit_test(a_message_too_long_closes_with_1009),
        cmocka_unit_test(violations_close_with_their_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
