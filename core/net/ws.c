/* The WebSocket side of libwebsockets: whole messages go from here to the endpoint. */
#include "net/ws_state.h"

#include "log.h"
#include "net/request_state.h"
#include "net/upgrade.h"

#include <libwebsockets.h>

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define SMALL_BYTES 208
#define LARGE_BYTES 2048
#define LARGE_BUFFERS_MAX 64
/* Bytes sent at once; what the kernel does not take of them is copied to a list in libwebsockets.
 */
#define TX_PACKET_BYTES ((size_t)256 * 1024)
/* Close codes that no frame carries: there was none in the frame; there was no frame. */
#define NO_CODE 1005
#define ABNORMAL_CODE 1006

/* --- life --- */

struct ws_busy *
ws_need_busy(struct ws *ws)
{
    if (!ws->busy)
        ws->busy = mem_zalloc(sizeof(*ws->busy));
    return ws->busy;
}

void
ws_settle(struct ws *ws)
{
    const struct ws_busy *busy = ws->busy;

    if (busy && !busy->request && busy->in.len == 0 && !busy->is_stuck) {
        free(ws->busy);
        ws->busy = NULL;
    }
}

static void
destroy(struct ws *ws)
{
    registry_remove(&ws->base.net->registry, &ws->base);
    turn_forget(ws);
    ws->base.net->large_buffers -= ws->has_large_buffer;
    if (ws->busy) {
        buf_fini(&ws->busy->in);
        request_free(ws->busy->request);
        free(ws->busy);
    }
    free(ws);
}

static const struct ws_endpoint *
endpoint_of(const struct ws *ws)
{
    return ws->is_socket ? &ws_socket_endpoint : &ws_session_endpoint;
}

/* libwebsockets takes the socket and, in this very call, answers the handshake: what it has to
 * know of it and what the client sent behind it is given as if just read. */
static void
hand_over(struct ws *ws, const struct request *request, struct span behind)
{
    struct net *net = ws->base.net;
    enum ws_buffer buffer = ws->has_large_buffer ? WS_BUFFER_LARGE : WS_BUFFER_SMALL;
    struct buf handshake = BUF_INIT;

    upgrade_append_handshake(&handshake, request, ws_vhost_name(buffer));
    buf_append_span(&handshake, behind);
    net->adopting = ws; /* on_instantiated() takes it from there */
    lws_adopt_socket_vhost_readbuf(net->vhosts[buffer], ws->base.fd, handshake.data, handshake.len);
    buf_fini(&handshake);
}

void
ws_adopt(struct connection *connection, struct request *request, struct span behind)
{
    struct net *net = connection->net;
    struct ws *ws = mem_zalloc(sizeof(*ws));

    ws->base = *connection;
    ws->base.kind = CONNECTION_WS;
    registry_replace(&net->registry, connection, &ws->base);
    ws->is_socket = request->is_socket;
    ws_need_busy(ws)->request = request;
    request->http = NULL;
    ws->received_s = ws->pinged_s = net_now_s(net);
    ws->has_large_buffer = net->large_buffers < LARGE_BUFFERS_MAX;
    net->large_buffers += ws->has_large_buffer;

    hand_over(ws, request, behind);
    if (net->adopting) {
        log_debug("net", "libwebsockets did not take a socket");
        net->adopting = NULL;
        destroy(ws);
    }
}

static int
on_instantiated(struct lws *wsi, struct net *net)
{
    struct ws *ws = net->adopting;

    if (!ws)
        return -1;
    net->adopting = NULL;
    ws->wsi = wsi;
    lws_set_wsi_user(wsi, ws);
    return 0;
}

/*
 * The guard against a use-after-free in 4.1.6: for another Upgrade than websocket and h2c it
 * answers, drops the headers, and calls this with a pointer into them. upgrade.c lets none of those
 * get here; so this must never say anything but "it is websocket", whatever came before.
 */
static int
on_confirm_upgrade(struct lws *wsi)
{
    char upgrade[16];

    if (lws_hdr_total_length(wsi, WSI_TOKEN_UPGRADE) == 0 ||
        lws_hdr_copy(wsi, upgrade, sizeof(upgrade), WSI_TOKEN_UPGRADE) <= 0)
        return -1;
    return strcasecmp(upgrade, "websocket") == 0 ? 0 : -1;
}

/* libwebsockets asks what else its answer to the handshake is to say: the subprotocol, which it
 * does not know. */
static int
on_add_headers(struct ws *ws, struct lws_process_html_args *args)
{
    const struct request *request = ws && ws->busy ? ws->busy->request : NULL;
    const char *subprotocol = request ? request->subprotocol : NULL;
    int len;

    if (!subprotocol)
        return 0;
    len = snprintf(args->p, (size_t)args->max_len, "Sec-WebSocket-Protocol: %s\r\n", subprotocol);
    if (len >= args->max_len)
        return -1;
    args->p += len;
    return 0;
}

static bool
may_read(const struct ws *ws)
{
    return ws->is_closing ||
           !(ws->is_paused || ws->is_turn_over || ws->base.net->is_reading_stopped);
}

static void
on_established(struct ws *ws)
{
    struct request *request = ws->busy->request;

    ws->busy->request = NULL;
    ws_settle(ws);
    endpoint_of(ws)->opened(ws, request);
    request_free(request);
    if (!may_read(ws)) /* it reads as it is, and to be told so would cost it two system calls */
        ws_update(ws);
}

