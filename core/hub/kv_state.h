/* What kv.c and kv_journal.c share. Private to them. */
#ifndef HD1_HUB_KV_STATE_H
#define HD1_HUB_KV_STATE_H

#include "hub/hub_state.h"
#include "hub/kv.h"

#define KV_RETRY_MS 1000

struct kv_space {
    struct hub *hub;
    char *owner;
    struct sorted map;      /* with all writes applied */
    struct table open_keys; /* key -> its change in kv.open */
    size_t open_count, flight_count;
    bool is_ready, is_load_asked, has_failed;
    int64_t retry_ms;
};

/* A write that is not on disk: what the key was before the first one of its batch. */
struct kv_change {
    struct kv_change *next;
    struct kv_space *space;
    struct span key;
    struct span before; /* SPAN_NONE: there was none */
    size_t size;        /* counted as waiting */
    char bytes[];
};

static inline bool
kv_is_pending(const struct kv_space *space)
{
    return space->open_count + space->flight_count > 0;
}

void kv_undo(struct kv_change *change);
void kv_load(struct kv_space *space);
/* The staged writes go into the open batch. */
void kv_stage_done(struct hub *hub);

#endif
