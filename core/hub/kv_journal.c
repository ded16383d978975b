/*
 * The way of staged writes to the disk: into the open batch with the message that caused them, to
 * the writer, and back, committed or failed. Open and flight are the batches of journal.c; each
 * keeps per key what it was before, so that a failure can be undone in memory.
 */
#include "hub/kv_state.h"

#include "err.h"
#include "log.h"

#include <assert.h>
#include <stdlib.h>

static void
free_change(struct kv_change *change)
{
    change->space->hub->kv.waiting_bytes -= change->size;
    free(change);
}

static void
add_open(struct kv *kv, struct kv_change *change)
{
    struct kv_space *space = change->space;

    struct kv_change *first = table_get(&space->open_keys, change->key);

    if (first) { /* the batch's first write to that key knows what was before */
        size_t value_len = sorted_get(&space->map, change->key).len;

        kv->waiting_bytes -= first->size;
        first->size = first->key.len + value_len + first->before.len;
        kv->waiting_bytes += first->size;
        free_change(change);
        return;
    }
    table_put(&space->open_keys, change->key, change);
    space->open_count++;
    change->next = kv->open;
    kv->open = change;
}

void
kv_stage_done(struct hub *hub)
{
    struct kv *kv = &hub->kv;
    struct kv_change *oldest = NULL;

    while (kv->staged) { /* newest first: turn them round */
        struct kv_change *change = kv->staged;

        kv->staged = change->next;
        change->next = oldest;
        oldest = change;
    }
    kv->staged_count = 0;
    while (oldest) {
        struct kv_change *change = oldest;

        oldest = change->next;
        add_open(kv, change);
    }
}

/* --- with a message --- */

/* Is it from somebody whose space holds what is not on disk? Then it may show that. */
static bool
is_from_pending(const struct hub *hub, const struct message *message)
{
    const struct kv_space *space;

    if (message->source != SOURCE_PLUGIN || (!hub->kv.open && !hub->kv.flight))
        return false;
    space = table_get(&hub->kv.spaces, client_id_span(message->client));
    return space && kv_is_pending(space);
}

void
kv_begin(struct hub *hub)
{
    hub->kv.was_seen = false;
}

void
kv_accept(struct hub *hub, struct session *session, const struct message *message)
{
    struct kv *kv = &hub->kv;

    if (session->seq == 0) { /* a hook dropped its creation: it goes, and its batch part with it */
        kv_stage_done(hub);
    } else if (kv->staged || kv->was_seen || is_from_pending(hub, message)) {
        kv_stage_done(hub);
        journal_part(session)->is_coupled = true;
    }
}

/* session: what the refusal is held for; NULL if it does not exist yet. */
void
kv_refuse(struct hub *hub, struct session *session)
{
    hub_kv_take_back(hub, 0);
    if (hub->kv.was_seen && session)
        journal_part(session)->is_coupled = true;
}

void
hub_hold_kv(struct kv_space *space, hub_hold_fn fn, void *ctx)
{
    struct kv *kv = &space->hub->kv;
    struct hold_list *list = space->open_count     ? &kv->open_holds
                             : space->flight_count ? &kv->flight_holds
                                                   : NULL;

    if (list)
        hold_list_add(list, NULL, fn, ctx);
    else
        fn(ctx, true);
}

/* --- to the writer and back --- */

bool
kv_has_open(const struct hub *hub)
{
    return hub->kv.open != NULL;
}

void
kv_hand_over(struct hub *hub, struct batch *batch)
{
    struct kv *kv = &hub->kv;

    assert(!kv->flight && !kv->staged);
    for (struct kv_change *change = kv->open; change; change = change->next) {
        struct kv_space *space = change->space;
        struct batch_kv row = {.owner = span_of(space->owner),
                               .key = change->key,
                               .value = sorted_get(&space->map, change->key)};

        batch_add_kv(batch, &row);
        space->flight_count++;
        space->open_count--;
        kv->waiting_bytes -= change->size;
        change->size = 0; /* the batch counts it */
        table_del(&space->open_keys, change->key);
    }
    kv->flight = kv->open;
    kv->flight_holds = kv->open_holds;
    kv->open = NULL;
    kv->open_holds = (struct hold_list){NULL, NULL};
}

