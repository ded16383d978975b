/*
 * REST, the router: which method on which path is answered by whom. A request that came through the
 * gate (http.c) enters here and becomes a call (rest_call.h).
 */
#include "net/rest/rest.h"

#include "idgen.h"
#include "net/rest/rest_call.h"
#include "net/rest/rest_routes.h"
#include "net/rest/rest_state.h"
#include "path.h"

#include <assert.h>
#include <stdlib.h>

#define LATER_MAX 1000 /* put-off calls run at one go */

struct route {
    enum method method;
    const char *pattern; /* {session} and {name} stand for one segment each */
    rest_call_fn handle;
    bool is_open; /* for whoever can connect: no plugin is asked */
};

#define SESSION "/api/sessions/{session}"

static const struct route routes[] = {
    {METHOD_GET, "/", rest_front_page, true},
    {METHOD_GET, "/healthz", rest_healthz, true},
    {METHOD_GET, "/readyz", rest_readyz, true},
    {METHOD_GET, "/metrics", rest_metrics, true},
    {METHOD_GET, "/api/event-types", rest_event_types, false},
    {METHOD_GET, "/api/scripts", rest_scripts, false},
    {METHOD_GET, "/api/plugins", rest_plugins, false},
    {METHOD_GET, "/api/sessions", rest_sessions_list, false},
    {METHOD_POST, "/api/sessions", rest_sessions_create, false},
    {METHOD_GET, SESSION, rest_session_get, false},
    {METHOD_DELETE, SESSION, rest_session_delete, false},
    {METHOD_GET, SESSION "/clients", rest_session_clients, false},
    {METHOD_POST, SESSION "/script", rest_session_script, false},
    {METHOD_GET, SESSION "/world", rest_world_get, false},
    {METHOD_PUT, SESSION "/world", rest_world_put, false},
    {METHOD_PATCH, SESSION "/world", rest_world_patch, false},
    {METHOD_GET, SESSION "/objects", rest_objects_list, false},
    {METHOD_POST, SESSION "/objects", rest_objects_create, false},
    {METHOD_GET, SESSION "/objects/{name}", rest_object_get, false},
    {METHOD_PATCH, SESSION "/objects/{name}", rest_object_patch, false},
    {METHOD_PUT, SESSION "/objects/{name}", rest_object_put, false},
    {METHOD_DELETE, SESSION "/objects/{name}", rest_object_delete, false},
    {METHOD_GET, SESSION "/camera/position", rest_camera_get, false},
    {METHOD_PUT, SESSION "/camera/position", rest_camera_position, false},
    {METHOD_POST, SESSION "/camera/orbit", rest_camera_orbit, false},
    {METHOD_GET, SESSION "/events", rest_events_list, false},
    {METHOD_POST, SESSION "/events", rest_events_post, false},
};

/* By the listener for administration. */
static const struct route admin_routes[] = {
    {METHOD_GET, "/healthz", rest_healthz, true},
    {METHOD_GET, "/readyz", rest_readyz, true},
    {METHOD_GET, "/metrics", rest_metrics, true},
    {METHOD_GET, "/api/admin", rest_admin, true},
    {METHOD_POST, "/api/admin/reload", rest_admin_reload, true},
};

#define ROUTE_COUNT (sizeof(routes) / sizeof(routes[0]))
#define ADMIN_ROUTE_COUNT (sizeof(admin_routes) / sizeof(admin_routes[0]))

/* Does the path have this pattern's shape? Fills in what its parameters stand for. */
static bool
matches(const char *text, struct span path, struct rest_call *call)
{
    struct span pattern = span_of(text), want, have;

    while (path_next_segment(&pattern, &want)) {
        if (!path_next_segment(&path, &have))
            return false;
        if (span_is(want, "{session}"))
            call->session_id = have;
        else if (span_is(want, "{name}"))
            call->name = have;
        else if (!span_eq(want, have))
            return false;
    }
    return path.len == 0;
}

/* The route of that method, or NULL; *allowed gets one bit per method the path knows. */
static const struct route *
find_route(struct rest_call *call, enum method method, unsigned *allowed)
{
    bool is_admin = request_is_admin(call->request);
    const struct route *table = is_admin ? admin_routes : routes, *found = NULL;
    size_t count = is_admin ? ADMIN_ROUTE_COUNT : ROUTE_COUNT;
    struct span path = request_path(call->request);

    *allowed = 0;
    for (size_t i = 0; i < count; i++) {
        if (!matches(table[i].pattern, path, call))
            continue;
        *allowed |= 1u << table[i].method;
        if (table[i].method == method)
            found = &table[i];
    }
    return found;
}

