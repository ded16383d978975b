/* What the world and camera events do. */
#include "hub/hub_state.h"

#include "err.h"
#include "hub/merge.h"
#include "json/json.h"

#define WORLD_BYTES_MAX (32 * 1024)
#define CAMERA_BYTES_MAX 4096 /* it goes whole into the first page of a snapshot */

static int
read_world(const struct event *event, struct span *world, struct refusal *refusal)
{
    if (json_member(event->data, "world", world) && json_type_of(*world) == JSON_OBJECT)
        return 0;
    refuse(refusal, REFUSE_INVALID_EVENT, "data.world is missing or not an object");
    return HD1_EINVAL;
}

static int
check_size(struct span world, struct refusal *refusal)
{
    if (world.len > WORLD_BYTES_MAX)
        refuse(refusal, REFUSE_TOO_LARGE, "the world would have %zu bytes; at most %d are kept",
               world.len, WORLD_BYTES_MAX);
    else if (json_is_crowded(world))
        refuse(refusal, REFUSE_TOO_LARGE, "the world would have more than %d properties",
               JSON_MEMBERS_MAX);
    else
        return 0;
    return HD1_ETOOBIG;
}

static int
set_world(struct event *event, struct span base, struct span change, struct refusal *refusal)
{
    struct session *session = event->session;
    struct buf merged = BUF_INIT;

    merge_change(&merged, base, change);
    int status = check_size(buf_span(&merged), refusal);

    if (status == 0) {
        undo_world(session);
        session_set_world(session, buf_span(&merged));
        session->world_version = event->seq;
    }
    buf_fini(&merged);
    return status;
}

static int
apply_world(struct event *event, bool is_replaced, struct refusal *refusal)
{
    struct session *session = event->session;
    struct span world;

    if (read_world(event, &world, refusal) != 0 ||
        apply_check_version(event, session->world_version, session_world(session), "world",
                            refusal) != 0)
        return HD1_EINVAL;
    return set_world(event, is_replaced ? SPAN("{}") : session_world(session), world, refusal);
}

static int
apply_initialized(struct event *event, struct refusal *refusal)
{
    return apply_world(event, true, refusal);
}

static int
apply_updated(struct event *event, struct refusal *refusal)
{
    return apply_world(event, false, refusal);
}

static int
check_camera_size(const struct event *event, struct refusal *refusal)
{
    if (event->data.len <= CAMERA_BYTES_MAX)
        return 0;
    refuse(refusal, REFUSE_TOO_LARGE, "a camera event has at most %d bytes", CAMERA_BYTES_MAX);
    return HD1_ETOOBIG;
}

static int
apply_camera_moved(struct event *event, struct refusal *refusal)
{
    if (!json_member(event->data, "position", NULL) || !json_member(event->data, "target", NULL)) {
        refuse(refusal, REFUSE_INVALID_EVENT, "a camera needs position and target");
        return HD1_EINVAL;
    }
    return check_camera_size(event, refusal);
}

/*
 * What a volatile event changes once its whole message is accepted: the newest camera is kept at
 * once, its column is written lazily.
 */
void
apply_volatile(struct event *event)
{
    struct session *session = event->session;
    struct span position, target;

    if (strcmp(event->type->name, "camera_moved") != 0 ||
        !json_member(event->data, "position", &position) ||
        !json_member(event->data, "target", &target))
        return;
    buf_clear(&session->camera);
    buf_append_str(&session->camera, "{\"position\":");
    json_append_compact(&session->camera, position);
    buf_append_str(&session->camera, ",\"target\":");
    json_append_compact(&session->camera, target);
    buf_appendf(&session->camera, ",\"time_ms\":%lld}", (long long)event->time_ms);
    session_mark_camera(session);
}

static int
apply_camera_orbit(struct event *event, struct refusal *refusal)
{
    if (!json_member(event->data, "center", NULL) || !json_member(event->data, "radius", NULL)) {
        refuse(refusal, REFUSE_INVALID_EVENT, "an orbit needs center and radius");
        return HD1_EINVAL;
    }
    return check_camera_size(event, refusal);
}

/* The orbit as the camera: {"orbit":{...,"started_ms":T}}, without session_id. */
static void
set_orbit(struct session *session, struct span data, int64_t time_ms)
{
    struct buf orbit = BUF_INIT, started = BUF_INIT;

    buf_appendf(&started, "{\"started_ms\":%lld,\"session_id\":null}", (long long)time_ms);
    merge_change(&orbit, data, buf_span(&started));
    buf_clear(&session->camera);
    buf_append_str(&session->camera, "{\"orbit\":");
    json_append_compact(&session->camera, buf_span(&orbit));
    buf_append_char(&session->camera, '}');
    session_mark_camera(session);
    buf_fini(&orbit);
    buf_fini(&started);
}

void
apply_committed_camera(struct session *session, const struct batch_event *event)
{
    if (span_is(event->type, "camera_orbit_started")) {
        set_orbit(session, event->body, event->time_ms);
        newest_drop(&session->newest, SPAN("camera_moved"), SPAN_NONE);
    }
}

/* When the camera that is kept was last moved; 0 if it circles or never moved. */
static int64_t
camera_time(const struct session *session)
{
    struct span value;
    int64_t time_ms = 0;

    if (session->camera.len && json_member(buf_span(&session->camera), "time_ms", &value))
        json_integer(value, &time_ms);
    return time_ms;
}

void
apply_replay_world(struct session *session, const struct store_event *event)
{
    struct span world;

    if (span_is(event->type, "camera_orbit_started")) {
        if (event->time_ms > camera_time(session))
            set_orbit(session, event->body, event->time_ms);
        return;
    }
    if (event->seq <= session->world_version) /* the column holds it */
        return;
    bool is_replaced = span_is(event->type, "world_initialized");

    if ((!is_replaced && !span_is(event->type, "world_updated")) ||
        !json_member(event->body, "world", &world))
        return;
    struct buf merged = BUF_INIT;

    merge_change(&merged, is_replaced ? SPAN("{}") : session_world(session), world);
    session_set_world(session, buf_span(&merged));
    session->world_version = event->seq;
    buf_fini(&merged);
}

void
apply_register_world(struct event_types *types)
{
    apply_add_type(types, "world_initialized", LANE_DURABLE, true, apply_initialized,
                   "The world's configuration is set as a whole.");
    apply_add_type(types, "world_updated", LANE_DURABLE, true, apply_updated,
                   "Properties of the world change; null removes one.");
    apply_add_type(types, "camera_moved", LANE_VOLATILE, true, apply_camera_moved,
                   "The camera is somewhere else.");
    apply_add_type(types, "camera_orbit_started", LANE_DURABLE, true, apply_camera_orbit,
                   "The camera begins to circle a point.");
}
