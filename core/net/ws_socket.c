/*
 * The endpoints under /ws/x/, on libwebsockets: what a plugin sends (socket_peer.h) waits here, as
 * frames, while the other side is slow.
 */
#include "net/ws_state.h"

#include "err.h"
#include "hub/frame.h"
#include "hub/hub.h"
#include "net/socket_peer.h"

#include <stdlib.h>

#define WRITE_BYTES ((size_t)256 * 1024) /* at once; at least one frame */

struct socket {
    struct ws *ws;
    struct socket_peer peer;
    struct buf out;  /* whole frames that wait */
    size_t in_below; /* bytes of the last write, while libwebsockets still holds some of them */
};

static void
close_with(struct ws *ws, int code, const char *reason)
{
    net_port()->close(ws, code, reason);
}

/* --- output --- */

/* As many frames as may be written at once: never a part, for a pong may come between two writes.
 */
static size_t
first_frames(const struct buf *out)
{
    size_t len = frame_size(out->data);

    while (len < out->len && len + frame_size(out->data + len) <= WRITE_BYTES)
        len += frame_size(out->data + len);
    return len;
}

static void
flush(struct socket *socket)
{
    const struct hub_port *port = net_port();

    while (socket->out.len > 0 && !port->is_blocked(socket->ws)) {
        size_t len = first_frames(&socket->out);

        socket->in_below = len;
        if (port->write(socket->ws, socket->out.data, len) < 0) {
            buf_fini(&socket->out);
            return;
        }
        buf_consume(&socket->out, len);
    }
    if (!port->is_blocked(socket->ws))
        socket->in_below = 0;
    if (socket->out.len > 0)
        port->want_writable(socket->ws);
    else
        buf_fini(&socket->out); /* an idle socket keeps no buffer */
}

static int
port_check(void *conn)
{
    struct socket *socket = conn;
    const struct ws *ws = socket->ws;

    if (ws->is_dead || ws->is_closing)
        return HD1_ECLOSED;
    if (!net_port()->is_blocked(socket->ws))
        socket->in_below = 0;
    return socket->out.len + socket->in_below > hub_limits(ws->base.net->hub)->queue_bytes
               ? HD1_EFULL
               : 0;
}

static int
port_send(void *conn, struct span bytes, bool is_binary)
{
    struct socket *socket = conn;
    int err = port_check(conn);

    if (err == HD1_EFULL)
        close_with(socket->ws, 4008, "slow");
    if (err)
        return err;
    frame_append_as(&socket->out, is_binary ? FRAME_BINARY : FRAME_TEXT, bytes);
    flush(socket);
    return 0;
}

static void
port_close(void *conn, int code, const char *reason)
{
    struct socket *socket = conn;
    struct buf out = socket->out;

    /* The close frame goes behind what was sent, which libwebsockets takes all at once then. */
    socket->out = BUF_INIT;
    if (out.len > 0 && !socket->ws->is_closing && !socket->ws->is_dead)
        net_port()->write(socket->ws, out.data, out.len);
    buf_fini(&out);
    close_with(socket->ws, code, reason);
}

static const struct web_port port = {.check = port_check, .send = port_send, .close = port_close};

/* --- the endpoint --- */

static void
opened(struct ws *ws, struct request *request)
{
    struct socket *socket = mem_zalloc(sizeof(*socket));
    int code;

    socket->ws = ws;
    socket->peer = (struct socket_peer){
        .hub = ws->base.net->hub, .web = ws->base.net->options.web, .port = &port, .conn = socket};
    ws->peer = socket;
    code = socket_peer_open(&socket->peer, request, ws->base.address);
    if (code)
        close_with(ws, code, "not available");
}

static void
message(struct ws *ws, struct span bytes, bool is_binary)
{
    struct socket *socket = ws->peer;

    socket_peer_receive(&socket->peer, bytes, is_binary);
}

static void
writable(struct ws *ws)
{
    flush(ws->peer);
}

static void
closed(struct ws *ws, void *peer, int code)
{
    struct socket *socket = peer;

    (void)ws;
    socket_peer_end(&socket->peer, code);
    buf_fini(&socket->out);
    free(socket);
}

static void
stop(struct ws *ws)
{
    port_close(ws->peer, 1001, "the server stops");
}

const struct ws_endpoint ws_socket_endpoint = {
    .opened = opened,
    .message = message,
    .writable = writable,
    .closed = closed,
    .stop = stop,
};
