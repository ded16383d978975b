/* What the session events do: session_created makes one, session_deleted is its last event. */
#include "hub/hub_state.h"

#include "err.h"
#include "hub/merge.h"
#include "json/json.h"

#define WORLD_BYTES_MAX (32 * 1024)

static int
check_world(struct span world, struct refusal *refusal)
{
    if (json_type_of(world) == JSON_OBJECT && world.len <= WORLD_BYTES_MAX)
        return 0;
    refuse(refusal, world.len > WORLD_BYTES_MAX ? REFUSE_TOO_LARGE : REFUSE_INVALID_EVENT,
           "data.world is not an object of at most %d bytes", WORLD_BYTES_MAX);
    return HD1_EINVAL;
}

/* Which script the new session names; "" if none. It must exist and load. */
static int
check_script(struct hub *hub, struct span data, char script[ID_SIZE], struct refusal *refusal)
{
    struct span value;

    script[0] = '\0';
    if (!json_member(data, "script", &value) || json_type_of(value) == JSON_NULL)
        return 0;
    int len = json_copy_string(value, script, ID_SIZE);

    if (len < 0 || !id_is_valid((struct span){script, (size_t)len}) || !hub->scripts ||
        !hub->scripts->check) {
        refuse(refusal, REFUSE_UNKNOWN_SCRIPT, "there is no such world script");
        return HD1_ENOENT;
    }
    return hub->scripts->check(hub->scripts->ctx, span_of(script), refusal);
}

/* event->session is the empty session that receive.c made for it; it goes again if this fails. */
static int
apply_created(struct event *event, struct refusal *refusal)
{
    struct session *session = event->session;
    struct span world = SPAN("{}");
    struct buf compact = BUF_INIT;
    char script[ID_SIZE];

    if ((json_member(event->data, "world", &world) && check_world(world, refusal) != 0) ||
        check_script(session->hub, event->data, script, refusal) != 0)
        return HD1_EINVAL;
    merge_change(&compact, SPAN("{}"), world);
    session_set_world(session, buf_span(&compact));
    session->world_version = event->seq;
    session->created_ms = hub_unix_ms(session->hub);
    buf_append_str(&session->script, script);
    session->state = SESSION_READY;
    buf_fini(&compact);
    return 0;
}

static int
apply_deleted(struct event *event, struct refusal *refusal)
{
    (void)refusal;
    event->session->state = SESSION_DELETING;
    return 0;
}

void
apply_register_session(struct event_types *types)
{
    apply_add_type(types, "session_created", LANE_DURABLE, true, apply_created,
                   "A session begins.");
    apply_add_type(types, "session_deleted", LANE_DURABLE, true, apply_deleted,
                   "A session ends; its last event.");
    apply_add_type(types, "client_connected", LANE_VOLATILE, false, NULL,
                   "A client joined the session.");
    apply_add_type(types, "client_disconnected", LANE_VOLATILE, false, NULL,
                   "A client left the session.");
    apply_add_type(types, "client_info", LANE_VOLATILE, false, NULL,
                   "What a client says about itself.");
    apply_add_type(types, "presence_updated", LANE_VOLATILE, false, NULL,
                   "A client's presence changed.");
}