/* All spaces whose writes fail: their owners' events may tell of them. */
static void
log_failed(struct hub *hub, int status)
{
    size_t pos = 0;
    void *value;

    while (table_next(&hub->kv.spaces, &pos, NULL, &value)) {
        const struct kv_space *space = value;

        if (kv_is_pending(space)) {
            log_error("journal", "what a plugin keeps was not committed",
                      log_str("plugin", space->owner), log_str("error", err_text(status)),
                      log_int("keys", (int64_t)(space->open_count + space->flight_count)));
            emit_drop_of(hub, span_of(space->owner));
        }
    }
}

static void
undo_open(struct kv *kv)
{
    while (kv->open) {
        struct kv_change *change = kv->open;

        kv->open = change->next;
        change->space->open_count--;
        table_del(&change->space->open_keys, change->key);
        kv_undo(change);
    }
}

static void
undo_flight(struct kv *kv, int status)
{
    while (kv->flight) {
        struct kv_change *change = kv->flight;
        struct kv_space *space = change->space;

        kv->flight = change->next;
        space->flight_count--;
        kv_undo(change);
        if (status == HD1_EOUTCOME) { /* only the disk knows */
            space->is_ready = false;
            kv_load(space);
        }
    }
}

/* The open batch's kv will not be written, nor what is coupled to it: commit.c fails the sessions
 * of the parts marked here. */
static void
fail_open(struct hub *hub, int status)
{
    undo_open(&hub->kv);
    for (struct batch_part *part = hub->open ? hub->open->parts : NULL; part; part = part->next) {
        if (part->is_coupled) {
            part->status = status;
            ((struct session *)part->owner)->state = SESSION_RELOADING;
        }
    }
    hold_list_run(&hub->kv.open_holds, false);
}

void
kv_fail_open(struct hub *hub, int status)
{
    if (hub->kv.open) {
        log_failed(hub, status);
        fail_open(hub, status);
    }
}

void
kv_committed(struct hub *hub, const struct batch *batch)
{
    struct kv *kv = &hub->kv;

    if (kv->flight && batch->kv_status != 0) {
        log_failed(hub, batch->kv_status);
        fail_open(hub, batch->kv_status == HD1_EFULL ? HD1_EFULL : HD1_EIO);
        undo_flight(kv, batch->kv_status);
        hold_list_run(&kv->flight_holds, false);
        return;
    }
    while (kv->flight) {
        struct kv_change *change = kv->flight;

        kv->flight = change->next;
        change->space->flight_count--;
        free_change(change);
    }
    hold_list_run(&kv->flight_holds, true);
}

/* Spaces that could not be read are tried again. */
void
kv_tick(struct hub *hub)
{
    size_t pos = 0;
    void *value;

    while (table_next(&hub->kv.spaces, &pos, NULL, &value)) {
        struct kv_space *space = value;

        if (space->has_failed && hub_mono_ms(hub) >= space->retry_ms)
            kv_load(space);
    }
}

void
kv_fini(struct hub *hub)
{
    struct kv *kv = &hub->kv;
    size_t pos = 0;
    void *value;

    hub_kv_take_back(hub, 0);
    undo_open(kv);
    undo_flight(kv, HD1_EIO);
    hold_list_run(&kv->flight_holds, false);
    hold_list_run(&kv->open_holds, false);
    while (table_next(&kv->spaces, &pos, NULL, &value)) {
        struct kv_space *space = value;

        sorted_fini(&space->map);
        table_fini(&space->open_keys);
        free(space->owner);
        free(space);
    }
    table_fini(&kv->spaces);
}
