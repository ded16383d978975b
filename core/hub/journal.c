/*
 * The journal: applied events go into the open batch, the batch to the writer, and come back
 * committed or failed. While one batch commits, the next one fills.
 *
 * Invariant 4: nothing held for a state leaves before that state is on disk. What waits hangs on
 * the session's part of the batch: open_holds until it is handed over, flight_holds until it is
 * back.
 */
#include "hub/hub_state.h"

#include "err.h"
#include "hub/invariants.h"
#include "log.h"

#include <assert.h>
#include <stdlib.h>

static struct batch *
open_batch(struct hub *hub)
{
    if (!hub->open) {
        hub->open = hub->spare ? hub->spare : batch_new();
        hub->spare = NULL;
    }
    return hub->open;
}

/* The session's part of the open batch; made if there is none. Stores a new epoch along. */
struct batch_part *
journal_part(struct session *session)
{
    struct batch *batch = open_batch(session->hub);

    if (!session->open_part)
        session->open_part = batch_add_part(batch, session->key, session);
    if (!session->is_epoch_kept) {
        const struct store_epoch *epoch = &session->epochs[session->epoch_count - 1];

        session->open_part->epoch = arena_copy(&batch->arena, span_of(epoch->epoch));
        session->open_part->epoch_first_seq = epoch->first_seq;
        session->is_epoch_kept = true;
    }
    return session->open_part;
}

static void
journal_creation(struct session *session, struct batch_part *part)
{
    struct batch_create create = {
        .id = span_of(session->id),
        .created_ms = session->created_ms,
        .world = buf_span(&session->world),
        .script = session->script.len ? buf_span(&session->script) : SPAN_NONE,
    };

    batch_set_create(session->hub->open, part, &create);
}

static void
journal_world(struct session *session, struct batch_part *part)
{
    part->world = arena_copy(&session->hub->open->arena, buf_span(&session->world));
    part->world_version = session->world_version;
}

/* Columns and rows that an event changes besides its own row. */
static void
journal_effects(struct event *event, struct batch_part *part)
{
    struct session *session = event->session;
    const char *type = event->type->name;

    if (strcmp(type, "session_created") == 0)
        journal_creation(session, part);
    else if (strcmp(type, "session_deleted") == 0)
        part->is_deletion = true;
    else if (session->world_version == event->seq)
        journal_world(session, part);
}

static struct pending *
pending_new(struct event *event, struct arena *arena)
{
    struct pending *pending = arena_alloc(arena, sizeof(*pending));

    *pending = (struct pending){
        .type = event->type,
        .client = client_ref(event->client),
        .object_name = event->object_name.at ? arena_copy(arena, event->object_name) : SPAN_NONE,
        .source = event->source,
        .depth = event->depth,
    };
    return pending;
}

/* Puts an applied durable event into the open batch. All bytes are copied. */
void
journal_event(struct event *event)
{
    struct session *session = event->session;
    struct batch_part *part = journal_part(session);
    struct batch *batch = session->hub->open;
    struct batch_event row = {
        .seq = event->seq,
        .time_ms = event->time_ms,
        .type = span_of(event->type->name),
        .client_id = client_id_span(event->client),
        .client_msg_id = event->id,
        .body = event->data,
        .owner = pending_new(event, &batch->arena),
    };

    invariants_at_journal(event);
    batch_add_event(batch, part, &row);
    journal_effects(event, part);
    session_mark_event(session);
    traces_accept(session->hub, event);
    session->hub->stats.events_durable++;
}

/* --- handing over --- */

static void
move_holds(struct session *session)
{
    assert(!session->flight_part && !session->flight_holds.first);
    session->flight_part = session->open_part;
    session->flight_holds = session->open_holds;
    session->open_part = NULL;
    session->open_holds = (struct hold_list){NULL, NULL};
}

/* Gives the open batch to the writer, if it is idle and the pace allows it. */
void
journal_handover(struct hub *hub, bool is_urgent)
{
    int64_t now = hub_mono_us(hub), due = hub->handed_over_us + flush_pace_us(hub);
    bool has_batch = (hub->open && hub->open->part_count > 0) || kv_has_open(hub);

    if (hub->in_flight || !store_is_idle(hub->options.store) ||
        (!has_batch && !write_behind_is_due(hub, now / 1000)))
        return;
    if (!is_urgent && now < due) {
        hub_wake_in_us(hub, due - now);
        return;
    }
    write_behind_some(hub, now / 1000);
    if (kv_has_open(hub))
        kv_hand_over(hub, open_batch(hub));
    if (!hub->open || (hub->open->part_count == 0 && !hub->open->kvs))
        return;
    for (struct batch_part *part = hub->open->parts; part; part = part->next)
        move_holds(part->owner);
    invariants_at_handover(hub, hub->open);
    hub->in_flight = hub->open;
    hub->open = NULL;
    hub->handed_over_us = now;
    hub->stats.batches++;
    traces_hand_over(hub);
    store_submit(hub->options.store, hub->in_flight);
}

/* --- pressure (invariant 6) --- */

size_t
journal_pending_bytes(const struct hub *hub)
{
    return (hub->open ? hub->open->bytes : 0) + (hub->in_flight ? hub->in_flight->bytes : 0) +
           hub->kv.waiting_bytes;
}

/*
 * The bound holds for what is not on disk yet, and for what waits for sessions to be read: bytes is
 * of the one that the sender adds to. Beyond three quarters of it he is not read from until half of
 * both is free again.
 */
void
journal_pressure(struct hub *hub, struct client *sender, size_t bytes)
{
    if (sender->kind == CLIENT_WS && !sender->is_paused && sender->conn && !sender->is_closing &&
        bytes > hub->options.limits.pending_bytes / 4 * 3) {
        sender->is_paused = true;
        hub->is_paused_any = true;
        hub->options.port->pause_reading(sender->conn, true);
    }
}

bool
journal_is_relieved(const struct hub *hub)
{
    size_t half = hub->options.limits.pending_bytes / 2;

    return journal_pending_bytes(hub) <= half && hub->waiting_bytes <= half;
}
