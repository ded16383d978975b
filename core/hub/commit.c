/*
 * A batch comes back from the writer: what was committed goes into the rings, what failed is told
 * to its senders and its sessions are read again.
 */
#include "hub/hub_state.h"

#include "err.h"
#include "hub/frame.h"
#include "hub/invariants.h"
#include "log.h"

#include <assert.h>

static void
tell_lobby(struct hub *hub, const struct batch_event *event, struct session *session)
{
    struct pending *pending = event->owner;
    struct span frame = {NULL, 0};
    struct client *sender = pending->client;

    ring_next(&session->ring, event->seq - 1, 0, &frame, &(int64_t){0});
    for (size_t i = 0; i < hub->lobby_count; i++)
        client_send_frame(hub->lobby[i], frame);
    const struct member *member = client_member(sender, session);
    bool is_shown =
        member && member_snapshot(member) && snapshot_seq(member_snapshot(member)) >= event->seq;

    if (!sender->is_in_lobby && (!member || is_shown)) /* its acknowledgement */
        client_send_frame(sender, frame);
}

/* As everyone is shown it, in hub->scratch. */
static struct span
encode(struct hub *hub, const struct batch_event *event)
{
    struct event_facts facts = {
        .type = event->type,
        .data = event->body,
        .time_ms = event->time_ms,
        .seq = event->seq,
        .client_id = event->client_id,
        .id = event->client_msg_id,
    };

    buf_clear(&hub->scratch);
    event_encode(&hub->scratch, &facts);
    return buf_span(&hub->scratch);
}

static void
deliver_event(struct session *session, const struct batch_event *event)
{
    struct hub *hub = session->hub;
    struct pending *pending = event->owner;
    struct span payload = encode(hub, event);

    invariants_at_append(session, event, payload);
    rings_append(session, event->seq, payload);
    session->committed = event->seq;
    apply_committed(session, event, pending->object_name);
    if (span_is(event->type, "session_created") || span_is(event->type, "session_deleted"))
        tell_lobby(hub, event, session);
}

/* Who is behind will not get there any more: it is told how it ended. */
static void
tell_stragglers(struct session *session)
{
    struct ring *ring = &session->ring;
    struct span frame = {NULL, 0};

    ring_next(ring, ring->head_seq - 1, 0, &frame, &(int64_t){0});
    for (size_t i = 0; i < session->member_count; i++) {
        struct member *member = session->members[i];

        if (member->state != MEMBER_LIVE || !member_is_at_head(member))
            client_send_frame(member->client, frame);
    }
}

static void
end_deleted(struct session *session)
{
    struct refusal refusal;

    volatile_clear(session); /* nothing volatile follows the last event */
    newest_fini(&session->newest);
    flush_session(session);
    gather_run(session->hub); /* from its ring, which goes */
    tell_stragglers(session);
    refusal_init(&refusal);
    refuse(&refusal, REFUSE_UNKNOWN_SESSION, "session %s was deleted", session->id);
    member_dismiss_all(session, &refusal);
    table_del(&session->hub->sessions, span_of(session->id));
    session_run_waiting(session, NULL, &refusal);
    refusal_fini(&refusal);
    session_end(session);
}

static void
part_committed(struct session *session, struct batch_part *part)
{
    for (struct batch_event *event = part->events; event; event = event->next)
        deliver_event(session, event);
    session->flight_part = NULL;
    session->refs++; /* until its after-hooks have run */
    session->used_ms = hub_mono_ms(session->hub);
    if (part->events)
        flush_session_later(session);
    session->is_awaited =
        session->flight_holds.first || journal_has_after_hooks(session->hub, part);
    hold_list_run(&session->flight_holds, true);
    if (part->is_deletion)
        end_deleted(session);
}

/* Sessions whose events somebody else waited for, who may go on with them in other sessions, or
 * have something to say of them: their members have heard of them by then. */
static void
flush_awaited(struct hub *hub, const struct batch *batch)
{
    struct watch_step step = watch_begin(&hub->watch);

    for (const struct batch_part *part = batch->parts; part; part = part->next)
        if (part->status == 0 && ((struct session *)part->owner)->is_awaited)
            flush_session(part->owner);
    gather_run(hub);
    watch_end(&hub->watch, &step, WATCH_FLUSH);
}

/* The senders of what will not happen are told; REST's are told by their holds. */
static void
refuse_events(struct batch_part *part, const struct refusal *refusal)
{
    for (struct batch_event *event = part->events; event; event = event->next) {
        struct pending *pending = event->owner;

        if (pending->source == SOURCE_WS)
            client_refuse(pending->client, refusal, event->client_msg_id);
    }
}

