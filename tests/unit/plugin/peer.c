/* See peer.h. */
#include "plugin/peer.h"

#include "err.h"
#include "hub/web.h"

#include <stdlib.h>

static int
port_check(void *conn)
{
    const struct peer *peer = conn;

    return peer->is_closed ? HD1_ECLOSED : peer->is_slow ? HD1_EFULL : 0;
}

static void
port_close(void *conn, int code, const char *reason)
{
    struct peer *peer = conn;

    if (!peer->is_closed)
        buf_appendf(&peer->heard, "%d %s|", code, reason);
    peer->is_closed = true;
}

static int
port_send(void *conn, struct span bytes, bool is_binary)
{
    struct peer *peer = conn;
    int err = port_check(conn);

    if (err == HD1_EFULL)
        port_close(conn, 4008, "slow");
    if (err)
        return err;
    buf_append_str(&peer->heard, is_binary ? "binary " : "");
    buf_append_span(&peer->heard, bytes);
    buf_append_char(&peer->heard, '|');
    return 0;
}

static const struct web_port port = {.check = port_check, .send = port_send, .close = port_close};

struct peer *
peer_open(struct play *play)
{
    struct peer *peer = mem_zalloc(sizeof(*peer));
    struct hub_connection connection = {
        .kind = CLIENT_SOCKET, .address = "192.0.2.7", .path_session = SPAN_NONE};
    const struct web_hooks *web = plugins_web(play->plugins);
    struct web_request request = {.is_websocket = true, .path = SPAN("/ws/x/a")};
    int code = 0;

    peer->play = play;
    peer->next = play->peers;
    play->peers = peer;
    peer->client = hub_connect(play->scene->hub, &connection);
    request.client = peer->client;
    peer->served = web->open_socket(web->ctx, &request, &port, peer, &code);
    assert_non_null(peer->served);
    return peer;
}

void
peer_say(struct peer *peer, const char *text)
{
    plugins_web(peer->play->plugins)->receive(peer->served, span_of(text), false);
}

void
peer_expect(struct peer *peer, const char *heard)
{
    assert_string_equal(buf_cstr(&peer->heard), heard);
    buf_clear(&peer->heard);
}

void
peer_end(struct peer *peer)
{
    struct peer **at = &peer->play->peers;

    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    if (peer->served)
        plugins_web(peer->play->plugins)->closed(peer->served, 1000);
    hub_disconnect(peer->play->scene->hub, peer->client);
    buf_fini(&peer->heard);
    free(peer);
}
