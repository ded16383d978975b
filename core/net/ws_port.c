/*
 * How the hub, and ws_socket.c, reach a WebSocket. Nothing here calls back into them: what goes
 * wrong marks the connection dead, and libwebsockets ends it in the next round.
 */
#include "net/ws_state.h"

#include "err.h"
#include "hub/hooks.h"
#include "net/sender.h"

#include <libwebsockets.h>

#include <sys/socket.h>

/* "Within 5 s": a second may be lost to whole seconds, one to the sweep. */
#define CLOSE_S 3
#define REASON_MAX 123

/* Only then may bytes go straight to the socket: libwebsockets holds nothing back. */
static bool
is_open(const struct ws *ws)
{
    return !ws->is_dead && !ws->is_closing && !lws_partial_buffered(ws->wsi);
}

/* What the kernel did not take is copied to a list in libwebsockets, which also finds out what is
 * wrong with the socket. RAW takes the bytes as they are. */
static int
write_rest(struct ws *ws, struct span bytes, size_t sent)
{
    if (sent == bytes.len)
        return 0;
    if (lws_write(ws->wsi, (unsigned char *)bytes.at + sent, bytes.len - sent, LWS_WRITE_RAW) < 0) {
        ws_kill(ws);
        return HD1_ECLOSED;
    }
    return lws_partial_buffered(ws->wsi);
}

static int
port_write(void *conn, const char *bytes, size_t len)
{
    struct ws *ws = conn;
    ssize_t sent = 0;

    if (ws->is_dead || ws->is_closing)
        return HD1_ECLOSED;
    if (is_open(ws))
        sent = send(ws->base.fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    return write_rest(ws, (struct span){bytes, len}, sent > 0 ? (size_t)sent : 0);
}

/* At most SENDER_MAX. */
static void
write_some(struct sender *sender, struct hub_write *writes, size_t count)
{
    struct sending sendings[SENDER_MAX];
    size_t open_count = 0;

    for (size_t i = 0; i < count; i++) {
        const struct ws *ws = writes[i].conn;

        if (is_open(ws)) {
            sendings[open_count++] =
                (struct sending){.fd = ws->base.fd, .bytes = writes[i].bytes, .ctx = &writes[i]};
        } else {
            writes[i].result = port_write(writes[i].conn, writes[i].bytes.at, writes[i].bytes.len);
        }
    }
    sender_send(sender, sendings, open_count);
    for (size_t i = 0; i < open_count; i++) {
        struct hub_write *write = sendings[i].ctx;

        write->result = write_rest(write->conn, write->bytes, sendings[i].sent);
    }
}

static void
port_write_many(struct hub_write *writes, size_t count)
{
    struct sender *sender = count > 1 ? ((struct ws *)writes[0].conn)->base.net->sender : NULL;

    for (size_t at = 0; at < count; at += SENDER_MAX) {
        size_t some = count - at < SENDER_MAX ? count - at : SENDER_MAX;

        if (sender) {
            write_some(sender, writes + at, some);
        } else {
            for (size_t i = at; i < at + some; i++) {
                writes[i].result =
                    port_write(writes[i].conn, writes[i].bytes.at, writes[i].bytes.len);
            }
        }
    }
}

static bool
port_is_blocked(void *conn)
{
    struct ws *ws = conn;

    return !ws->is_dead && lws_partial_buffered(ws->wsi);
}

static void
port_want_writable(void *conn)
{
    struct ws *ws = conn;

    if (ws->is_dead || ws->is_closing)
        return;
    ws->wants_writable = true;
    lws_callback_on_writable(ws->wsi);
}

static void
port_close(void *conn, int code, const char *reason)
{
    struct ws *ws = conn;
    unsigned char frame[4 + REASON_MAX];
    size_t len = reason ? strlen(reason) : 0;

    if (ws->is_dead || ws->is_closing)
        return;
    len = len < REASON_MAX ? len : REASON_MAX;
    frame[0] = 0x88;
    frame[1] = (unsigned char)(2 + len);
    frame[2] = (unsigned char)(code >> 8);
    frame[3] = (unsigned char)(code & 0xff);
    if (len > 0)
        memcpy(frame + 4, reason, len);
    if (lws_write(ws->wsi, frame, 4 + len, LWS_WRITE_RAW) < 0) {
        ws_kill(ws);
        return;
    }
    ws->is_closing = true;
    ws->close_code = (uint16_t)code;
    ws->deadline_s = net_now_s(ws->base.net) + CLOSE_S;
    ws_update(ws); /* its close frame must get through */
}

static void
port_pause_reading(void *conn, bool is_paused)
{
    struct ws *ws = conn;

    ws->is_paused = is_paused;
    ws_update(ws);
}

static const struct hub_port port = {
    .write = port_write,
    .write_many = port_write_many,
    .is_blocked = port_is_blocked,
    .want_writable = port_want_writable,
    .close = port_close,
    .pause_reading = port_pause_reading,
};

const struct hub_port *
net_port(void)
{
    return &port;
}
