/*
 * The events of a message: each is checked, shown to the before-hooks and applied; when all are
 * accepted, they are journaled, else all is as it was.
 */
#include "hub/intake.h"

#include "err.h"
#include "hub/invariants.h"
#include "json/json.h"

#include <stdlib.h>

#define BUSY_RETRY_MS 100
#define DEFAULTS_BYTES 64 /* that applying may add to an event's data */

/* --- one event --- */

static int
check_session_id(struct intake *intake, struct event *event, struct session *session,
                 struct refusal *refusal)
{
    struct span value;
    char id[ID_SIZE];
    struct buf patch = BUF_INIT;

    (void)intake;
    if (json_member(event->data, "session_id", &value) && json_type_of(value) != JSON_NULL) {
        if (json_copy_string(value, id, sizeof(id)) >= 0 && strcmp(id, session->id) == 0)
            return 0;
        refuse(refusal, REFUSE_INVALID_EVENT, "data.session_id is not %s", session->id);
        return HD1_EINVAL;
    }
    buf_appendf(&patch, "{\"session_id\":\"%s\"}", session->id);
    event_patch(event, buf_span(&patch));
    buf_fini(&patch);
    return 0;
}

static int
check_type(const struct intake *intake, const struct event *event, struct span name,
           struct refusal *refusal)
{
    bool is_lifecycle = span_is(name, "session_created") || span_is(name, "session_deleted");

    if (!event->type || !event_type_may_come(event->type, event->source, event->client)) {
        refuse(refusal, REFUSE_UNKNOWN_TYPE, "there is no event type %.*s to be sent",
               (int)(name.len < 64 ? name.len : 64), name.at);
        return HD1_EINVAL;
    }
    if (is_lifecycle && json_type_of(intake->value) == JSON_ARRAY) {
        refuse(refusal, REFUSE_INVALID_EVENT, "%s cannot be part of an array", event->type->name);
        return HD1_EINVAL;
    }
    return 0;
}

static int
read_if_version(const struct intake *intake, struct event *event, struct refusal *refusal)
{
    struct span value;

    event->if_version = intake->message.if_version;
    event->if_epoch = intake->message.if_epoch;
    if (!json_member(event->data, "if_version", &value))
        return 0;
    if (json_integer(value, &event->if_version) && event->if_version >= 0)
        return 0;
    refuse(refusal, REFUSE_INVALID_EVENT, "if_version is not a version: a whole number from 0");
    return HD1_EINVAL;
}

static enum verdict
call_before_event(struct hub *hub, struct event *event, struct refusal *refusal)
{
    enum verdict verdict;

    if (!hub->hooks || !hub->hooks->before_event)
        return VERDICT_PASS;
    hub->current = event;
    hub->current_depth = event->depth;
    hub->current_emits = 0;
    verdict = hub->hooks->before_event(hub->hooks->ctx, event, refusal);
    hub->current = NULL;
    hub->current_depth = -1;
    return verdict;
}

/* Invariant 6; the events of the message before this one count too. */
static int
check_room(const struct intake *intake, const struct event *event, struct refusal *refusal)
{
    struct hub *hub = intake->hub;
    size_t bytes = journal_pending_bytes(hub) + intake->bytes + event->data.len + DEFAULTS_BYTES;

    if (event->type->lane == LANE_DURABLE && bytes > hub->options.limits.pending_bytes) {
        refuse(refusal, REFUSE_BUSY, "the disk does not keep up; try again");
        refusal->retry_after_ms = BUSY_RETRY_MS;
        return HD1_EFULL;
    }
    return 0;
}

/* Check, hooks, apply. Dropped by a hook: 0, and the event's type is NULL. */
static int
decide(struct intake *intake, struct session *session, const struct envelope *envelope,
       struct event *event, struct refusal *refusal)
{
    struct hub *hub = intake->hub;

    if (check_type(intake, event, envelope->type, refusal) != 0 ||
        check_session_id(intake, event, session, refusal) != 0 ||
        check_room(intake, event, refusal) != 0)
        return HD1_EINVAL;
    if (intake->is_creation)
        event->session = NULL;
    enum verdict verdict = call_before_event(hub, event, refusal);

    event->session = session;
    if (verdict == VERDICT_REJECT)
        return HD1_EINVAL;
    if (verdict == VERDICT_DROP) {
        event->type = NULL;
        return 0;
    }
    /* A hook may have made it longer, or said what it is based on. */
    if (check_room(intake, event, refusal) != 0 || read_if_version(intake, event, refusal) != 0)
        return HD1_EINVAL;
    return apply_event(event, refusal);
}

static int
receive_event(struct intake *intake, struct session *session, const struct envelope *envelope,
              struct event *event, struct refusal *refusal)
{
    struct event_type *type = event_types_find(&intake->hub->types, envelope->type);

    event->type = type;
    int status = decide(intake, session, envelope, event, refusal);

    if (type) {
        type->refused += status != 0;
        type->dropped += status == 0 && !event->type;
        type->accepted += status == 0 && event->type;
    }
    return status;
}

/* --- all events --- */

