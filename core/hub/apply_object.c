/* What the object events do: object_created, object_updated, object_deleted; object_moved only
 * checks. */
#include "hub/hub_state.h"

#include "err.h"
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

/* Copies a member that must be a valid name. */
static int
read_name(struct span from, char name[ID_SIZE], struct refusal *refusal)
{
    struct span value;
    int len;

    if (!json_member(from, "name", &value)) {
        refuse(refusal, REFUSE_INVALID_EVENT, "the object's name is missing");
        return HD1_EINVAL;
    }
    len = json_copy_string(value, name, ID_SIZE);
    if (len < 0 || !id_is_valid((struct span){name, (size_t)len})) {
        refuse(refusal, REFUSE_INVALID_EVENT, "a name is 1 to 64 letters, digits, '_' or '-'");
        return HD1_EINVAL;
    }
    return 0;
}

static int
read_object(const struct event *event, struct span *object, char name[ID_SIZE],
            struct refusal *refusal)
{
    if (!json_member(event->data, "object", object) || json_type_of(*object) != JSON_OBJECT) {
        refuse(refusal, REFUSE_INVALID_EVENT, "data.object is missing or not an object");
        return HD1_EINVAL;
    }
    return read_name(*object, name, refusal);
}

static struct object *
find(const struct event *event, const char *name, struct refusal *refusal)
{
    struct object *object = table_get(&event->session->objects, span_of(name));

    if (!object) {
        refuse(refusal, REFUSE_UNKNOWN_OBJECT, "session %s has no object %s", event->session->id,
               name);
    }
    return object;
}

static int
check_version(const struct event *event, const struct object *object, struct refusal *refusal)
{
    struct buf current = BUF_INIT;

    if (event->if_version < 0)
        return 0;
    object_append(&current, object);
    int status = apply_check_version(event, object->version, buf_span(&current), "object", refusal);

    buf_fini(&current);
    return status;
}

/* The client's clock, clamped to ours; ours if it said nothing. */
static int64_t
client_time(const struct event *event)
{
    int64_t now = hub_unix_ms(event->session->hub);

    return event->time_ms > 0 && event->time_ms < now ? event->time_ms : now;
}

/* Where conflicts go by time, an older change loses; between equal times the larger client id wins.
 */
static int
check_time(const struct event *event, const struct object *object, struct refusal *refusal)
{
    int64_t time_ms = client_time(event);
    const char *writer = object->writer ? object->writer : "";

    if (!event->session->is_world_timed || time_ms > object->time_ms ||
        (time_ms == object->time_ms && strcmp(client_id(event->client), writer) >= 0))
        return 0;
    refuse(refusal, REFUSE_STALE, "%s was changed at %lld, later than this change's %lld",
           object->name, (long long)object->time_ms, (long long)time_ms);
    return HD1_EINVAL;
}

static void
note_writer(struct object *object, const struct event *event)
{
    object->version = event->seq;
    object->time_ms = client_time(event);
    if (event->session->is_world_timed)
        object->writer = mem_strndup(client_id(event->client), strlen(client_id(event->client)));
}

/* Takes the buffer's bytes, trimmed. */
static void
set_body(struct object *object, struct buf *body)
{
    object->body = mem_realloc(body->data, body->len);
    object->body_len = (uint32_t)body->len;
    *body = BUF_INIT;
}

static const struct {
    const char *name;
    const char *member;
} defaults[] = {{"x", "\"x\":0"}, {"y", "\"y\":0"}, {"z", "\"z\":0"}, {"scale", "\"scale\":1"}};

/* The created event shows the defaults filled in. */
static void
fill_defaults(struct event *event, struct span object)
{
    struct buf patch = BUF_INIT;
    bool is_missing = false;

    buf_append_str(&patch, "{\"object\":{");
    for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++) {
        if (!json_member(object, defaults[i].name, NULL)) {
            buf_append_str(&patch, is_missing ? "," : "");
            buf_append_str(&patch, defaults[i].member);
            is_missing = true;
        }
    }
    buf_append_str(&patch, "}}");
    if (is_missing)
        event_patch(event, buf_span(&patch));
    buf_fini(&patch);
}

static int
refuse_existing(const struct object *object, struct refusal *refusal)
{
    refuse(refusal, REFUSE_OBJECT_EXISTS, "there is an object %s already", object->name);
    buf_append_str(&refusal->details, "{\"object\":");
    object_append(&refusal->details, object);
    buf_append_char(&refusal->details, '}');
    return HD1_EEXIST;
}

static int
check_type(struct span object, struct refusal *refusal)
{
    struct span type;

    if (json_member(object, "type", &type) && json_type_of(type) == JSON_STRING)
        return 0;
    refuse(refusal, REFUSE_INVALID_EVENT, "the object's type is missing or not a string");
    return HD1_EINVAL;
}

static int
apply_created(struct event *event, struct refusal *refusal)
{
    struct session *session = event->session;
    char name[ID_SIZE];
    struct span proposed;
    struct buf body = BUF_INIT;

    if (read_object(event, &proposed, name, refusal) != 0 || check_type(proposed, refusal) != 0)
        return HD1_EINVAL;
    struct object *object = table_get(&session->objects, span_of(name));

    if (object)
        return refuse_existing(object, refusal);
    fill_defaults(event, proposed);
    json_member(event->data, "object", &proposed);
    if (object_body_create(proposed, &body, refusal) != 0) {
        buf_fini(&body);
        return HD1_ETOOBIG;
    }
    object = object_new(span_of(name));
    set_body(object, &body);
    note_writer(object, event);
    table_put(&session->objects, span_of(object->name), object);
    undo_object(session, UNDO_CREATED, object, event->seq);
    event->object_name = span_of(object->name);
    return 0;
}

