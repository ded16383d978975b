/*
 * A request without a connection: `hd1 test` asks REST and the plugins' routes, and opens
 * WebSockets, as a client would, and no network is in between. Plugins are asked who that is
 * (before_connect) as ever; what the gate (gate.c) refuses is not refused here.
 */
#ifndef HD1_NET_REQUEST_LOCAL_H
#define HD1_NET_REQUEST_LOCAL_H

#include "net/request.h"

/* Where it comes from and goes to; all lent until it is answered. */
struct request_local {
    const struct web_hooks *web; /* who is asked */
    const char *address;
    struct span identity; /* who that is, as if a plugin had said so already; or SPAN_NONE */
    /* The client that the events of a REST request come from, by what plugins made of it. */
    struct client *(*client)(void *ctx, struct span identity);
    /* The answer; headers are "name: value\r\n" each. Lent during the call. */
    void (*answered)(void *ctx, int status, struct span headers, struct span body);
    void *ctx; /* of both */
};

/*
 * From "POST /api/sessions HTTP/1.1\r\nname: value\r\n\r\n" and its body; all is copied. NULL if
 * the head is malformed or its method unknown. answered is called exactly once, at once or later;
 * the request is gone then.
 */
struct request *request_local_new(struct span head, struct span body,
                                  const struct request_local *local);

/* A WebSocket handshake that was let in. */
struct request_handshake {
    struct request *request; /* free with request_local_free() */
    struct span identity;    /* lent by it; SPAN_NONE: not known */
    const char *subprotocol; /* that is echoed; lent by it; or NULL */
};
/*
 * "GET PATH HTTP/1.1\r\n" with `headers` ("name: value\r\n" each) and those that make it a
 * handshake, by the checks of one that came by the network. 0; or HD1_EINVAL: it was refused, and
 * answered (status 0: it is no request at all).
 */
int request_local_upgrade(struct span path, struct span headers, const struct request_local *local,
                          struct request_handshake *handshake);
void request_local_free(struct request *request);

#endif
