/*
 * What a client is told when its message was not accepted: one table of codes for WebSocket `error`
 * messages and REST's application/problem+json. Not for our own failures: see err.h.
 */
#ifndef HD1_HUB_REFUSAL_H
#define HD1_HUB_REFUSAL_H

#include "buf.h"

#include <stdint.h>

/* The core's own codes; plugins may use any other [a-z0-9_]{1,40} with any status 400..599. */
enum refusal_code {
    REFUSE_MALFORMED,           /* 400 not JSON, or not an object */
    REFUSE_INVALID_MESSAGE,     /* 400 the envelope: no type, wrong id, ... */
    REFUSE_UNKNOWN_TYPE,        /* 422 no such event type */
    REFUSE_INVALID_EVENT,       /* 422 the event's data */
    REFUSE_INVALID_REQUEST,     /* 400 a bad path, query or header */
    REFUSE_UNAUTHENTICATED,     /* 401 nobody knows who this is, and it must be known */
    REFUSE_FORBIDDEN,           /* 403 */
    REFUSE_NOT_JOINED,          /* 403 events need a join first (WebSocket) */
    REFUSE_NOT_FOUND,           /* 404 no such route or page */
    REFUSE_UNKNOWN_SESSION,     /* 404 */
    REFUSE_UNKNOWN_OBJECT,      /* 404 */
    REFUSE_UNKNOWN_SCRIPT,      /* 404 */
    REFUSE_METHOD_NOT_ALLOWED,  /* 405 */
    REFUSE_SESSION_EXISTS,      /* 409 */
    REFUSE_OBJECT_EXISTS,       /* 409, details: the object */
    REFUSE_STALE,               /* 409 an older time_ms where conflicts go by time */
    REFUSE_LENGTH_REQUIRED,     /* 411 */
    REFUSE_VERSION_MISMATCH,    /* 412, details: the object */
    REFUSE_TOO_LARGE,           /* 413 */
    REFUSE_RELOAD_FAILED,       /* 422 details: generation, faults */
    REFUSE_UNSUPPORTED,         /* 415 a binary frame, another content type */
    REFUSE_RATE_LIMITED,        /* 429 */
    REFUSE_TOO_MANY_SESSIONS,   /* 429 joined by one client */
    REFUSE_HEADERS_TOO_LARGE,   /* 431 */
    REFUSE_INTERNAL,            /* 500 */
    REFUSE_SCRIPT_FAILED,       /* 500 */
    REFUSE_STORAGE_UNAVAILABLE, /* 503 */
    REFUSE_STORAGE_FULL,        /* 503 */
    REFUSE_OUTCOME_UNKNOWN,     /* 503 it may have been stored: look before trying again */
    REFUSE_PLUGIN_UNAVAILABLE,  /* 503 */
    REFUSE_BUSY,                /* 503 too much is pending; retry_after_ms says when */
    REFUSE_STOPPING,            /* 503 */
    REFUSE_LOOP,                /* 508 events that cause one another too deeply, or too many */
    REFUSE_COUNT
};

struct refusal {
    int status;             /* HTTP status number */
    char code[48];          /* machine-readable; the table's, or a plugin's */
    char message[256];      /* for people, UTF-8 */
    struct buf details;     /* JSON object text; empty: none */
    int64_t retry_after_ms; /* 0: not said */
};

void refusal_init(struct refusal *refusal);
void refusal_fini(struct refusal *refusal);
/* Fills in status and code by the table and the message; forgets details and retry_after_ms. */
void refuse(struct refusal *refusal, enum refusal_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *refusal_code_text(enum refusal_code code);
int refusal_code_status(enum refusal_code code);
bool refusal_is(const struct refusal *refusal, enum refusal_code code);
/* The reverse, for the store's failures: HD1_EFULL, HD1_EOUTCOME, else storage_unavailable. */
void refuse_storage(struct refusal *refusal, int err);

/* Appends {"id":N,"status":422,"code":...,"message":...,"details":{...},"retry_after_ms":0}; id is
 * left out if 0. The data of a WebSocket `error`. */
void refusal_append_error(struct buf *out, const struct refusal *refusal, int64_t id);
/* Appends an application/problem+json body (RFC 9457): type, title, status, detail, code, ... */
void refusal_append_problem(struct buf *out, const struct refusal *refusal);

#endif
