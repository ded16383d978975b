#include "net_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the handler --- */

static void
reply_text(struct request *request, const char *text)
{
    request_reply(request, 200, span_of(text));
}

/*
 * /later waits in held[]; /big answers big_bytes; /echo answers the body; /client makes a client;
 * all else says its path and query parameter q.
 */
static void
handle(void *ctx, struct request *request)
{
    struct fixture *fixture = ctx;
    struct span path = request_path(request);
    struct span q = SPAN_NONE;
    struct buf out = BUF_INIT;

    fixture->asked++;
    if (span_is(path, "/later")) {
        fixture->held[fixture->held_count++] = request;
    } else if (span_is(path, "/big")) {
        memset(buf_reserve(&out, fixture->big_bytes), 'x', fixture->big_bytes);
        out.len = fixture->big_bytes;
        request_reply(request, 200, buf_span(&out));
    } else if (span_is(path, "/echo")) {
        request_reply(request, 200, request_body(request));
    } else if (span_is(path, "/client")) {
        request_client(request);
        reply_text(request, "{}");
    } else {
        request_query(request, "q", &q);
        buf_appendf(&out, "path=%.*s q=%.*s accept=%.*s", (int)path.len, path.at, (int)q.len,
                    q.at ? q.at : "", (int)request_header(request, "accept").len,
                    request_header(request, "accept").at ? request_header(request, "accept").at
                                                         : "");
        request_reply(request, 200, buf_span(&out));
    }
    buf_fini(&out);
}

/* --- the network --- */

static void
on_tick(uv_timer_t *timer)
{
    (void)timer;
}

static char *default_listen[] = {(char *)"127.0.0.1:0"};

void
fixture_init(struct fixture *fixture)
{
    memset(fixture, 0, sizeof(*fixture));
    uv_loop_init(&fixture->loop);
    uv_timer_init(&fixture->loop, &fixture->tick);
    uv_timer_start(&fixture->tick, on_tick, 2, 2);
    stub_hub_init(&fixture->hub);
    fixture->big_bytes = 4 * 1024 * 1024;
    fixture->options = (struct net_options){
        .loop = &fixture->loop,
        .hub = &fixture->hub,
        .listen = default_listen,
        .listen_count = 1,
        .message_bytes = 65536,
        .body_bytes = 1024 * 1024,
        .header_bytes = 16384,
        .connections = 100,
        .connections_per_address = 50,
        .ping_s = 25,
        .read_timeout_s = 60,
        .write_timeout_s = 10,
        .request_timeout_s = 30,
        .handle = handle,
        .handle_ctx = fixture,
    };
}

void
fixture_start(struct fixture *fixture)
{
    struct buf why = BUF_INIT;

    if (net_new(&fixture->net, &fixture->options, &why))
        fail_msg("net_new: %s", buf_cstr(&why));
    buf_fini(&why);
    net_start(fixture->net);
}

void
fixture_fini(struct fixture *fixture)
{
    net_free(fixture->net);
    assert_int_equal(fixture->hub.connected, fixture->hub.disconnected);
    uv_close((uv_handle_t *)&fixture->tick, NULL);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
    stub_hub_fini(&fixture->hub);
}

int
fixture_port(struct fixture *fixture, size_t listener)
{
    return atoi(strrchr(net_url(fixture->net, listener), ':') + 1);
}

void
run_once(struct fixture *fixture)
{
    uv_run(&fixture->loop, UV_RUN_ONCE);
}

/* --- peers --- */

void
peer_open(struct peer *peer, struct fixture *fixture)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)fixture_port(fixture, 0)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    memset(peer, 0, sizeof(*peer));
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(peer->fd >= 0);
    assert_int_equal(connect(peer->fd, (struct sockaddr *)&to, sizeof(to)), 0);
    assert_int_equal(fcntl(peer->fd, F_SETFL, O_NONBLOCK), 0);
}

void
peer_close(struct peer *peer)
{
    close(peer->fd);
    buf_fini(&peer->in);
}

void
peer_reset(struct peer *peer)
{
    struct linger linger = {1, 0};

    setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    peer_close(peer);
}

void
peer_send(struct peer *peer, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(peer->fd, bytes, len, MSG_NOSIGNAL);

        if (sent < 0) {
            /* It has closed already: the test will see what it said. */
            assert_true(errno == EPIPE || errno == ECONNRESET);
            return;
        }
        bytes += sent;
        len -= (size_t)sent;
    }
}

