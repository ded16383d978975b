/*
 * Volatile events: no seq, not stored, not in the ring, not echoed. They are gathered in their
 * session's round, which volatile_flush.c sends, and kept as the newest of their kind (newest.c).
 */
#include "hub/hub_state.h"

#include "hub/frame.h"

#include <stdlib.h>

#define REST_MS 1000

static bool
is_presence(const struct event_type *type)
{
    return !type->is_sendable && !type->is_declared;
}

/* The core's say where something of the session's is; what a plugin declares may be anything, a
 * cursor say. */
static enum newest_kind
kind_of(const struct event_type *type)
{
    if (type->is_declared)
        return NEWEST_OWN;
    return is_presence(type) ? NEWEST_PRESENCE : NEWEST_SHARED;
}

/* A frame of this round. */
static void
add_to_round(struct session *session, struct client *sender, const struct event_type *type,
             struct span object, struct span frame)
{
    session->round_events = mem_grow(session->round_events, session->round_count,
                                     &session->round_cap, sizeof(*session->round_events));
    if (session->round_count == 0)
        session->round_start = session->newest.counter;
    session->round_events[session->round_count++] =
        (struct session_volatile){client_ref(sender), frame.len};
    buf_append_span(&session->round, frame);
    newest_put(&session->newest, kind_of(type), span_of(type->name), client_id_span(sender), object,
               frame);
    session->is_round_presence = is_presence(type) && session->is_round_presence;
    if (!list_is_linked(&session->in_round)) {
        session->is_round_presence = is_presence(type);
        list_append(&session->hub->round_sessions, &session->in_round);
    }
}

static void
remember_for_hooks(const struct event *event)
{
    struct hub *hub = event->session->hub;
    const struct hub_hooks *hooks = hub->hooks;

    if (!hooks || !hooks->after_event ||
        (hooks->wants_after && !hooks->wants_after(hooks->ctx, event->type)))
        return;
    struct after_event *after = arena_alloc(&hub->after_arena, sizeof(*after));

    *after = (struct after_event){
        .pending = {event->type, client_ref(event->client), SPAN_NONE, event->source, event->depth},
        .session = event->session,
        .data = arena_copy(&hub->after_arena, event->data),
        .time_ms = event->time_ms,
    };
    event->session->refs++;
    *(hub->after_first ? &hub->after_last->next : &hub->after_first) = after;
    hub->after_last = after;
}

static void
send(struct session *session, struct client *sender, const struct event_type *type,
     struct span object, const struct event_facts *facts)
{
    struct hub *hub = session->hub;

    buf_clear(&hub->scratch);
    buf_clear(&hub->scratch2);
    event_encode(&hub->scratch, facts);
    frame_append(&hub->scratch2, buf_span(&hub->scratch));
    add_to_round(session, sender, type, object, buf_span(&hub->scratch2));
    hub->stats.events_volatile++;
}

/* An applied volatile event. */
void
volatile_event(struct event *event)
{
    struct event_facts facts = {
        .type = span_of(event->type->name),
        .data = event->data,
        .time_ms = event->time_ms,
        .client_id = client_id_span(event->client),
        .id = event->id,
    };

    send(event->session, event->client, event->type, event->object_name, &facts);
    remember_for_hooks(event);
}

/* One that the server makes itself: presence. */
void
volatile_emit(struct session *session, struct client *sender, const char *type, struct span data)
{
    struct event_facts facts = {
        .type = span_of(type),
        .data = data,
        .time_ms = session_stamp(session),
        .client_id = client_id_span(sender),
    };

    send(session, sender, event_types_find(&session->hub->types, span_of(type)), SPAN_NONE, &facts);
}

void
volatile_clear(struct session *session)
{
    for (size_t i = 0; i < session->round_count; i++)
        client_unref(session->round_events[i].sender);
    session->round_count = 0;
    if (session->round.cap > 64 * 1024)
        buf_fini(&session->round);
    buf_clear(&session->round);
}

/* Between rounds the room is kept for the next, but not by a session at rest. */
void
volatile_rest(struct session *session, int64_t now_ms)
{
    if (session->round_count == 0 && now_ms - session->round_us / 1000 > REST_MS) {
        buf_fini(&session->round);
        free(session->round_events);
        session->round_events = NULL;
        session->round_cap = 0;
    }
}

void
volatile_after_hooks(struct hub *hub)
{
    struct after_event *after = hub->after_first;

    hub->after_first = hub->after_last = NULL;
    for (; after; after = after->next) {
        struct event event = {
            .type = after->pending.type,
            .source = after->pending.source,
            .client = after->pending.client,
            .session = after->session,
            .data = after->data,
            .time_ms = after->time_ms,
            .if_version = -1,
            .depth = after->pending.depth,
        };

        hub->current_depth = after->pending.depth;
        hub->current_emits = 0;
        hub->hooks->after_event(hub->hooks->ctx, &event);
        hub->current_depth = -1;
        client_unref(after->pending.client);
        session_unref(after->session);
    }
    arena_reset(&hub->after_arena);
}