static void
on_closed(struct ws *ws)
{
    void *peer = ws->peer;

    ws->is_dead = true;
    ws->peer = NULL;
    if (peer)
        endpoint_of(ws)->closed(ws, peer, ws->close_code ? ws->close_code : ABNORMAL_CODE);
}

void
ws_kill(struct ws *ws)
{
    if (ws->is_dead || !ws->wsi)
        return;
    ws->is_dead = true;
    lws_set_timeout(ws->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    /* libwebsockets' timer is armed only when it has something to do. */
    lws_cancel_service(ws->base.net->context);
}

void
ws_update(struct ws *ws)
{
    if (ws->wsi && !ws->is_dead)
        lws_rx_flow_control(ws->wsi, may_read(ws));
}

/* --- input --- */

static void
refuse_long(struct ws *ws)
{
    static const char reason[] = "message too long";

    ws->is_closing = true;
    ws->close_code = LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE;
    lws_close_reason(ws->wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, (unsigned char *)reason,
                     sizeof(reason) - 1);
}

/* The pieces are whole with this last one. */
static void
on_last_piece(struct ws *ws, struct span piece)
{
    struct buf whole = ws->busy->in;

    ws->busy->in = BUF_INIT;
    ws_settle(ws);
    buf_append_span(&whole, piece);
    endpoint_of(ws)->message(ws, buf_span(&whole), lws_frame_is_binary(ws->wsi));
    buf_fini(&whole);
}

/* A piece of a message; libwebsockets has unmasked it and checked its UTF-8. */
static int
on_receive(struct ws *ws, const char *bytes, size_t len)
{
    struct net *net = ws->base.net;
    bool is_whole = lws_is_final_fragment(ws->wsi);
    size_t before = ws->busy ? ws->busy->in.len : 0;

    net->bytes_in += (int64_t)len;
    ws->received_s = net_now_s(net);
    if (ws->is_closing || ws->is_dead || !ws->peer)
        return 0;
    if (before + len + lws_remaining_packet_payload(ws->wsi) > net->options.message_bytes) {
        refuse_long(ws);
        return -1;
    }
    if (is_whole)
        turn_take(ws);
    if (is_whole && before > 0) {
        on_last_piece(ws, (struct span){bytes, len});
    } else if (is_whole) {
        endpoint_of(ws)->message(ws, (struct span){len ? bytes : "", len},
                                 lws_frame_is_binary(ws->wsi));
    } else if (len > 0) {
        buf_append(&ws_need_busy(ws)->in, bytes, len);
    }
    return 0;
}

static void
on_writable(struct ws *ws)
{
    if (ws->wants_writable && !ws->is_closing && !ws->is_dead && ws->peer) {
        ws->wants_writable = false;
        endpoint_of(ws)->writable(ws);
    }
}

void
ws_stop(struct ws *ws)
{
    if (ws->peer && endpoint_of(ws)->stop)
        endpoint_of(ws)->stop(ws);
}

/* The first two bytes of the peer's close frame, if it has any. */
static void
note_close_code(struct ws *ws, const unsigned char *bytes, size_t len)
{
    if (!ws->close_code)
        ws->close_code = len >= 2 ? (uint16_t)(bytes[0] << 8 | bytes[1]) : NO_CODE;
}

/* --- the callback --- */

static int
callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    struct ws *ws = user;

    switch (reason) {
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        return on_instantiated(wsi, lws_vhost_user(lws_get_vhost(wsi)));
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return on_confirm_upgrade(wsi);
    case LWS_CALLBACK_HTTP:
        return -1; /* it is here to upgrade, or not at all */
    case LWS_CALLBACK_ADD_HEADERS:
        return on_add_headers(ws, in);
    case LWS_CALLBACK_ESTABLISHED:
        on_established(ws);
        break;
    case LWS_CALLBACK_RECEIVE:
        return on_receive(ws, in, len);
    case LWS_CALLBACK_RECEIVE_PONG:
        ws->received_s = net_now_s(ws->base.net);
        break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        on_writable(ws);
        break;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        note_close_code(ws, in, len);
        /* The answer to our close frame ends it; else libwebsockets answers. */
        if (ws->is_closing)
            return -1;
        ws->is_closing = true;
        break;
    case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
        /* libwebsockets closes by itself (a protocol error): no frame may follow. */
        ws->is_closing = true;
        break;
    case LWS_CALLBACK_CLOSED:
        on_closed(ws);
        break;
    case LWS_CALLBACK_WSI_DESTROY:
        if (ws) {
            on_closed(ws);
            destroy(ws);
        }
        break;
    default:
        break;
    }
    return 0;
}

/* libwebsockets sees no subprotocol and takes the first; see on_add_headers(). */
#define PROTOCOLS(bytes)                                                                           \
    {                                                                                              \
        {.name = UPGRADE_PROTOCOL,                                                                 \
         .callback = callback,                                                                     \
         .rx_buffer_size = (bytes),                                                                \
         .tx_packet_size = TX_PACKET_BYTES},                                                       \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

const struct lws_protocols *
ws_protocols(enum ws_buffer buffer)
{
    static const struct lws_protocols protocols[WS_BUFFER_COUNT][2] = {
        [WS_BUFFER_SMALL] = PROTOCOLS(SMALL_BYTES),
        [WS_BUFFER_LARGE] = PROTOCOLS(LARGE_BYTES),
    };

    return protocols[buffer];
}

/* The handshake names it as its host, for libwebsockets looks for the host's. */
const char *
ws_vhost_name(enum ws_buffer buffer)
{
    return buffer == WS_BUFFER_LARGE ? "large" : "small";
}
