/* Sessions and clients in a case file, as they were when the call failed. */
#include "hub/client.h"
#include "hub/event.h"
#include "hub/session.h"
#include "plugin/case/case_parts.h"
#include "plugin/case/case_text.h"
#include "plugin/plugin_state.h"
#include "json/json.h"

#define SESSIONS_MAX (CASE_READ_SESSIONS + 4)
#define SESSIONS_BYTES (192 * 1024) /* of all but the first */
#define CLIENTS_MAX 100
#define CLIENTS_BYTES (32 * 1024)

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

/* True if it fits. */
static bool
list_client(struct buf *list, const struct client *client)
{
    struct buf one = BUF_INIT;
    bool is_fitting;

    case_append_client(&one, client);
    is_fitting = list->len + one.len <= CLIENTS_BYTES;
    if (is_fitting && list->len > 1)
        buf_append_char(list, ',');
    if (is_fitting)
        buf_append_span(list, buf_span(&one));
    buf_fini(&one);
    return is_fitting;
}

/* The call's own first. */
static void
append_clients(struct buf *out, struct buf *left_out, const struct session *session,
               const struct client *own)
{
    struct client *clients[CLIENTS_MAX];
    size_t count = session_clients_after(session, SPAN_NONE, CLIENTS_MAX, clients), listed = 0;
    struct buf list = BUF_INIT;

    buf_append_char(&list, '[');
    if (own && session_has_client(session, own))
        listed += list_client(&list, own);
    for (size_t i = 0; i < count; i++)
        if (clients[i] != own)
            listed += list_client(&list, clients[i]);
    buf_append_char(&list, ']');
    case_append_json(out, "clients", buf_span(&list));
    if (listed < session_client_count(session))
        case_note_left_out(left_out, "clients of %s: %zu of %zu are here", session_id(session),
                           listed, session_client_count(session));
    buf_fini(&list);
}

static void
append_one(struct buf *out, struct buf *left_out, const struct session *session,
           const struct plugin *plugin, const struct hook_call *now)
{
    buf_append_char(out, '{');
    case_append_text(out, "id", span_of(session_id(session)));
    case_append_int(out, "seq", session_seq(session));
    case_append_json(out, "world", session_world(session));
    case_append_json(out, "camera", session_camera(session));
    case_append_int(out, "object_count", (int64_t)session_object_count(session));
    case_append_objects(out, left_out, session, now->event, &plugin->reads);
    case_append_int(out, "client_count", (int64_t)session_client_count(session));
    append_clients(out, left_out, session, now->client);
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

static void
find_sessions(struct found *found, const struct plugin *plugin, const struct hook_call *now)
{
    struct buf origin = BUF_INIT;

    add(found, now->event ? now->event->session : now->session);
    for (size_t i = 0; i < plugin->reads.session_count; i++)
        add(found, plugin->reads.sessions[i]);
    if (plugin->all->hub && (now->moment == ON_TIMER || now->moment == ON_OPEN)) {
        case_append_timer(&origin, plugin, now);
        case_append_open(&origin, plugin, now);
        add_causes(found, plugin->all->hub, buf_span(&origin));
    }
    buf_fini(&origin);
}

/* What the first one needs is there in any case. */
static void
append_fitting(struct buf *out, struct buf *left_out, const struct session *session,
               const struct plugin *plugin, const struct hook_call *now)
{
    struct buf one = BUF_INIT, left_out_of_it = BUF_INIT;

    append_one(&one, &left_out_of_it, session, plugin, now);
    if (out->len > 1 && out->len + one.len > SESSIONS_BYTES) {
        case_note_left_out(left_out, "session %s", session_id(session));
    } else {
        if (out->len > 1)
            buf_append_char(out, ',');
        buf_append_span(out, buf_span(&one));
        buf_append_span(left_out, buf_span(&left_out_of_it));
    }
    buf_fini(&one);
    buf_fini(&left_out_of_it);
}

void
case_append_sessions(struct buf *out, struct buf *left_out, const struct plugin *plugin,
                     const struct hook_call *now)
{
    const struct case_reads *reads = &plugin->reads;
    struct found found = {.count = 0};

    find_sessions(&found, plugin, now);
    if (found.count == 0)
        return;
    buf_append_char(out, '[');
    for (size_t i = 0; i < found.count; i++)
        append_fitting(out, left_out, found.items[i], plugin, now);
    buf_append_char(out, ']');
    if (reads->is_session_missing)
        case_note_left_out(left_out, "sessions: those looked into after the first %d",
                           CASE_READ_SESSIONS);
    if (reads->object_count > CASE_READ_OBJECTS)
        case_note_left_out(left_out, "objects: those looked up before the last %d",
                           CASE_READ_OBJECTS);
}
