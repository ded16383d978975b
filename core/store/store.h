/*
 * The store: SQLite behind three threads, so that the hub never waits for the disk.
 *
 *   hub thread     fills a batch (batch.h), hands it over with store_submit(), gets it back from
 *                  store_poll() with the outcome of each part
 *   writer thread  owns the writing connection; one transaction per batch
 *   reader thread  loads sessions, pages history, lists sessions, on a read-only connection
 *   maintenance    (a thread of its own) checkpoints, prunes, deletes rows of deleted sessions in
 *                  small steps
 *
 * Nothing is shared but what is handed over by value. Every function here is called on the hub
 * thread unless it says otherwise.
 */
#ifndef HD1_STORE_STORE_H
#define HD1_STORE_STORE_H

#include "buf.h"
#include "span.h"
#include "store/batch.h"

#include <stdint.h>

struct store;

enum store_durability {
    STORE_FULL,    /* synchronous=FULL: survives power loss */
    STORE_PROCESS, /* synchronous=NORMAL: survives kill -9, not power loss */
};

/* Where a test can make the store fail; see store_options.fault. */
enum store_point {
    STORE_POINT_BEGIN,     /* writer: BEGIN */
    STORE_POINT_EVENT,     /* writer: insert of an event row */
    STORE_POINT_OBJECT,    /* writer: put or delete of an object row */
    STORE_POINT_SESSION,   /* writer: session, epoch, deletion rows */
    STORE_POINT_KV,        /* writer: put or delete of what a plugin keeps */
    STORE_POINT_COMMIT,    /* writer: COMMIT, before it is tried */
    STORE_POINT_COMMITTED, /* writer: after COMMIT succeeded: an I/O error here is an unknown
                              outcome */
    STORE_POINT_REOPEN,    /* writer: reopening after an I/O error */
    STORE_POINT_READ,      /* reader: any request */
};

struct store_options {
    const char *dir; /* holds hd1.db and its lock file; made if absent */
    enum store_durability durability;
    int64_t keep_days;   /* events older than this are pruned; 0: kept for ever */
    int64_t keep_events; /* at most so many per session; 0: no bound */
    int64_t prune_ms;    /* between two looks for what may be pruned; 0: a minute */
    /* Called on a store thread (while closing, on the hub thread too) when store_poll() has
     * something to deliver; once for all that comes until it is called. Not after store_close().
     * May be NULL. */
    void (*wake)(void *ctx);
    void *wake_ctx;
    /* Gives a batch back (the callee owns it again): every part's status is set. Hub thread. */
    void (*committed)(void *ctx, struct batch *batch);
    void *committed_ctx;
    /* Tests only, else NULL: an SQLite result code to fail with at that point, 0 to go on. Called
     * on the writer or reader thread; may block, to play a slow disk. */
    int (*fault)(void *ctx, enum store_point point);
    void *fault_ctx;
};

/*
 * Opens (makes, migrates) the database and starts the threads. On failure *store is NULL, the
 * result is HD1_EIO, HD1_ELOCKED (another server), HD1_EVERSION (newer than this build),
 * HD1_EFOREIGN (not ours), HD1_ECORRUPT, and why says what and what to do about it, the file named.
 */
int store_open(struct store **store, const struct store_options *options, struct buf *why);

/* `hd1 check --database`: opens read-only, checks version and integrity, appends findings to why.
 */
int store_check(const char *dir, struct buf *why);

/* Waits for a batch under way (its callback runs), stops the threads, checkpoints, closes. NULL ok.
 */
void store_close(struct store *store);

/* A session key that was never used before in this database. Each call gives another one. */
int64_t store_next_key(struct store *store);

/* May a batch be handed over? (The writer has none.) */
bool store_is_idle(const struct store *store);
/* Hands a batch over; takes it until options.committed gives it back. Only when idle. */
void store_submit(struct store *store, struct batch *batch);

/* Delivers what the threads have finished, through the callbacks given. Never blocks. */
void store_poll(struct store *store);
/* Like store_poll, but waits up to timeout_ms for something to deliver; for stopping and tests. */
void store_wait(struct store *store, int timeout_ms);

/*
 * Did the last commit work, and is there no reopening under way? For /readyz. While not, the writer
 * tries a small commit of its own once a second. A part refused by a constraint does not count.
 */
bool store_is_ready(const struct store *store);

/* One row of a loaded session's objects. */
struct store_object {
    struct span name;
    struct span body; /* JSON object text, without version */
    int64_t version;
    int64_t time_ms;
    struct span writer; /* SPAN_NONE if not known */
};

/* One event row. */
struct store_event {
    int64_t seq;
    int64_t time_ms;
    struct span type;
    struct span client_id;
    int64_t client_msg_id; /* 0: none */
    struct span body;      /* the event's data */
};

struct store_epoch {
    char epoch[24];
    int64_t first_seq;
};

/* A session as it is on disk. Lent for the time of the callback. */
struct store_session {
    int64_t key;
    struct span id;
    int64_t created_ms;
    int64_t objects_seq; /* object rows hold at least everything up to here */
    int64_t first_seq;   /* oldest event kept; last_seq + 1 if none */
    int64_t last_seq;    /* newest event; 0 if there never was one */
    int64_t last_time_ms;
    int64_t world_version;
    struct span world;
    struct span camera;         /* SPAN_NONE if never set */
    struct span script;         /* SPAN_NONE if none */
    struct store_epoch *epochs; /* by first_seq */
    size_t epoch_count;
    struct store_object *objects;
    size_t object_count;
    struct store_event *events; /* those above objects_seq, in order: to be replayed */
    size_t event_count;
};

/* status 0, or HD1_ENOENT (no living session of that id: session is NULL), HD1_EIO, HD1_ECORRUPT.
 */
typedef void (*store_load_fn)(void *ctx, int status, const struct store_session *session);
void store_load(struct store *store, struct span id, store_load_fn fn, void *ctx);

/* Events since < seq <= until in order, at most limit, and about max_bytes of bodies (at least
 * one). */
typedef void (*store_history_fn)(void *ctx, int status, const struct store_event *events,
                                 size_t count);
void store_history(struct store *store, int64_t session, int64_t since, int64_t until, size_t limit,
                   size_t max_bytes, store_history_fn fn, void *ctx);

/* Living sessions with id > after, by id, at most limit (<= 1000). */
struct store_listing {
    struct span id;
    struct span script; /* SPAN_NONE if none */
    int64_t created_ms;
    int64_t last_seq;
};
typedef void (*store_list_fn)(void *ctx, int status, const struct store_listing *items,
                              size_t count);
void store_list(struct store *store, struct span after, size_t limit, store_list_fn fn, void *ctx);

/* All that a plugin keeps, by key (in memcmp's order). */
struct store_kv {
    struct span key;
    struct span value; /* JSON text */
};
typedef void (*store_kv_fn)(void *ctx, int status, const struct store_kv *items, size_t count);
void store_load_kv(struct store *store, struct span owner, store_kv_fn fn, void *ctx);

#endif
