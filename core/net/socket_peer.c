/* The walk of a plugin's own WebSocket: opened, charged, told, ended. */
#include "net/socket_peer.h"

#include "net/request_state.h"

int
socket_peer_open(struct socket_peer *peer, struct request *request, const char *address)
{
    struct hub_connection connection = {
        .kind = CLIENT_SOCKET,
        .address = address,
        .path_session = SPAN_NONE,
        .identity = request->identity.len ? buf_span(&request->identity) : SPAN_NONE,
    };
    struct web_request seen;
    int code = 1011;

    peer->client = hub_connect(peer->hub, &connection);
    request_web_from(request, address, &seen);
    seen.is_websocket = true;
    seen.client = peer->client;
    peer->served = peer->web->open_socket(peer->web->ctx, &seen, peer->port, peer->conn, &code);
    return peer->served ? 0 : code;
}

/* It comes back for other messages, but not after the server's own faults. */
static int
close_code_of(const struct refusal *refusal)
{
    return refusal->status < 500 ? 4000 + refusal->status : 1013;
}

void
socket_peer_receive(struct socket_peer *peer, struct span bytes, bool is_binary)
{
    struct message_facts facts = {.type = SPAN("socket_message"),
                                  .session_id = SPAN_NONE,
                                  .bytes = bytes.len,
                                  .count = 1,
                                  .source = SOURCE_WS};
    struct refusal refusal;

    if (!peer->served)
        return;
    refusal_init(&refusal);
    if (hub_charge(peer->hub, peer->client, &facts, &refusal))
        peer->web->receive(peer->served, bytes, is_binary);
    else
        peer->port->close(peer->conn, close_code_of(&refusal), refusal.code);
    refusal_fini(&refusal);
}

void
socket_peer_end(struct socket_peer *peer, int code)
{
    if (peer->served)
        peer->web->closed(peer->served, code);
    peer->served = NULL;
    hub_disconnect(peer->hub, peer->client);
    peer->client = NULL;
}
