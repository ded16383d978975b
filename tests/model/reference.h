/*
 * The reference: what a session is according to its log, computed by the simplest means. The hub is
 * compared with it.
 */
#ifndef HD1_TESTS_MODEL_REFERENCE_H
#define HD1_TESTS_MODEL_REFERENCE_H

#include "buf.h"
#include "span.h"

#include <stdbool.h>
#include <stdint.h>

#define THINGS 5 /* objects o0 .. o4 */
#define PROPS 4  /* x, p0, p1, p2: whole numbers, or absent */

struct thing {
    bool exists;
    int64_t version;
    bool has[PROPS];
    int64_t value[PROPS];
};

struct fold {
    int64_t seq;
    int64_t life;  /* of the world's property of that name: which creation made it */
    int64_t world; /* of its property w; 0: absent */
    bool is_over;  /* session_deleted was its last event */
    struct thing things[THINGS];
};

/* Takes the world of a snapshot, or of session_created. */
void fold_world(struct fold *fold, struct span world);
/* Takes an object of a snapshot. */
void fold_object(struct fold *fold, struct span object);
/* Takes the next event (wire JSON); NULL, or what is wrong with it. */
const char *fold_event(struct fold *fold, struct span event);
/* NULL, or what differs. */
const char *fold_compare(const struct fold *a, const struct fold *b);

/* --- the log: what anybody ever saw, by seq --- */

struct log_entry {
    char *text; /* wire JSON; NULL: not seen by anyone yet */
    size_t len;
};

struct event_log {
    struct log_entry *entries;
    size_t cap;
};

/* The bytes of an event somebody was shown: everybody is shown the same, for ever. False if they
 * differ. */
bool event_log_note(struct event_log *log, int64_t seq, struct span text);
void event_log_fini(struct event_log *log);

#endif
