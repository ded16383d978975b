/*
 * The network: our own listening sockets on our libuv loop, HTTP/1.1 and WebSocket on each of them.
 * The only layer that includes libwebsockets.h. Hub thread.
 *
 * The walk of a client's bytes, in this directory:
 *   accept.c      a connection: counted, limited
 *   http*.c       its requests, one after the other (head.c reads the head, gate.c refuses)
 *   request.c     what REST sees of one, and its answer
 *   guard.c       may it be served? the plugins are asked who that is
 *   upgrade.c     ... or it is a WebSocket handshake: then the socket goes to libwebsockets
 *   ws.c          whole messages to the endpoint; ws_port.c what is written
 *   ws_session.c  the endpoint /ws: messages to the hub; ws_socket.c: /ws/x/, to a plugin
 *   heartbeat.c   pings, deadlines
 */
#ifndef HD1_NET_NET_H
#define HD1_NET_NET_H

#include "buf.h"
#include "hub/hooks.h"
#include "hub/web.h"
#include "net/request.h"

#include <uv.h>

struct hub;
struct net;

struct net_options {
    uv_loop_t *loop;
    struct hub *hub; /* may be set later by net_set_hub() */
    char **listen;   /* "127.0.0.1:8080", "[::1]:8080", "unix:/path"; port 0 picks one */
    size_t listen_count;
    const char *admin; /* one more, for administration alone; NULL: none */
    char **origins;    /* allowed besides same-origin and IP literals, "https://host[:port]" */
    size_t origin_count;
    size_t message_bytes, body_bytes; /* limits on what comes in */
    size_t header_bytes;              /* request line and headers (16384) */
    size_t connections, connections_per_address;
    int ping_s;            /* a ping after so long without traffic (25) */
    int read_timeout_s;    /* dead after so long without any traffic (60) */
    int write_timeout_s;   /* dead if it takes no byte for so long (10) */
    int request_timeout_s; /* headers and body of a request must be whole by then (30) */
    bool is_io_uring_used; /* for sends to many clients, if the kernel has it */
    void (*handle)(void *ctx,
                   struct request *request); /* every request that the gate lets through */
    void *handle_ctx;
    const struct web_hooks *web; /* the plugins; borrowed; NULL: none */
    bool is_anonymous_refused;   /* who gets no identity from a plugin is refused (401) */
};

/* How the hub writes to WebSocket clients; static. For hub_options.port. */
const struct hub_port *net_port(void);

/* Makes the lws context and binds and listens; nothing is accepted yet. On failure *net is NULL and
 * why says which address and what to do. */
int net_new(struct net **net, const struct net_options *options, struct buf *why);
/* Set once before net_start(), if the options had none. */
void net_set_hub(struct net *net, struct hub *hub);
/* Starts accepting. */
void net_start(struct net *net);
/* "http://127.0.0.1:8080" or "unix:PATH" of listener i (the port really bound); NULL at the end. */
const char *net_url(const struct net *net, size_t i);
/* The same of the listener for administration; NULL if there is none. */
const char *net_admin_url(const struct net *net);
/* Closes the listening sockets; connections go on. */
void net_stop_accepting(struct net *net);
/* New messages and requests are no longer read. */
void net_stop_reading(struct net *net);
/* Closes the WebSockets of plugins with 1001; the hub says goodbye to the others. */
void net_close_sockets(struct net *net);
/* How many connections are open (HTTP and WebSocket). */
size_t net_connection_count(const struct net *net);
/*
 * Cuts what is still open, disconnects all clients from the hub, and runs the loop until its
 * handles are closed: not from within one of the loop's callbacks, and before the hub is freed.
 * Requests may be answered even later. NULL ok.
 */
void net_free(struct net *net);

/* Appends the network's figures for /metrics, in Prometheus' text format. */
void net_append_metrics(const struct net *net, struct buf *out);

#endif