static void
peer_read(struct peer *peer)
{
    char bytes[65536];

    while (!peer->is_at_end) {
        ssize_t got = recv(peer->fd, bytes, sizeof(bytes), 0);

        if (got > 0)
            buf_append(&peer->in, bytes, (size_t)got);
        else if (got < 0 && errno == EAGAIN)
            return;
        else
            peer->is_at_end = true;
    }
}

int
peer_count(struct peer *peer, const char *text)
{
    int count = 0;
    size_t len = strlen(text);
    const char *at;
    const char *end;

    peer_read(peer);
    at = peer->in.data;
    end = at ? at + peer->in.len : NULL;
    while (at < end && (at = memmem(at, (size_t)(end - at), text, len))) {
        count++;
        at += len;
    }
    return count;
}

bool
peer_has(struct peer *peer, const char *text)
{
    return peer_count(peer, text) > 0;
}

bool
peer_is_at_end(struct peer *peer)
{
    peer_read(peer);
    return peer->is_at_end;
}

void
peer_forget(struct peer *peer)
{
    peer_read(peer);
    buf_clear(&peer->in);
}

/* --- WebSocket --- */

void
ws_open(struct peer *peer, struct fixture *fixture, const char *path, const char *headers)
{
    ws_open_with(peer, fixture, path, headers, SPAN_NONE);
}

void
ws_open_with(struct peer *peer, struct fixture *fixture, const char *path, const char *headers,
             struct span behind)
{
    struct buf out = BUF_INIT;
    const char *end;

    peer_open(peer, fixture);
    buf_appendf(&out,
                "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
                path, headers);
    buf_append_span(&out, behind);
    peer_send(peer, out.data, out.len);
    buf_fini(&out);
    RUN_UNTIL(fixture, peer_has(peer, "\r\n\r\n"));
    assert_true(peer_has(peer, "HTTP/1.1 101"));
    assert_true(peer_has(peer, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    end = memmem(peer->in.data, peer->in.len, "\r\n\r\n", 4);
    buf_consume(&peer->in, (size_t)(end - peer->in.data) + 4);
}

void
ws_append(struct buf *out, int first, const void *payload, size_t len)
{
    static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    const unsigned char *bytes = payload;

    buf_append_char(out, (char)first);
    if (len < 126) {
        buf_append_char(out, (char)(0x80 | len));
    } else if (len < 65536) {
        buf_append_char(out, (char)(0x80 | 126));
        buf_append_char(out, (char)(len >> 8));
        buf_append_char(out, (char)(len & 0xff));
    } else {
        buf_append_char(out, (char)(0x80 | 127));
        for (int i = 7; i >= 0; i--)
            buf_append_char(out, (char)((uint64_t)len >> (8 * i) & 0xff));
    }
    buf_append(out, mask, 4);
    for (size_t i = 0; i < len; i++)
        buf_append_char(out, (char)(bytes[i] ^ mask[i & 3]));
}

void
ws_send(struct peer *peer, int first, const void *payload, size_t len)
{
    struct buf out = BUF_INIT;

    ws_append(&out, first, payload, len);
    peer_send(peer, out.data, out.len);
    buf_fini(&out);
}

int
ws_take(struct peer *peer, struct buf *payload)
{
    const unsigned char *at;
    size_t head = 2;
    size_t len;
    int first;

    peer_read(peer);
    at = (const unsigned char *)peer->in.data;
    if (peer->in.len < 2)
        return -1;
    len = at[1];
    assert_true(len < 127);
    if (len == 126) {
        if (peer->in.len < 4)
            return -1;
        head = 4;
        len = (size_t)at[2] << 8 | at[3];
    }
    if (peer->in.len < head + len)
        return -1;
    first = at[0];
    buf_clear(payload);
    buf_append(payload, at + head, len);
    buf_consume(&peer->in, head + len);
    return first;
}

void
ws_expect(struct peer *peer, struct fixture *fixture, int first, struct buf *payload)
{
    int got = -1;

    RUN_UNTIL(fixture, (got = ws_take(peer, payload)) >= 0);
    assert_int_equal(got, first);
}

void
ws_expect_close(struct peer *peer, struct fixture *fixture, int code)
{
    struct buf payload = BUF_INIT;

    ws_expect(peer, fixture, 0x88, &payload);
    assert_true(payload.len >= 2);
    assert_int_equal((unsigned char)payload.data[0] << 8 | (unsigned char)payload.data[1], code);
    buf_fini(&payload);
}
