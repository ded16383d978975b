/*
 * One REST request under way. Private to rest*.c: a handler gets a call, and sees to it that
 * exactly one of the functions that end it is called, at once or later; after that the call is
 * gone.
 *
 *   a read     rest_read(): the session is opened, the handler's function builds the answer from
 * it, and the answer waits until all that it shows is committed; if that fails it is built again a
 * change   rest_change(): an envelope's bytes through hub_receive(), the answer after the commit
 *
 * The hub's callbacks come from its inside: whatever wants to call the hub again from there puts
 * itself off with rest_later().
 */
#ifndef HD1_NET_REST_REST_CALL_H
#define HD1_NET_REST_REST_CALL_H

#include "hub/hub.h"
#include "net/request.h"
#include "net/rest/rest.h"

#define REST_ETAG_SIZE 64 /* "epoch-version" with its quotes and NUL */
#define REST_TRIES_MAX 4  /* reads and replacements that a failed commit or a rival spoiled */

struct rest_call;
typedef void (*rest_call_fn)(struct rest_call *call);
/* Builds the answer: call->status and call->body (and etag), or call->refusal. */
typedef void (*rest_read_fn)(struct rest_call *call, struct session *session);
/* Answers an accepted change; must end the call. */
typedef void (*rest_done_fn)(struct rest_call *call, const struct outcome *outcome);

struct rest_call {
    struct rest *rest;
    struct request *request;
    struct rest_call *prev, *next; /* all that are under way */
    struct span session_id, name;  /* from the path; lent by the request */
    const char *pattern;           /* of its route; NULL: none of ours */
    rest_call_fn later;            /* what to do when the hub is not on the stack; NULL: nothing */
    struct rest_call *next_later;
    int tries;

    rest_read_fn read;
    rest_call_fn again; /* if what was read is not kept */
    rest_done_fn done;
    size_t count;       /* of events sent; of items wanted */
    int64_t since;      /* of history */
    bool is_change;     /* given to the hub: it may happen, whatever becomes of the call */
    bool is_array;      /* a refusal tells the index */
    bool is_create;     /* what a replacement turned out to be */
    struct span cursor; /* of a list; lent by the request */

    int64_t if_version; /* from If-Match; -1: none */
    struct span if_epoch;
    bool is_if_match;        /* given at all, `*` too */
    bool is_if_version_mine; /* made by a replacement, not by the client */

    struct span value; /* the checked body; lent by the request */
    struct buf text;   /* an envelope that waits */

    int status;
    bool is_verbatim; /* the body goes out byte for byte */
    struct buf body;
    char etag[REST_ETAG_SIZE]; /* "" if the answer has none */
    struct refusal refusal;    /* status 0: none */
};

struct hub *rest_hub(const struct rest *rest);
struct store *rest_store(const struct rest *rest);
const struct rest_registry *rest_registry(const struct rest *rest);

/* A new call for this request; owned by rest until it ends. */
struct rest_call *rest_call_new(struct rest *rest, struct request *request);
/* Runs fn once the hub is off the stack: when rest_handle() returns, or at the end of the round. */
void rest_later(struct rest_call *call, rest_call_fn fn);

/* --- ends of a call --- */

/* Sends status, etag and call->body (no body if it is empty). */
void rest_answer(struct rest_call *call, int status);
void rest_refuse(struct rest_call *call, enum refusal_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Sends a refusal that somebody else made. */
void rest_refuse_as(struct rest_call *call, const struct refusal *refusal);

/* --- the two ways --- */

/* Ends in the answer that read builds, or in a refusal. */
void rest_read(struct rest_call *call, rest_read_fn read);
/* Sends an answer that was built already once everything applied to the session is committed; calls
 * again instead if that failed. */
void rest_hold(struct rest_call *call, struct session *session, rest_call_fn again);
/* Sends the envelope with the call's if_version; done answers, or the refusal does. Takes text. */
void rest_change(struct rest_call *call, struct buf *text, rest_done_fn done);
/* The same with the reply in the caller's hands. */
void rest_change_reply(struct rest_call *call, struct span text, hub_reply_fn reply);

/* --- done functions --- */

/* 200 with the outcome's result and its ETag, 204 if there is none. */
void rest_done_result(struct rest_call *call, const struct outcome *outcome);
/* 204. */
void rest_done_empty(struct rest_call *call, const struct outcome *outcome);

#endif
