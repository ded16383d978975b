/* The endpoint /ws: a client of the hub, whose messages are events. */
#include "net/ws_state.h"

#include "hub/hub.h"
#include "net/request_state.h"
#include "net/upgrade.h"

static void
opened(struct ws *ws, struct request *request)
{
    struct hub_connection connection = {
        .kind = CLIENT_WS,
        .address = ws->base.address,
        .path_session = upgrade_session(request),
        .identity = request->identity.len ? buf_span(&request->identity) : SPAN_NONE,
        .conn = ws,
    };

    ws->peer = hub_connect(ws->base.net->hub, &connection);
}

static void
message(struct ws *ws, struct span bytes, bool is_binary)
{
    struct hub *hub = ws->base.net->hub;
    struct message message = {
        .client = ws->peer,
        .source = SOURCE_WS,
        .text = bytes,
        .session_id = SPAN_NONE,
        .if_version = -1,
        .if_epoch = SPAN_NONE,
    };

    if (is_binary)
        hub_receive_binary(hub, ws->peer, bytes.len);
    else
        hub_receive(hub, &message);
}

static void
writable(struct ws *ws)
{
    hub_writable(ws->base.net->hub, ws->peer);
}

static void
closed(struct ws *ws, void *peer, int code)
{
    (void)code;
    hub_disconnect(ws->base.net->hub, peer);
}

const struct ws_endpoint ws_session_endpoint = {
    .opened = opened,
    .message = message,
    .writable = writable,
    .closed = closed,
};
