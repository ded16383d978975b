/*
 * An event is applied: the next seq, the stamp, and what its type does to the session. Here is what
 * all types share; the core's own are in apply_object.c, apply_world.c, apply_session.c.
 */
#include "hub/hub_state.h"

#include "err.h"
#include "hub/schema.h"
#include "json/json.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* Nothing has changed if it fails. What changed is in hub->undo otherwise. */
int
apply_event(struct event *event, struct refusal *refusal)
{
    struct session *session = event->session;
    bool is_durable = event->type->lane == LANE_DURABLE;
    int status = 0;

    assert(session->seq < INT64_C(9007199254740991)); /* invariant 1 */
    event->seq = is_durable ? session->seq + 1 : 0;
    if (event->type->apply)
        status = event->type->apply(event, refusal);
    if (status != 0) {
        event->seq = 0;
        return status;
    }
    event->time_ms = session_stamp(session);
    if (is_durable)
        session->seq = event->seq;
    return 0;
}

/* if_version of the event (or If-Match of the request) against what is there. */
int
apply_check_version(const struct event *event, int64_t version, struct span current,
                    const char *what, struct refusal *refusal)
{
    const char *epoch = session_epoch_of(event->session, version);
    bool is_same =
        event->if_version == version && (!event->if_epoch.at || span_is(event->if_epoch, epoch));

    if (event->if_version < 0 || is_same)
        return 0;
    if (event->if_version == version) /* the number was given again after a restart */
        refuse(refusal, REFUSE_VERSION_MISMATCH, "the %s has version %lld of another epoch now",
               what, (long long)version);
    else
        refuse(refusal, REFUSE_VERSION_MISMATCH, "the %s has version %lld now, not %lld", what,
               (long long)version, (long long)event->if_version);
    buf_appendf(&refusal->details, "{\"%s\":", what);
    buf_append_span(&refusal->details, current);
    buf_append_char(&refusal->details, '}');
    return HD1_EINVAL;
}

/*
 * What an event changes only once it is on disk: what is volatile belongs to everyone's newest
 * state, which is shown without being held.
 */
void
apply_committed(struct session *session, const struct batch_event *event, struct span object_name)
{
    if (object_name.at)
        apply_committed_object(session, event, object_name);
    else
        apply_committed_camera(session, event);
}

/* An event from the log, while a session is loaded: no checks, it was accepted once. */
void
apply_replay(struct session *session, const struct store_event *event)
{
    apply_replay_object(session, event);
    apply_replay_world(session, event);
}

void
apply_add_type(struct event_types *types, const char *name, enum lane lane, bool is_sendable,
               event_apply_fn apply, const char *doc)
{
    struct event_type type = {.lane = lane, .is_sendable = is_sendable, .apply = apply};

    snprintf(type.name, sizeof(type.name), "%s", name);
    type.doc = mem_strndup(doc, strlen(doc));
    type.schema = mem_strndup(schema_text(name).at, schema_text(name).len);
    int status = event_types_add(types, &type);

    assert(status == 0);
    free(type.doc);
    free(type.schema);
}

void
apply_register(struct event_types *types)
{
    apply_register_session(types);
    apply_register_world(types);
    apply_register_objects(types);
}