/* All are accepted: what they changed becomes rows to be written, they go into the batch. */
static void
accept(struct intake *intake, struct session *session, struct event *events, size_t count)
{
    struct hub *hub = intake->hub;

    for (size_t i = 0; i < hub->undo_count; i++)
        if (hub->undo[i].object)
            session_mark_dirty(session, hub->undo[i].object, hub->undo[i].seq);
    undo_forget(hub);
    for (size_t i = 0; i < count; i++) {
        if (events[i].type && events[i].type->lane == LANE_DURABLE) {
            journal_event(&events[i]);
        } else if (events[i].type) {
            apply_volatile(&events[i]);
            volatile_event(&events[i]);
        }
    }
    invariants_at_acceptance(hub);
    session->used_ms = hub_mono_ms(hub);
    emit_accept(hub, session);
}

/* The new session's world script, if it names one: its events are part of the creation. 0, or
 * negative with refusal filled in; then none of them was accepted. */
static int
set_up_script(struct intake *intake, struct session *session, struct refusal *refusal)
{
    struct hub *hub = intake->hub;
    const struct hub_scripts *scripts = hub->scripts;
    bool was_seen = hub->kv.was_seen; /* by the creation's hooks; its script's begin anew */
    int err;

    if (!intake->is_creation || !session->script.len || !scripts || !scripts->setup)
        return 0;
    session->refs++;
    err = scripts->setup(scripts->ctx, session, buf_span(&session->script), refusal);
    session->refs--;
    hub->kv.was_seen |= was_seen;
    return err;
}

/*
 * Its script was refused, so the session never was. It is new: nothing of it is anywhere but in the
 * open batch, and nobody has heard of it.
 */
static void
take_back_creation(struct hub *hub, struct session *session, struct event_type *type)
{
    struct batch_part *part = session->open_part;

    emit_drop_caused(hub, session);
    session->open_part = NULL;
    hold_list_run(&session->open_holds, false);
    journal_release(part);
    batch_remove_part(hub->open, part);
    traces_forget(hub, session);
    hub->stats.events_durable--;
    type->accepted--;
    type->refused++;
    session->seq = 0;
}

static void
init_event(struct event *event, const struct intake *intake, const struct envelope *envelope,
           struct session *session)
{
    *event = (struct event){
        .source = intake->message.source,
        .client = intake->message.client,
        .session = session,
        .data = envelope->data,
        .id = envelope->id,
        .time_ms = envelope->time_ms,
        .if_version = -1,
        .depth = intake->message.depth,
    };
}

/* Index of the first that is refused, or count. */
static size_t
receive_all(struct intake *intake, struct session *session, struct event *events, size_t count,
            struct refusal *refusal)
{
    struct json_iter iter;
    struct span element;
    struct envelope envelope = intake->first;

    if (count > 1)
        json_iter_init(&iter, intake->value);
    for (size_t i = 0; i < count; i++) {
        if (count > 1)
            json_next_element(&iter, &element);
        if (i > 0 && envelope_read(element, &envelope, refusal) != 0)
            return i;
        init_event(&events[i], intake, &envelope, session);
        if (receive_event(intake, session, &envelope, &events[i], refusal) != 0)
            return i;
        intake->bytes += events[i].seq > 0 ? events[i].data.len : 0;
    }
    return count;
}

/* That there is no room says nothing of the session, and must not wait until there is. */
static bool
rests_on_state(const struct refusal *refusal)
{
    return !refusal_is(refusal, REFUSE_BUSY);
}

/* All or nothing (invariant 3). */
void
intake_process(struct intake *intake, struct session *session)
{
    struct hub *hub = intake->hub;
    struct event single = {.type = NULL};
    size_t count = intake->count;
    struct event *events = count == 1 ? &single : mem_zalloc(count * sizeof(*events));
    int64_t seq = session->seq, last_time_ms = session->last_time_ms;
    struct refusal refusal;
    uint64_t before = invariants_before(session);

    refusal_init(&refusal);
    traces_start(hub, intake->received_us);
    kv_begin(hub);
    size_t refused = receive_all(intake, session, events, count, &refusal);

    if (refused == count) {
        accept(intake, session, events, count);
        if (set_up_script(intake, session, &refusal) == 0) {
            kv_accept(hub, session, &intake->message);
            intake_accepted(intake, session, events, count);
            if (intake->bytes > 0) /* who sends nothing for the disk does not wait for it */
                journal_pressure(hub, intake->message.client, journal_pending_bytes(hub));
            refusal_fini(&refusal);
        } else {
            take_back_creation(hub, session,
                               event_types_find(&hub->types, SPAN("session_created")));
            kv_refuse(hub, NULL);
            intake_refuse(intake, NULL, &refusal, events[0].id, 0);
        }
    } else {
        if (hub->undo_count > 0) /* they would show what is about to be taken back */
            buf_clear(&refusal.details);
        undo_all(hub, session);
        emit_drop_staged(hub);
        session->seq = seq;
        session->last_time_ms = last_time_ms;
        invariants_at_refusal(session, before);
        bool is_held = rests_on_state(&refusal);

        kv_refuse(hub, is_held && !intake->is_creation ? session : NULL);
        intake_refuse(intake, is_held ? session : NULL, &refusal, events[refused].id, refused);
    }
    for (size_t i = 0; i < count; i++)
        buf_fini(&events[i].scratch);
    if (events != &single)
        free(events);
}