/* The senders may go. */
void
journal_release(struct batch_part *part)
{
    for (struct batch_event *event = part->events; event; event = event->next)
        client_unref(((struct pending *)event->owner)->client);
}

/* A session whose creation failed never was. */
static void
session_never_was(struct session *session, const struct refusal *refusal)
{
    member_dismiss_all(session, refusal);
    table_del(&session->hub->sessions, span_of(session->id)); /* what waited may make it again */
    session_run_waiting(session, NULL, refusal);
    session_end(session);
}

/* It turned out to be deleted, though we were not told so: everybody is, now. */
void
session_say_last_words(struct session *session)
{
    struct span frame = buf_span(&session->last_words);
    const struct hub *hub = session->hub;

    for (size_t i = 0; frame.len > 0 && i < session->member_count; i++)
        client_send_frame(session->members[i]->client, frame);
    for (size_t i = 0; frame.len > 0 && i < hub->lobby_count; i++)
        client_send_frame(hub->lobby[i], frame);
}

/* What was not handed over and will not be. If plugins' writes were to go with it, they and all
 * that goes with them fail too. */
static void
drop_open(struct session *session, struct batch_part *part, const struct refusal *refusal)
{
    if (part->is_coupled && part->status == 0)
        kv_fail_open(session->hub, session->failure);
    refuse_events(part, refusal);
    journal_release(part);
    batch_remove_part(session->hub->open, part);
}

/* The failed batch fails every later pending event of the session; then it is read from disk again.
 * part: in the batch that came back, or in the open one. */
static void
part_failed(struct session *session, struct batch_part *part)
{
    struct hub *hub = session->hub;
    struct refusal refusal;
    struct batch_part *later = session->open_part;
    bool never_was = part->create && part->status != HD1_EOUTCOME;

    refusal_init(&refusal);
    refuse_storage(&refusal, part->status);
    log_error("journal", "commit failed", log_str("session", session->id),
              log_str("error", err_text(part->status)),
              log_int("events", (int64_t)part->event_count));
    hub->stats.storage_failures++;
    traces_fail(hub, session, part->status);
    buf_clear(&session->last_words);
    if (part->is_deletion && part->status == HD1_EOUTCOME)
        frame_append(&session->last_words, encode(hub, part->last_event));
    session->state = SESSION_RELOADING;
    session->flight_part = session->open_part = NULL;
    session->failure = part->status;
    emit_drop_caused(hub, session);
    session->refs++;
    if (part != later)
        refuse_events(part, &refusal);
    hold_list_run(&session->flight_holds, false);
    session->failure = session_failure(session); /* what was not handed over was not written */
    refuse_storage(&refusal, session->failure);
    if (later)
        drop_open(session, later, &refusal);
    hold_list_run(&session->open_holds, false);
    session->refs--;
    if (never_was)
        session_never_was(session, &refusal);
    else
        session_reload(session);
    refusal_fini(&refusal);
}

/* Parts of the open batch whose kv failed: see kv_journal.c. */
static void
fail_marked(struct hub *hub)
{
    struct batch_part *part = hub->open ? hub->open->parts : NULL;

    while (part) {
        struct batch_part *next = part->next;

        if (part->status != 0)
            part_failed(part->owner, part);
        part = next;
    }
}

void
hub_committed(void *ctx, struct batch *batch)
{
    struct hub *hub = ctx;
    struct watch_step step = watch_begin(&hub->watch);

    assert(batch == hub->in_flight);
    hub->in_flight = NULL;
    traces_commit(hub);
    histogram_add(&hub->batch_events, (int64_t)batch->event_count);
    histogram_add(&hub->commit_us, batch->commit_us);
    hub->commit_mean_us += (batch->commit_us - hub->commit_mean_us) / 8;
    if (hub->done)
        journal_after_hooks(hub);
    kv_committed(hub, batch);
    flush_check_lagging(hub); /* invariant 5: what they had left before this append */
    invariants_at_commit(hub);
    for (struct batch_part *part = batch->parts; part; part = part->next)
        if (part->status == 0)
            part_committed(part->owner, part);
        else
            part_failed(part->owner, part);
    fail_marked(hub);
    flush_awaited(hub, batch);
    hub->done = batch;
    watch_end(&hub->watch, &step, WATCH_COMMIT);
}
