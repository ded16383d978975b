/* The inside of struct ws: 72 bytes for an idle connection, besides what libwebsockets takes. */
#ifndef HD1_NET_WS_STATE_H
#define HD1_NET_WS_STATE_H

#include "net/net_state.h"
#include "net/ws.h"

/* What a connection has only at times: made when it begins, freed when none of it is left. */
struct ws_busy {
    struct request *request; /* the handshake, until it is answered; owned */
    struct buf in;           /* a message that came in pieces so far */
    uint64_t progress;       /* of the peer while output waits, see socket_progress() */
    uint32_t progress_s;     /* when it last moved */
    bool is_stuck;           /* output waits */
};

struct ws {
    struct connection base;
    struct lws *wsi;      /* NULL until libwebsockets has it */
    void *peer;           /* the endpoint's; NULL before and after it serves it */
    struct ws_busy *busy; /* or NULL */
    uint32_t received_s;  /* when something last came */
    uint32_t pinged_s;
    uint32_t deadline_s; /* is_closing: hang up then */
    uint16_t close_code; /* with which it ended, as far as is known; else 0 */
    bool is_socket : 1;  /* a plugin's, not a client of the hub */
    bool is_closing : 1; /* a close frame is queued, or libwebsockets is closing: write no more */
    bool has_large_buffer : 1;
    bool is_dead : 1;        /* libwebsockets will end it in the next round */
    bool is_paused : 1;      /* the hub wants no more input */
    bool is_turn_over : 1;   /* turn.h: it is read again in the next round */
    bool wants_writable : 1; /* the endpoint is to be told when it can write */
};

/*
 * Who is served at a path: ws_session.c (clients of the hub), ws_socket.c (plugins). All but opened
 * are called only while ws->peer is set.
 */
struct ws_endpoint {
    /* The handshake was answered: sets ws->peer, or closes. The request is lent. */
    void (*opened)(struct ws *ws, struct request *request);
    /* A whole message. */
    void (*message)(struct ws *ws, struct span bytes, bool is_binary);
    /* Asked for by want_writable: nothing waits below. */
    void (*writable)(struct ws *ws);
    /* The connection ended; ws->peer is NULL by now. */
    void (*closed)(struct ws *ws, void *peer, int code);
    /* The server stops. NULL: it is told otherwise. */
    void (*stop)(struct ws *ws);
};
extern const struct ws_endpoint ws_session_endpoint;
extern const struct ws_endpoint ws_socket_endpoint;

/* What it has at times, made now if it was not there; and freed if nothing of it is left. */
struct ws_busy *ws_need_busy(struct ws *ws);
void ws_settle(struct ws *ws);

/* Ends it in the next round, without another word: never from within a hub call. */
void ws_kill(struct ws *ws);

#endif