static void
set_allow(struct rest_call *call, unsigned allowed)
{
    struct buf text = BUF_INIT;

    if (allowed & 1u << METHOD_GET)
        allowed |= 1u << METHOD_HEAD;
    allowed |= 1u << METHOD_OPTIONS;
    for (int i = 0; i < METHOD_COUNT; i++)
        if (allowed & 1u << i)
            buf_appendf(&text, "%s%s", text.len ? ", " : "", method_text((enum method)i));
    request_set_header(call->request, "allow", buf_cstr(&text));
    buf_fini(&text);
}

void
rest_no_route(struct rest_call *call, unsigned allowed)
{
    enum method method = request_method(call->request);

    if (!allowed) {
        rest_refuse(call, REFUSE_NOT_FOUND, "there is nothing here; GET %s says what there is",
                    request_is_admin(call->request) ? "/api/admin" : "/");
        return;
    }
    set_allow(call, allowed);
    if (method == METHOD_OPTIONS)
        rest_answer(call, 204);
    else
        rest_refuse(call, REFUSE_METHOD_NOT_ALLOWED, "this path does not know %s",
                    method_text(method));
}

/* Below it are the routes of plugins. */
static bool
is_of_plugin(struct span path)
{
    static const char prefix[] = "/api/x/";

    return path.len >= sizeof(prefix) - 1 && memcmp(path.at, prefix, sizeof(prefix) - 1) == 0;
}

/* Runs it, counted for the watchdog; the call may be gone afterwards. */
static void
run(struct rest_call *call, rest_call_fn fn)
{
    struct watch *watch = hub_watch(call->rest->hub);
    struct watch_step step = watch_begin(watch);
    const char *pattern = call->pattern;
    char session_id[ID_SIZE] = "";

    if (call->session_id.at && call->session_id.len <= ID_MAX)
        memcpy(session_id, call->session_id.at, call->session_id.len);
    fn(call);
    if (watch_end(watch, &step, WATCH_REQUEST))
        watch_name(watch, WATCH_REQUEST,
                   &(struct watch_who){{[WATCH_ROUTE] = pattern, [WATCH_SESSION] = session_id}});
}

static void
route(struct rest_call *call)
{
    enum method method = request_method(call->request);
    unsigned allowed;
    const struct route *found =
        find_route(call, method == METHOD_HEAD ? METHOD_GET : method, &allowed);

    call->pattern = found ? found->pattern : NULL;
    if (!(found && found->is_open) && request_admit(call->request, &call->refusal) != 0)
        rest_refuse_as(call, &call->refusal);
    else if (!request_is_admin(call->request) && is_of_plugin(request_path(call->request)))
        rest_plugin(call);
    else if (!found)
        rest_no_route(call, allowed);
    else if (call->session_id.at && !id_is_valid(call->session_id))
        rest_refuse(call, REFUSE_INVALID_REQUEST,
                    "a session id is 1 to 64 letters, digits, _ and -");
    else if (call->name.at && !id_is_valid(call->name))
        rest_refuse(call, REFUSE_INVALID_REQUEST,
                    "an object's name is 1 to 64 letters, digits, _ and -");
    else
        run(call, found->handle);
}

struct rest *
rest_new(struct hub *hub, struct store *store, const struct rest_registry *registry)
{
    struct rest *rest = mem_zalloc(sizeof(*rest));

    rest->hub = hub;
    rest->store = store;
    rest->registry = *registry;
    rest->later_end = &rest->later;
    return rest;
}

void
rest_free(struct rest *rest)
{
    if (!rest)
        return;
    while (rest->calls) {
        rest->calls->later = NULL;
        if (rest->calls->is_change)
            rest_refuse(rest->calls, REFUSE_OUTCOME_UNKNOWN,
                        "the server stopped before it knew whether this was stored");
        else
            rest_refuse(rest->calls, REFUSE_STOPPING, "the server is stopping");
    }
    free(rest);
}

bool
rest_run_later(struct rest *rest)
{
    int i;

    for (i = 0; i < LATER_MAX && rest->later; i++) {
        struct rest_call *call = rest->later;
        rest_call_fn fn = call->later;

        rest->later = call->next_later;
        if (!rest->later)
            rest->later_end = &rest->later;
        call->later = NULL;
        run(call, fn);
    }
    return i > 0;
}

void
rest_handle(struct rest *rest, struct request *request)
{
    route(rest_call_new(rest, request));
    rest_run_later(rest);
}
