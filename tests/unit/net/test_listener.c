/* Listening: addresses, failures, limits, and running out of descriptors. */
#include "net_fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"

static void
connect_to(struct peer *peer, const void *address, socklen_t len)
{
    memset(peer, 0, sizeof(*peer));
    peer->fd = socket(((const struct sockaddr *)address)->sa_family, SOCK_STREAM, 0);
    assert_int_equal(connect(peer->fd, address, len), 0);
    assert_int_equal(fcntl(peer->fd, F_SETFL, O_NONBLOCK), 0);
}

static void
it_listens_on_several_addresses(void **state)
{
    char dir[] = "/tmp/hd1-test-XXXXXX";
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    char path[64];
    char url[80];
    char *listen[] = {(char *)"127.0.0.1:0", (char *)"[::1]:0", path};
    struct fixture f;
    struct peer peers[3];

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "unix:%s/socket", dir);
    fixture_init(&f);
    f.options.listen = listen;
    f.options.listen_count = 3;
    fixture_start(&f);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d", fixture_port(&f, 0));
    assert_string_equal(net_url(f.net, 0), url);
    snprintf(url, sizeof(url), "http://[::1]:%d", fixture_port(&f, 1));
    assert_string_equal(net_url(f.net, 1), url);
    assert_string_equal(net_url(f.net, 2), path);
    assert_null(net_url(f.net, 3));

    peer_open(&peers[0], &f);
    in6.sin6_port = htons((uint16_t)fixture_port(&f, 1));
    connect_to(&peers[1], &in6, sizeof(in6));
    snprintf(un.sun_path, sizeof(un.sun_path), "%s", path + strlen("unix:"));
    connect_to(&peers[2], &un, sizeof(un));
    for (int i = 0; i < 3; i++) {
        static const char *const from[] = {"127.0.0.1", "::1", "unix"};

        peer_say(&peers[i], REQUEST "GET /client HTTP/1.1\r\nHost: localhost\r\n\r\n");
        RUN_UNTIL(&f, peer_count(&peers[i], "HTTP/1.1 200 ") == 2);
        assert_string_equal(stub_hub_client(&f.hub)->address, from[i]);
        peer_close(&peers[i]);
    }
    fixture_fini(&f);
    assert_int_equal(rmdir(dir), 0); /* the socket's path is gone */
}

static void
a_path_left_over_from_a_crash_is_replaced(void **state)
{
    char dir[] = "/tmp/hd1-test-XXXXXX";
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    char path[64];
    char *listen[] = {path};
    struct fixture f;
    struct buf why = BUF_INIT;
    struct net *second;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "unix:%s/socket", dir);
    snprintf(un.sun_path, sizeof(un.sun_path), "%s/socket", dir);
    assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
    close(fd);
    fixture_init(&f);
    f.options.listen = listen;
    fixture_start(&f);
    /* ... but not the one of a living server. */
    assert_true(net_new(&second, &f.options, &why) != 0);
    assert_null(second);
    assert_non_null(strstr(buf_cstr(&why), path));
    buf_fini(&why);
    fixture_fini(&f);
    assert_int_equal(rmdir(dir), 0);
}

static void
what_cannot_be_listened_on_refuses_with_its_name(void **state)
{
    static const char *const bad[] = {
        "127.0.0.1", ":8080", "127.0.0.1:x", "127.0.0.1:70000",        "::1:8080",
        "[::1:8080", "unix:", "192.0.2.1:0", "no.such.name.invalid:0",
    };
    struct fixture f;
    char taken[32];

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    snprintf(taken, sizeof(taken), "127.0.0.1:%d", fixture_port(&f, 0));
    for (size_t i = 0; i <= sizeof(bad) / sizeof(bad[0]); i++) {
        const char *address = i < sizeof(bad) / sizeof(bad[0]) ? bad[i] : taken;
        char *listen[] = {(char *)"127.0.0.1:0", (char *)address};
        struct net_options options = f.options;
        struct buf why = BUF_INIT;
        struct net *net;

        options.listen = listen;
        options.listen_count = 2;
        if (net_new(&net, &options, &why) == 0 || !strstr(buf_cstr(&why), address))
            fail_msg("%s: %s", address, buf_cstr(&why));
        assert_null(net);
        buf_fini(&why);
    }
    fixture_fini(&f);
}

static void
connections_are_limited_in_all_and_per_address(void **state)
{
    struct fixture f;
    struct peer peers[4];

    (void)state;
    for (int limit = 0; limit < 2; limit++) {
        fixture_init(&f);
        f.options.connections = limit ? 3 : 100;
        f.options.connections_per_address = limit ? 100 : 3;
        fixture_start(&f);
        for (int i = 0; i < 3; i++)
            peer_open(&peers[i], &f);
        RUN_UNTIL(&f, net_connection_count(f.net) == 3);
        peer_open(&peers[3], &f);
        RUN_UNTIL(&f, peer_is_at_end(&peers[3]));
        assert_true(peer_has(&peers[3], "HTTP/1.1 503 "));
        assert_true(peer_has(&peers[3], "\"code\":\"busy\""));
        peer_close(&peers[3]);
        /* The others go on, and who leaves makes room. */
        peer_say(&peers[0], REQUEST);
        RUN_UNTIL(&f, peer_has(&peers[0], "200 OK"));
        peer_close(&peers[0]);
        RUN_UNTIL(&f, net_connection_count(f.net) == 2);
        peer_open(&peers[0], &f);
        peer_say(&peers[0], REQUEST);
        RUN_UNTIL(&f, peer_has(&peers[0], "200 OK"));
        for (int i = 0; i < 3; i++)
            peer_close(&peers[i]);
        fixture_fini(&f);
    }
}

