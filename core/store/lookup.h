/*
 * A lookup: what the hub wants read. Made and given to the reader on the hub thread, run on the
 * reader thread, answered and freed on the hub thread again. Each kind embeds one and has a file of
 * its own: load.c, history.c, list.c, kv_load.c.
 */
#ifndef HD1_STORE_LOOKUP_H
#define HD1_STORE_LOOKUP_H

#include "arena.h"
#include "store/db.h"
#include "store/inbox.h"
#include "store/store.h"

struct lookup {
    struct delivery delivery;
    struct lookup *next; /* in the reader's queue */
    /* Reads inside a transaction; an SQLite code. May set status to HD1_ENOENT or HD1_ECORRUPT. May
     * be run again on another connection: results and arena are empty then. */
    int (*run)(struct lookup *lookup, struct db *db);
    /* Calls the hub back. Results are lent for that long. */
    void (*answer)(struct lookup *lookup);
    struct arena arena; /* holds what was read */
    int status;
};

/* A zeroed one of size bytes (a struct that begins with a struct lookup). */
void *lookup_new(size_t size, int (*run)(struct lookup *lookup, struct db *db),
                 void (*answer)(struct lookup *lookup));
/* Frees it unanswered. */
void lookup_free(struct lookup *lookup);

/* Grows an array in the arena: room for more than count items, the old ones copied. */
void *lookup_grow(struct lookup *lookup, void *items, size_t count, size_t *cap, size_t size);

/* A column of the present row, copied into the arena; NULL is SPAN_NONE. */
struct span lookup_copy_text(struct lookup *lookup, const struct query *query, int col);
/* The same of a JSON object, which the statement has checked, for whoever gets it walks it
 * unchecked: what is none is NULL by then, and so SPAN_NONE, and status HD1_ECORRUPT. */
struct span lookup_copy_object(struct lookup *lookup, const struct query *query, int col);
/* The present row of STMT_EVENT_LIST, copied into the arena. */
struct store_event lookup_copy_event(struct lookup *lookup, const struct query *query);

struct lookup *lookup_load(struct span id, store_load_fn fn, void *ctx);
struct lookup *lookup_history(int64_t session, int64_t since, int64_t until, size_t limit,
                              size_t max_bytes, store_history_fn fn, void *ctx);
struct lookup *lookup_kv(struct span owner, store_kv_fn fn, void *ctx);
struct lookup *lookup_list(struct span after, size_t limit, store_list_fn fn, void *ctx);

#endif
