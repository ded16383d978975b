/* /api/sessions/{session}/world and /camera: world_initialized, world_updated, camera_* */
#include "net/rest/rest_body.h"
#include "net/rest/rest_etag.h"
#include "net/rest/rest_routes.h"

static void
read_world(struct rest_call *call, struct session *session)
{
    int64_t version = session_world_version(session);

    rest_etag(call->etag, span_of(session_epoch_of(session, version)), version);
    if (rest_is_not_modified(call))
        call->status = 304;
    else
        buf_append_span(&call->body, session_world(session));
}

void
rest_world_get(struct rest_call *call)
{
    rest_read(call, read_world);
}

static void
change_world(struct rest_call *call, const char *type)
{
    struct buf text = BUF_INIT;

    if (!rest_if_match(call) || !rest_body_object(call))
        return;
    buf_appendf(&text, "{\"type\":\"%s\",\"data\":{\"world\":", type);
    buf_append_span(&text, call->value);
    buf_append_str(&text, "}}");
    rest_change(call, &text, rest_done_result);
}

void
rest_world_put(struct rest_call *call)
{
    change_world(call, "world_initialized");
}

void
rest_world_patch(struct rest_call *call)
{
    change_world(call, "world_updated");
}

static void
read_camera(struct rest_call *call, struct session *session)
{
    if (session_camera(session).at)
        buf_append_span(&call->body, session_camera(session));
    else
        refuse(&call->refusal, REFUSE_NOT_FOUND, "the camera of this session was never set");
}

void
rest_camera_get(struct rest_call *call)
{
    rest_read(call, read_camera);
}

/* The body is the event's data. */
static void
send_camera(struct rest_call *call, const char *type)
{
    struct buf text = BUF_INIT;

    if (!rest_body_object(call))
        return;
    buf_appendf(&text, "{\"type\":\"%s\",\"data\":", type);
    buf_append_span(&text, call->value);
    buf_append_char(&text, '}');
    rest_change(call, &text, rest_done_result);
}

void
rest_camera_position(struct rest_call *call)
{
    send_camera(call, "camera_moved");
}

void
rest_camera_orbit(struct rest_call *call)
{
    send_camera(call, "camera_orbit_started");
}