static void
a_websocket_keeps_its_place(void **state)
{
    struct fixture f;
    struct peer peers[3];

    (void)state;
    fixture_init(&f);
    f.options.connections = 2;
    fixture_start(&f);
    ws_open(&peers[0], &f, "/ws", "");
    ws_open(&peers[1], &f, "/ws", "");
    assert_int_equal(net_connection_count(f.net), 2);
    peer_open(&peers[2], &f);
    RUN_UNTIL(&f, peer_has(&peers[2], "HTTP/1.1 503 "));
    peer_close(&peers[2]);
    peer_close(&peers[0]);
    RUN_UNTIL(&f, net_connection_count(f.net) == 1);
    ws_open(&peers[0], &f, "/ws", "");
    peer_close(&peers[0]);
    peer_close(&peers[1]);
    fixture_fini(&f);
}

/* Out of descriptors: a pause instead of a spin, and no connection is lost for good. */
static void
it_waits_when_descriptors_run_out(void **state)
{
    struct fixture f;
    struct peer peers[3];
    struct rlimit limit, small;
    int rounds = 0;
    int spare;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    peer_open(&peers[0], &f);
    peer_say(&peers[0], REQUEST);
    RUN_UNTIL(&f, peer_has(&peers[0], "200 OK"));
    peer_open(&peers[1], &f);
    spare = dup(0);
    close(spare);
    getrlimit(RLIMIT_NOFILE, &limit);
    small = limit;
    small.rlim_cur = (rlim_t)spare;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &small), 0);
    peer_say(&peers[1], REQUEST);
    for (uint64_t until = uv_hrtime() + 500000000; uv_hrtime() < until; rounds++)
        run_once(&f);
    assert_in_range(rounds, 1, 500); /* the tick alone makes 250 */
    assert_int_equal(net_connection_count(f.net), 1);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    RUN_UNTIL(&f, peer_has(&peers[1], "200 OK"));
    peer_close(&peers[0]);
    peer_close(&peers[1]);
    fixture_fini(&f);
}

static void
nothing_is_accepted_once_stopped(void **state)
{
    struct fixture f;
    struct peer peer;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    ws_open(&peer, &f, "/ws", "");
    to.sin_port = htons((uint16_t)fixture_port(&f, 0));
    net_stop_accepting(f.net);
    net_stop_accepting(f.net);
    for (int i = 0; i < 5; i++)
        run_once(&f);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0);
    close(fd);
    ws_send(&peer, 0x81, "still", 5);
    RUN_UNTIL(&f, peer_has(&peer, "still"));
    peer_close(&peer);
    fixture_fini(&f);
}

/* The other end of a connection within this process. */
static int
other_end(int fd)
{
    struct sockaddr_in own, other;
    socklen_t len = sizeof(own);

    assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &len), 0);
    for (int i = 3; i < 1024; i++) {
        len = sizeof(other);
        if (getpeername(i, (struct sockaddr *)&other, &len) == 0 && other.sin_family == AF_INET &&
            other.sin_port == own.sin_port)
            return i;
    }
    fail_msg("the connection has no other end");
    return -1;
}

static int
option_of(int fd, int option)
{
    int value = -1;
    socklen_t len = sizeof(value);

    assert_int_equal(getsockopt(fd, SOL_SOCKET, option, &value, &len), 0);
    return value;
}

/* Compared with what this kernel makes of 256 KiB. */
static void
the_kernel_keeps_only_so_much_for_a_connection(void **state)
{
    static const int options[] = {SO_SNDBUF, SO_RCVBUF};
    int size = 256 * 1024, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct fixture f;
    struct peer peer;

    (void)state;
    fixture_init(&f);
    fixture_start(&f);
    peer_open(&peer, &f);
    peer_say(&peer, REQUEST);
    RUN_UNTIL(&f, peer_has(&peer, "HTTP/1.1 "));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(setsockopt(fd, SOL_SOCKET, options[i], &size, sizeof(size)), 0);
        assert_int_equal(option_of(other_end(peer.fd), options[i]), option_of(fd, options[i]));
    }
    close(fd);
    peer_close(&peer);
    fixture_fini(&f);
}

static void
it_may_go_before_it_started(void **state)
{
    struct fixture f;
    struct buf why = BUF_INIT;

    (void)state;
    fixture_init(&f);
    assert_int_equal(net_new(&f.net, &f.options, &why), 0);
    fixture_fini(&f);
    net_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_listens_on_several_addresses),
        cmocka_unit_test(a_path_left_over_from_a_crash_is_replaced),
        cmocka_unit_test(what_cannot_be_listened_on_refuses_with_its_name),
        cmocka_unit_test(connections_are_limited_in_all_and_per_address),
        cmocka_unit_test(a_websocket_keeps_its_place),
        cmocka_unit_test(it_waits_when_descriptors_run_out),
        cmocka_unit_test(nothing_is_accepted_once_stopped),
        cmocka_unit_test(the_kernel_keeps_only_so_much_for_a_connection),
        cmocka_unit_test(it_may_go_before_it_started),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
