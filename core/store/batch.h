/*
 * A batch: what one transaction writes, grouped into parts, one per session, and what plugins keep
 * (kv). The hub fills it, the writer thread executes it, the hub gets it back; it has one owner at
 * any time and holds copies of all bytes in its arena.
 *
 * The writer executes the parts in the order of their making, and within a part: create, epoch,
 * events, object rows, session columns, deletion; the kv at the end.
 *
 * A part that is coupled stands or falls with the kv, and so with all coupled parts: they are
 * written by one transaction whatever else fails.
 */
#ifndef HD1_STORE_BATCH_H
#define HD1_STORE_BATCH_H

#include "arena.h"
#include "span.h"

#include <stdint.h>

struct batch_event {
    int64_t seq;
    int64_t time_ms;
    struct span type;
    struct span client_id;
    int64_t client_msg_id; /* 0: none */
    struct span body;
    void *owner; /* the hub's; the store never looks at it */
    struct batch_event *next;
};

/* An object row to be put, or deleted if body.at is NULL. */
struct batch_object {
    struct span name;
    struct span body;
    int64_t version;
    int64_t time_ms;
    struct span writer; /* SPAN_NONE: NULL in the database */
    struct batch_object *next;
};

struct batch_create {
    struct span id;
    int64_t created_ms;
    struct span world;
    struct span script; /* SPAN_NONE: NULL in the database */
};

struct batch_part {
    int64_t session;             /* key */
    void *owner;                 /* the hub's */
    struct batch_create *create; /* or NULL */
    struct span epoch;           /* new epoch to store, or SPAN_NONE */
    int64_t epoch_first_seq;
    struct batch_event *events, *last_event;
    size_t event_count;
    struct batch_object *objects, *last_object;
    size_t object_count;
    struct span world; /* SPAN_NONE: unchanged; so for camera and script */
    struct span camera;
    struct span script;
    int64_t world_version; /* of world, if that changes */
    int64_t objects_seq;   /* -1: unchanged */
    bool is_deletion;      /* the session ends: marked deleted, its rows go later */
    bool is_coupled;       /* to the batch's kv: its events caused it, or show it */
    int status;            /* out: 0, or HD1_EFULL, HD1_EBUSY, HD1_EIO (not written: known),
                            * HD1_EOUTCOME (unknown), HD1_ECONSTRAINT, HD1_ECORRUPT */
    struct batch_part *next;
};

/* What a plugin keeps under a key; deleted if value.at is NULL. A key at most once in a batch. */
struct batch_kv {
    struct span owner;
    struct span key;
    struct span value; /* JSON text */
    struct batch_kv *next;
};

struct batch {
    struct arena arena;
    struct batch_part *parts, *last_part;
    size_t part_count;
    size_t event_count;
    struct batch_kv *kvs, *last_kv;
    int kv_status;     /* out: like a part's */
    size_t bytes;      /* of event bodies and kv: what counts as pending */
    int64_t commit_us; /* out: how long the transaction took */
};

struct batch *batch_new(void);
void batch_free(struct batch *batch);
/* Empties it for reuse. */
void batch_reset(struct batch *batch);
/* Appends an empty part. The caller keeps the pointer; it is valid until reset or free. */
struct batch_part *batch_add_part(struct batch *batch, int64_t session, void *owner);
/* Unlinks a part that must not be written (its session failed), which is not to be read after this:
 * with the last of them the batch's memory is free for what comes next. */
void batch_remove_part(struct batch *batch, struct batch_part *part);
/* Makes the part create its session; copies all. The returned struct is in the arena. */
struct batch_create *batch_set_create(struct batch *batch, struct batch_part *part,
                                      const struct batch_create *create);
/* Appends copies. The returned struct is in the arena. */
struct batch_event *batch_add_event(struct batch *batch, struct batch_part *part,
                                    const struct batch_event *event);
struct batch_object *batch_add_object(struct batch *batch, struct batch_part *part,
                                      const struct batch_object *object);
/* Moves the coupled parts before the others, each kind in its order; returns the first that is not
 * coupled, or NULL. */
struct batch_part *batch_gather_coupled(struct batch *batch);
struct batch_kv *batch_add_kv(struct batch *batch, const struct batch_kv *kv);

#endif
