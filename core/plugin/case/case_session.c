/* Sessions and clients in a case file, as they were when the call failed. */
#include "hub/client.h"
#include "hub/event.h"
#include "hub/session.h"
#include "plugin/case/case_parts.h"
#include "plugin/case/case_text.h"
#include "plugin/plugin_state.h"
#include "json/json.h"

#define SESSIONS_MAX 8
#define OBJECTS_MAX 100
#define CLIENTS_MAX 20
#define OBJECTS_BYTES 16384

void
case_append_client(struct buf *out, const struct client *client)
{
    static const char *const kinds[] = {[CLIENT_WS] = "ws",
                                        [CLIENT_REST] = "rest",
                                        [CLIENT_LOCAL] = "local",
                                        [CLIENT_SOCKET] = "socket"};

    buf_append_char(out, '{');
    case_append_text(out, "id", span_of(client_id(client)));
    case_append_text(out, "address", span_of(client_address(client)));
    case_append_text(out, "kind", span_of(kinds[client_kind(client)]));
    case_append_json(out, "info", client_info(client));
    case_append_json(out, "identity", client_identity(client));
    buf_append_char(out, '}');
}

/* The object that the event is about, by its data: before_event has not applied it yet. */
static const struct object *
find_object(const struct session *session, const struct event *event)
{
    struct span object, name;

    if (!event || event->session != session)
        return NULL;
    if (json_member(event->data, "object", &object) && json_member(object, "name", &name) &&
        json_plain_string(name, &name))
        return session_object(session, name);
    if (json_member(event->data, "name", &name) && json_plain_string(name, &name))
        return session_object(session, name);
    return NULL;
}

static void
append_item(struct buf *list, struct span item)
{
    if (list->len > 1)
        buf_append_char(list, ',');
    buf_append_span(list, item);
}

/* The event's own first, then as many as fit. */
static void
append_objects(struct buf *out, const struct session *session, const struct event *event)
{
    const struct object *objects[OBJECTS_MAX], *own = find_object(session, event);
    size_t count = session_objects_after(session, SPAN_NONE, OBJECTS_MAX, objects);
    struct buf list = BUF_INIT;

    buf_append_char(&list, '[');
    if (own)
        append_item(&list, object_body(own));
    for (size_t i = 0; i < count; i++)
        if (objects[i] != own && list.len + object_body(objects[i]).len < OBJECTS_BYTES)
            append_item(&list, object_body(objects[i]));
    buf_append_char(&list, ']');
    case_append_json(out, "objects", buf_span(&list));
    buf_fini(&list);
}

static void
append_clients(struct buf *out, const struct session *session)
{
    struct client *clients[CLIENTS_MAX];
    size_t count = session_clients_after(session, SPAN_NONE, CLIENTS_MAX, clients);
    struct buf list = BUF_INIT, one = BUF_INIT;

    buf_append_char(&list, '[');
    for (size_t i = 0; i < count; i++) {
        buf_clear(&one);
        case_append_client(&one, clients[i]);
        append_item(&list, buf_span(&one));
    }
    buf_append_char(&list, ']');
    case_append_json(out, "clients", buf_span(&list));
    buf_fini(&list);
    buf_fini(&one);
}

static void
append_one(struct buf *out, const struct session *session, const struct event *event)
{
    buf_append_str(out, out->len > 1 ? ",{" : "{");
    case_append_text(out, "id", span_of(session_id(session)));
    case_append_int(out, "seq", session_seq(session));
    case_append_json(out, "world", session_world(session));
    case_append_json(out, "camera", session_camera(session));
    append_objects(out, session, event);
    append_clients(out, session);
    buf_append_char(out, '}');
}

struct found {
    const struct session *items[SESSIONS_MAX];
    size_t count;
};

static void
add(struct found *found, const struct session *session)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i] == session)
            return;
    if (session && found->count < SESSIONS_MAX)
        found->items[found->count++] = session;
}

/* Those of the calls that led to this one: {"at":..,"cause":{"session":ID,"timer":{..}}}. */
static void
add_causes(struct found *found, struct hub *hub, struct span origin)
{
    struct span cause, id;

    while (json_member(origin, "cause", &cause)) {
        if (json_member(cause, "session", &id) && json_plain_string(id, &id))
            add(found, hub_session(hub, id));
        if (!json_member(cause, "timer", &origin) && !json_member(cause, "open", &origin))
            return;
    }
}

void
case_append_sessions(struct buf *out, const struct plugin *plugin, const struct hook_call *now)
{
    struct found found = {.count = 0};
    struct buf origin = BUF_INIT;

    add(&found, now->event ? now->event->session : now->session);
    for (size_t i = 0; i < plugin->looked_count; i++)
        add(&found, plugin->looked_into[i]);
    if (plugin->all->hub && (now->moment == ON_TIMER || now->moment == ON_OPEN)) {
        case_append_timer(&origin, plugin, now);
        case_append_open(&origin, plugin, now);
        add_causes(&found, plugin->all->hub, buf_span(&origin));
    }
    buf_fini(&origin);
    if (found.count == 0)
        return;
    buf_append_char(out, '[');
    for (size_t i = 0; i < found.count; i++)
        append_one(out, found.items[i], now->event);
    buf_append_char(out, ']');
}
