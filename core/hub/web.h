/*
 * What the network and the plugins tell each other about requests and connections. Neither includes
 * the other: the server hands the plugins' table (struct web_hooks) to the network, as it hands the
 * network's port to the hub. The hub itself uses none of it. Hub thread.
 */
#ifndef HD1_HUB_WEB_H
#define HD1_HUB_WEB_H

#include "buf.h"
#include "hub/basis.h"
#include "hub/hooks.h"
#include "hub/hub.h"
#include "span.h"

enum method {
    METHOD_GET,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_OPTIONS,
    METHOD_COUNT
};

/* "GET", ... */
const char *method_text(enum method method);
/* False if there is no such method here. */
bool method_find(struct span text, enum method *method);

/* A request as plugins see it; its bytes are lent during the call. None of it is in any log. */
struct web_request {
    bool is_websocket; /* a handshake */
    enum method method;
    const char *address;
    struct span path;     /* without query, percent-decoded; any bytes but NUL */
    struct span origin;   /* SPAN_NONE if absent, as all below */
    struct span token;    /* what the request brought to prove who it is */
    struct span identity; /* what a plugin answered to it, a JSON object */
    struct span body;
    struct client *client; /* NULL in before_connect: there is none yet */
    void *ctx;             /* of those below */
    /* A header by its name in lower case. */
    struct span (*header)(void *ctx, struct span name);
    /* All headers, one after the other, names in lower case; *pos = 0 at first. */
    bool (*next_header)(void *ctx, size_t *pos, struct span *name, struct span *value);
    /* The parameters of the query, decoded, one after the other; *pos = 0 at first. */
    bool (*next_query)(void *ctx, size_t *pos, struct span *key, struct span *value);
};

#define WEB_PARAMS_MAX 8

/* What a path under /api/x/ stands for. */
struct web_match {
    const void *route; /* of that method; NULL: none */
    unsigned allowed;  /* methods the path knows, one bit each */
    struct span params[WEB_PARAMS_MAX];
};

/* A route's answer. */
struct web_answer {
    int status;
    bool is_text;              /* the body is a string of the plugin's, not JSON that we made */
    struct buf body;           /* empty: none */
    struct buf headers;        /* "name: value\r\n" each, checked */
    const struct basis *basis; /* what it waits for; lent, good until the hub runs again */
};

void web_answer_fini(struct web_answer *answer);

/* How a plugin reaches a WebSocket of its own; none of these calls back. conn is the network's. */
struct web_port {
    /* Can it be sent to? 0; HD1_ECLOSED; HD1_EFULL: send would close it as slow. */
    int (*check)(void *conn);
    /* One whole message. 0; HD1_ECLOSED; HD1_EFULL: too much waits, so it was closed as slow. */
    int (*send)(void *conn, struct span bytes, bool is_binary);
    /* A close frame behind what was sent. */
    void (*close)(void *conn, int code, const char *reason);
};

/* Any function may be NULL: then there is nothing of that kind. */
struct web_hooks {
    void *ctx;
    /* Each WebSocket handshake and REST request, before it is answered. An identity that was given
     * is appended to `identity`; if it is refused, headers gets what the answer is to say more. */
    enum verdict (*before_connect)(void *ctx, const struct web_request *request,
                                   struct buf *identity, struct refusal *refusal,
                                   struct buf *headers);
    /* Looks up a path under /api/x/. */
    void (*find_route)(void *ctx, enum method method, struct span path, struct web_match *match);
    /* Calls it, in the same round. False: refusal is filled in (and perhaps answer->headers). */
    bool (*call_route)(void *ctx, const struct web_match *match, const struct web_request *request,
                       struct web_answer *answer, struct refusal *refusal);
    /* Is there a WebSocket endpoint at this path under /ws/x/? subprotocol: lent, or NULL. */
    bool (*find_socket)(void *ctx, struct span path, const char **subprotocol);
    /* The handshake of such a path was answered. What it returns is given back to the two below;
     * NULL: it cannot be served, and *code says with what to close. */
    void *(*open_socket)(void *ctx, const struct web_request *request, const struct web_port *port,
                         void *conn, int *code);
    void (*receive)(void *socket, struct span bytes, bool is_binary);
    /* The connection ended; frees the socket. */
    void (*closed)(void *socket, int code);
};

#endif
