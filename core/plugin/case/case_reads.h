/*
 * What a call of a plugin looked up: its case file, should it fail, must hold that before all else.
 * Noted in every call, so it is cheap; of too much, what came last is kept.
 */
#ifndef HD1_PLUGIN_CASE_CASE_READS_H
#define HD1_PLUGIN_CASE_CASE_READS_H

#include "buf.h"
#include "span.h"

#include <stdbool.h>

struct object;
struct session;

#define CASE_READ_SESSIONS 8
#define CASE_READ_OBJECTS 1024
#define CASE_READ_KEYS_BYTES (64 * 1024)

/* Zeroed: nothing yet. */
struct case_reads {
    const struct session *sessions[CASE_READ_SESSIONS]; /* the first, each once */
    size_t session_count;
    bool is_session_missing; /* there were more */
    /* The last ones, number n at n % CASE_READ_OBJECTS; a short loop over the same ones is noted
     * once. Valid until the call is over, as all that is lent to it. */
    const struct object *objects[CASE_READ_OBJECTS];
    size_t object_count; /* with those that are not kept any more */
    struct buf keys;     /* of the store: the last ones, each with a NUL behind */
    size_t last_key;     /* where that begins */
    bool is_key_missing; /* there were more before */
};

void case_reads_fini(struct case_reads *reads);
/* Another call begins. */
void case_reads_begin(struct case_reads *reads);
void case_reads_session(struct case_reads *reads, const struct session *session);
void case_reads_object(struct case_reads *reads, const struct object *object);
/* key: without NUL. */
void case_reads_key(struct case_reads *reads, struct span key);

#endif
