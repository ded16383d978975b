/* The inside of struct http: http.c (its life), http_read.c (requests), http_write.c (answers). */
#ifndef HD1_NET_HTTP_STATE_H
#define HD1_NET_HTTP_STATE_H

#include "buf.h"
#include "hub/refusal.h"
#include "net/http.h"

#include <uv.h>

enum http_state {
    HTTP_HEAD,      /* waits for (the rest of) a request's head */
    HTTP_BODY,      /* waits for the rest of its body */
    HTTP_PENDING,   /* the handler has it; nothing is read meanwhile */
    HTTP_SENDING,   /* the answer is on its way */
    HTTP_LINGER,    /* said all; reads on, so that the answer is not lost to a reset */
    HTTP_UPGRADING, /* lets go of the socket, which ws.c gets then */
    HTTP_CLOSED,
};

struct http {
    struct connection base;
    uv_poll_t poll;
    bool has_poll; /* not yet while http_open() looks at what came with the connection */
    int watched;   /* what poll waits for */
    enum http_state state;
    struct buf in; /* read and not used */
    size_t scanned;
    struct buf out; /* UPGRADING: what ws.c gets to read */
    size_t out_sent;
    struct request *request; /* from its head to its answer; UPGRADING: ws.c gets it */
    struct client *client;
    uint64_t progress; /* of the peer, see socket_progress() */
    uint32_t deadline_s;
    bool is_last;        /* closes after the answer */
    bool is_reading;     /* within http_read() */
    bool has_more;       /* `in` holds bytes that were not looked at yet */
    bool is_half_closed; /* the peer sends no more */
    struct http *next;   /* orphan */
};

/* Waits for what the state needs. */
void http_watch(struct http *http);
/* Stops polling, so that the socket can go to ws.c. */
void http_let_go(struct http *http);
/* Looks at `in`: as many requests as are whole. */
void http_read(struct http *http);
/* Sends what it can; goes on to the next state when all is sent. */
void http_flush(struct http *http);
/* Answers what never became a request, and closes. */
void http_fail(struct http *http, enum refusal_code code, const char *message);
/* The same with 408: the request took too long to come. */
void http_fail_late(struct http *http);

#endif