static int
apply_updated(struct event *event, struct refusal *refusal)
{
    struct session *session = event->session;
    char name[ID_SIZE];
    struct span change;
    struct buf body = BUF_INIT;

    if (read_object(event, &change, name, refusal) != 0)
        return HD1_EINVAL;
    struct object *object = find(event, name, refusal);

    if (!object || check_version(event, object, refusal) != 0 ||
        check_time(event, object, refusal) != 0)
        return HD1_EINVAL;
    if (object_body_update(object_body(object), change, &body, refusal) != 0) {
        buf_fini(&body);
        return HD1_ETOOBIG;
    }
    undo_object(session, UNDO_UPDATED, object, event->seq);
    set_body(object, &body);
    note_writer(object, event);
    event->object_name = span_of(object->name);
    return 0;
}

static int
apply_deleted(struct event *event, struct refusal *refusal)
{
    struct session *session = event->session;
    char name[ID_SIZE];

    if (read_name(event->data, name, refusal) != 0)
        return HD1_EINVAL;
    struct object *object = find(event, name, refusal);

    if (!object || check_version(event, object, refusal) != 0 ||
        check_time(event, object, refusal) != 0)
        return HD1_EINVAL;
    table_del(&session->objects, span_of(object->name));
    object->is_deleted = true;
    undo_object(session, UNDO_DELETED, object, event->seq);
    event->object_name = span_of(object->name);
    return 0;
}

/* Motion in flight: nothing is kept of it but the newest; it must move something that exists. */
static int
apply_moved(struct event *event, struct refusal *refusal)
{
    char name[ID_SIZE];

    if (read_name(event->data, name, refusal) != 0)
        return HD1_EINVAL;
    struct object *object = find(event, name, refusal);

    if (!object)
        return HD1_ENOENT;
    event->object_name = span_of(object->name);
    return 0;
}

/* --- replay --- */

static void
replay_body(struct session *session, struct object *object, const struct store_event *event,
            struct buf *body)
{
    free(object->body);
    set_body(object, body);
    object->version = event->seq;
    object->time_ms = event->time_ms;
    session_mark_dirty(session, object, event->seq);
}

static void
replay_created(struct session *session, const struct store_event *event, struct span name,
               struct span proposed)
{
    struct refusal ignored;
    struct buf body = BUF_INIT;
    struct object *object = object_new(name);

    refusal_init(&ignored);
    object_body_create(proposed, &body, &ignored);
    refusal_fini(&ignored);
    replay_body(session, object, event, &body);
    table_put(&session->objects, span_of(object->name), object);
}

static void
replay_updated(struct session *session, const struct store_event *event, struct object *object,
               struct span change)
{
    struct refusal ignored;
    struct buf body = BUF_INIT;

    refusal_init(&ignored);
    object_body_update(object_body(object), change, &body, &ignored);
    refusal_fini(&ignored);
    replay_body(session, object, event, &body);
}

static void
replay_deleted(struct session *session, const struct store_event *event, struct object *object)
{
    table_del(&session->objects, span_of(object->name));
    object->is_deleted = true;
    session_mark_dirty(session, object, event->seq);
}

/* Does it say where the object is? */
static bool
is_placing(const struct batch_event *event)
{
    static const char *const places[] = {"x", "y", "z", "rotation", "scale"};
    struct span object;

    if (!span_is(event->type, "object_updated") || !json_member(event->body, "object", &object))
        return true;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (json_member(object, places[i], NULL))
            return true;
    return false;
}

void
apply_committed_object(struct session *session, const struct batch_event *event, struct span name)
{
    if (newest_has(&session->newest, SPAN("object_moved"), name) && is_placing(event))
        newest_drop(&session->newest, SPAN("object_moved"), name);
}

/* Rows may be ahead of the events replayed: what a row's version already holds is skipped. */
void
apply_replay_object(struct session *session, const struct store_event *event)
{
    bool is_deletion = span_is(event->type, "object_deleted");
    struct span proposed = event->body, name_value;
    char name[ID_SIZE];

    if (!is_deletion &&
        (!json_member(event->body, "object", &proposed) ||
         (!span_is(event->type, "object_created") && !span_is(event->type, "object_updated"))))
        return;
    if (!json_member(proposed, "name", &name_value) ||
        json_copy_string(name_value, name, sizeof(name)) < 0)
        return;
    struct object *object = table_get(&session->objects, span_of(name));

    if (object && object->version >= event->seq)
        return;
    if (is_deletion && object)
        replay_deleted(session, event, object);
    else if (!is_deletion && object)
        replay_updated(session, event, object, proposed);
    else if (span_is(event->type, "object_created"))
        replay_created(session, event, span_of(name), proposed);
}

void
apply_register_objects(struct event_types *types)
{
    apply_add_type(types, "object_created", LANE_DURABLE, true, apply_created,
                   "An object comes into the world.");
    apply_add_type(types, "object_updated", LANE_DURABLE, true, apply_updated,
                   "Properties of an object change; null removes one.");
    apply_add_type(types, "object_deleted", LANE_DURABLE, true, apply_deleted,
                   "An object leaves the world.");
    apply_add_type(types, "object_moved", LANE_VOLATILE, true, apply_moved,
                   "An object in motion; end with object_updated to keep where it stopped.");
}
