/* Sockets that speak with a plugin's own endpoint: what it sends is kept until the test reads it.
 */
#include "testing/stage_state.h"

#include "err.h"

#include <stdlib.h>

/* Of a message that waits, before its bytes. */
struct head {
    size_t len;
    bool is_binary;
};

static int
port_check(void *conn)
{
    const struct stage_socket *socket = conn;

    return socket->close_code ? HD1_ECLOSED : 0;
}

static int
port_send(void *conn, struct span bytes, bool is_binary)
{
    struct stage_socket *socket = conn;
    struct head head = {.len = bytes.len, .is_binary = is_binary};

    if (socket->close_code)
        return HD1_ECLOSED;
    buf_append(&socket->in, (const char *)&head, sizeof(head));
    buf_append_span(&socket->in, bytes);
    return 0;
}

static void
port_close(void *conn, int code, const char *reason)
{
    struct stage_socket *socket = conn;

    (void)reason;
    if (!socket->close_code)
        socket->close_code = code;
}

static const struct web_port port = {.check = port_check, .send = port_send, .close = port_close};

struct stage_socket *
stage_socket_open(struct stage *stage, const struct stage_visit *visit,
                  struct stage_answer *refused)
{
    struct request_handshake handshake;
    struct stage_socket *socket;

    if (stage_visit(stage, visit, refused, &handshake) != 0)
        return NULL;
    socket = mem_zalloc(sizeof(*socket));
    socket->peer =
        (struct socket_peer){.hub = stage->hub, .web = &stage->web, .port = &port, .conn = socket};
    if (handshake.subprotocol)
        socket->subprotocol = mem_strndup(handshake.subprotocol, strlen(handshake.subprotocol));
    socket->next = stage->sockets;
    stage->sockets = socket;
    port_close(socket, socket_peer_open(&socket->peer, handshake.request, visit->address), "");
    request_local_free(handshake.request);
    stage_settle(stage);
    return socket;
}

void
stage_socket_send(struct stage *stage, struct stage_socket *socket, struct span bytes,
                  bool is_binary)
{
    if (bytes.len > hub_limits(stage->hub)->message_bytes)
        port_close(socket, 1009, "");
    if (!socket->close_code)
        socket_peer_receive(&socket->peer, bytes, is_binary);
    stage_settle(stage);
}

bool
stage_socket_next(struct stage_socket *socket, struct span *bytes, bool *is_binary)
{
    struct head head;

    if (socket->in.len == 0)
        return false;
    memcpy(&head, socket->in.data, sizeof(head));
    buf_clear(&socket->last);
    buf_append(&socket->last, socket->in.data + sizeof(head), head.len);
    buf_consume(&socket->in, sizeof(head) + head.len);
    *bytes = buf_span(&socket->last);
    *is_binary = head.is_binary;
    return true;
}

void
stage_socket_close(struct stage *stage, struct stage_socket *socket, int code)
{
    port_close(socket, code, "");
    stage_settle(stage);
}

int
stage_socket_close_code(const struct stage_socket *socket)
{
    return socket->close_code;
}

const char *
stage_socket_subprotocol(const struct stage_socket *socket)
{
    return socket->subprotocol;
}

bool
stage_end_sockets(struct stage *stage)
{
    bool has_ended = false;

    for (struct stage_socket *socket = stage->sockets; socket; socket = socket->next) {
        if (!socket->close_code || !socket->peer.client)
            continue;
        socket_peer_end(&socket->peer, socket->close_code);
        has_ended = true;
    }
    return has_ended;
}

void
stage_free_sockets(struct stage *stage)
{
    struct stage_socket *socket;

    for (socket = stage->sockets; socket; socket = socket->next)
        port_close(socket, 1001, "");
    stage_settle(stage);
    while ((socket = stage->sockets)) {
        stage->sockets = socket->next;
        buf_fini(&socket->in);
        buf_fini(&socket->last);
        free(socket->subprotocol);
        free(socket);
    }
}
