/* The inside of struct request, for the files of net/ that read, check and answer it. */
#ifndef HD1_NET_REQUEST_STATE_H
#define HD1_NET_REQUEST_STATE_H

#include "arena.h"
#include "buf.h"
#include "net/head.h"
#include "net/request.h"
#include "net/request_local.h"

struct http;

struct request {
    struct http *http;          /* NULL once the network is torn down, and of a local one */
    struct request_local local; /* of a local one (request_local.h); else zero */
    struct arena arena;
    struct head head;
    enum method method;
    struct span path; /* decoded */
    struct span query;
    struct buf body;
    size_t content_length;
    bool expects_continue;
    bool is_admin;       /* by the listener for administration */
    bool is_head_only;   /* HEAD: the answer has no body */
    bool is_cors;        /* Origin is there and allowed: the answer says so */
    bool is_last;        /* the connection closes after the answer */
    struct buf headers;  /* of the answer: "name: value\r\n" each */
    struct buf identity; /* who it comes from, JSON; empty: not known */
    const char
        *subprotocol; /* of a WebSocket handshake: to be echoed; lent by the arena; or NULL */
    bool is_socket;   /* ... to a plugin's endpoint */
    bool has_content_type, has_cache_control;
};

/* From a whole head, which is copied. NULL: *err is head_parse()'s. */
struct request *request_new(struct http *http, struct span head, int *err);
void request_free(struct request *request);
/* request_web() by itself, before there is a client. */
void request_web_from(struct request *request, const char *address, struct web_request *web);

#endif
