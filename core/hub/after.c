/* After-hooks of durable events: once their batch is committed and flushed. */
#include "hub/hub_state.h"

static void
after_event(struct hub *hub, struct session *session, const struct batch_event *row)
{
    struct pending *pending = row->owner;
    struct event event = {
        .type = pending->type,
        .source = pending->source,
        .client = pending->client,
        .session = session,
        .data = row->body,
        .id = row->client_msg_id,
        .time_ms = row->time_ms,
        .seq = row->seq,
        .if_version = -1,
        .depth = pending->depth,
        .object_name = pending->object_name,
    };

    hub->current_depth = pending->depth;
    hub->current_emits = 0;
    hub->hooks->after_event(hub->hooks->ctx, &event);
    hub->current_depth = -1;
}

static bool
wants_after(const struct hub *hub, const struct event_type *type)
{
    return hub->hooks && hub->hooks->after_event &&
           (!hub->hooks->wants_after || hub->hooks->wants_after(hub->hooks->ctx, type));
}

/* Will hooks hear of one of the part's events? */
bool
journal_has_after_hooks(const struct hub *hub, const struct batch_part *part)
{
    for (const struct batch_event *event = part->events; event; event = event->next)
        if (wants_after(hub, ((struct pending *)event->owner)->type))
            return true;
    return false;
}

/* After-hooks of a batch that came back, whose events were flushed; then its memory is free for the
 * next. */
void
journal_after_hooks(struct hub *hub)
{
    struct batch *batch = hub->done;

    hub->done = NULL;
    for (struct batch_part *part = batch->parts; part; part = part->next) {
        struct session *session = part->status == 0 ? part->owner : NULL;

        for (struct batch_event *event = part->events; event; event = event->next)
            if (session && wants_after(hub, ((struct pending *)event->owner)->type))
                after_event(hub, session, event);
        journal_release(part);
        if (session)
            session_unref(session);
    }
    if (hub->spare) {
        batch_free(batch);
    } else {
        batch_reset(batch);
        hub->spare = batch;
    }
}
