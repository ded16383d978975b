/* The fakes on both sides of rest*.c. */
#include "rest_scene.h"

#include "hub/kv.h"

#include "err.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct client {
    int unused;
};

struct request {
    enum method method;
    char path[512];
    const char *query;
    const char *header, *value;
    const char *body;
    bool is_admin;
};

struct scene *scene;
static struct client caller;

/* --- the request layer --- */

enum method
request_method(const struct request *request)
{
    return request->method;
}

bool
request_is_admin(const struct request *request)
{
    return request->is_admin;
}

struct span
request_path(const struct request *request)
{
    return span_of(request->path);
}

bool
request_query(const struct request *request, const char *name, struct span *value)
{
    const char *at = request->query;
    size_t len = strlen(name);

    while (at) {
        if (strncmp(at, name, len) == 0 && at[len] == '=') {
            *value = (struct span){at + len + 1, strcspn(at + len + 1, "&")};
            return true;
        }
        at = strchr(at, '&');
        at = at ? at + 1 : NULL;
    }
    return false;
}

struct span
request_header(const struct request *request, const char *name)
{
    return request->header && strcmp(request->header, name) == 0 ? span_of(request->value)
                                                                 : SPAN_NONE;
}

struct span
request_body(const struct request *request)
{
    return span_of(request->body ? request->body : "");
}

struct client *
request_client(struct request *request)
{
    (void)request;
    return &caller;
}

int
request_admit(struct request *request, struct refusal *refusal)
{
    (void)request;
    if (!scene->is_shut)
        return 0;
    refuse(refusal, REFUSE_UNAUTHENTICATED, "as the test says");
    return HD1_EINVAL;
}

void
request_web(struct request *request, struct web_request *web)
{
    *web = (struct web_request){.method = request->method,
                                .path = request_path(request),
                                .body = request_body(request),
                                .client = &caller};
}

void
request_set_headers(struct request *request, struct span lines)
{
    size_t len = strlen(scene->headers);

    (void)request;
    snprintf(scene->headers + len, sizeof(scene->headers) - len, "%.*s", (int)lines.len,
             lines.len ? lines.at : "");
}

void
request_set_header(struct request *request, const char *name, const char *value)
{
    size_t len = strlen(scene->headers);

    (void)request;
    snprintf(scene->headers + len, sizeof(scene->headers) - len, "%s: %s\n", name, value);
}

void
request_reply(struct request *request, int status, struct span body)
{
    if (body.len > 0 && body.at[body.len - 1] == '\n') /* for people; not compared */
        body.len--;
    scene->status = status;
    scene->answers++;
    assert_true(body.len < sizeof(scene->body));
    memcpy(scene->body, body.at ? body.at : "", body.len);
    scene->body[body.len] = '\0';
    free(request);
}

void
request_refuse(struct request *request, const struct refusal *refusal)
{
    struct buf body = BUF_INIT;

    buf_appendf(&body, "%s %s ", refusal->code, refusal->message);
    buf_append_span(&body, buf_span(&refusal->details));
    request_reply(request, refusal->status, buf_span(&body));
    buf_fini(&body);
}

/* --- the hub --- */

static char *
note(void)
{
    assert_true(scene->said_count < SCENE_MAX);
    return scene->said[scene->said_count++];
}

/* What the next message meets. */
static void
reply_with(hub_reply_fn reply, void *ctx)
{
    struct outcome outcome = {0};
    struct refusal refusal;
    size_t i = scene->said_count - 1;

    refusal_init(&refusal);
    if (i < scene->refusal_count && scene->refusals[i] != REFUSE_COUNT) {
        refuse(&refusal, scene->refusals[i], "as the test says");
        outcome.refusal = &refusal;
        outcome.refused_index = 2;
    } else {
        outcome.session_id = SPAN("demo");
        outcome.epoch = SPAN("abc");
        outcome.version = scene->version;
        outcome.first_seq = outcome.last_seq = scene->version;
        outcome.result = span_of(scene->result);
    }
    reply(ctx, &outcome);
    refusal_fini(&refusal);
}

void
hub_receive(struct hub *hub, const struct message *message)
{
    struct span value;

    (void)hub;
    assert_ptr_equal(message->client, &caller);
    assert_int_equal(message->source, SOURCE_REST);
    if (json_check(message->text, &value, NULL) != 0 || value.at[0] == '5' ||
        (value.at[0] == '[' && !message->is_array_allowed)) {
        snprintf(note(), 1024, "nonsense");
        if (scene->refusal_count == 0)
            scene->refusals[scene->refusal_count++] = REFUSE_MALFORMED;
        reply_with(message->reply, message->reply_ctx);
        return;
    }
    snprintf(note(), 1024, "%.*s in=%.*s if=%.*s-%lld", (int)message->text.len, message->text.at,
             (int)message->session_id.len, message->session_id.at ? message->session_id.at : "",
             (int)message->if_epoch.len, message->if_epoch.at ? message->if_epoch.at : "",
             (long long)message->if_version);
    scene->was_array = message->is_array_allowed;
    reply_with(message->reply, message->reply_ctx);
}

bool
hub_charge(struct hub *hub, struct client *client, const struct message_facts *facts,
           struct refusal *refusal)
{
    (void)hub;
    assert_ptr_equal(client, &caller);
    snprintf(note(), 1024, "charge %.*s %zu", (int)facts->type.len, facts->type.at, facts->bytes);
    if (scene->refusal_count > 0)
        refuse(refusal, scene->refusals[0], "as the test says");
    return scene->refusal_count == 0;
}

void
hub_run_script(struct hub *hub, struct client *client, struct span session_id, struct span script,
               hub_reply_fn reply, void *ctx)
{
    (void)client;
    (void)hub;
    snprintf(note(), 1024, "run %.*s in=%.*s", (int)script.len, script.at, (int)session_id.len,
             session_id.at);
    reply_with(reply, ctx);
}

void
hub_open(struct hub *hub, struct span session_id, hub_open_fn fn, void *ctx)
{
    struct refusal refusal;

    (void)hub;
    if (span_is(session_id, "demo")) {
        fn(ctx, &scene->session, NULL);
        return;
    }
    refusal_init(&refusal);
    refuse(&refusal, REFUSE_UNKNOWN_SESSION, "no such session");
    fn(ctx, NULL, &refusal);
    refusal_fini(&refusal);
}

void
hub_hold_emitted(struct hub *hub, const struct hub_emit_mark *mark, hub_hold_fn fn, void *ctx)
{
    (void)hub;
    (void)mark;
    fn(ctx, true);
}

void
hub_hold_kv(struct kv_space *space, hub_hold_fn fn, void *ctx)
{
    (void)space;
    fn(ctx, true);
}

void
hub_hold(struct session *session, hub_hold_fn fn, void *ctx)
{
    (void)session;
    fn(ctx, scene->lost_holds-- <= 0);
}

void
hub_history(struct session *session, int64_t since, size_t limit, hub_history_fn fn, void *ctx)
{
    (void)session;
    snprintf(note(), 1024, "history %lld %zu", (long long)since, limit);
    fn(ctx, NULL, SPAN("{\"seq\":6},{\"seq\":7}"), 2, 7, limit == 2);
}

struct event_types *
hub_types(struct hub *hub)
{
    (void)hub;
    return &scene->types;
}

void
store_list(struct store *store, struct span after, size_t limit, store_list_fn fn, void *ctx)
{
    struct store_listing items[] = {{SPAN("a"), SPAN("gallery"), 5, 3}, {SPAN("b"), {0}, 6, 1}};

    (void)store;
    snprintf(note(), 1024, "list after=%.*s %zu", (int)after.len, after.at ? after.at : "", limit);
    fn(ctx, 0, items, limit < 2 ? limit : 2);
}

/* --- the session --- */

const char *
session_epoch_of(const struct session *session, int64_t version)
{
    (void)session;
    (void)version;
    return "abc";
}

struct span
session_world(const struct session *session)
{
    return span_of(session->world);
}

int64_t
session_world_version(const struct session *session)
{
    (void)session;
    return 3;
}

struct span
session_camera(const struct session *session)
{
    return span_of(session->camera);
}

size_t
session_client_count(const struct session *session)
{
    (void)session;
    return 1;
}

struct client *
session_next_client(const struct session *session, size_t *pos)
{
    (void)session;
    return (*pos)++ == 0 ? &caller : NULL;
}

const char *
client_id(const struct client *client)
{
    (void)client;
    return "client-1";
}

void
session_append_client(struct buf *out, const struct session *session, const struct client *client)
{
    (void)session;
    buf_appendf(out, "{\"client_id\":\"%s\"}", client_id(client));
}

void
session_append_detail(struct buf *out, const struct session *session)
{
    (void)session;
    buf_append_str(out, "{\"id\":\"demo\"}");
}

const struct object *
session_object(const struct session *session, struct span name)
{
    for (size_t i = 0; i < session->object_count; i++)
        if (span_is(name, session->objects[i].name))
            return &session->objects[i];
    return NULL;
}

size_t
session_objects_after(const struct session *session, struct span after, size_t limit,
                      const struct object **objects)
{
    size_t count = 0;

    for (size_t i = 0; i < session->object_count && count < limit; i++)
        if (span_cmp(span_of(session->objects[i].name), after) > 0)
            objects[count++] = &session->objects[i];
    return count;
}

const char *
object_name(const struct object *object)
{
    return object->name;
}

int64_t
object_version(const struct object *object)
{
    return object->version;
}

struct span
object_body(const struct object *object)
{
    return span_of(object->body);
}

void
object_append(struct buf *out, const struct object *object)
{
    buf_appendf(out, "%.*s,\"version\":%lld}", (int)strlen(object->body) - 1, object->body,
                (long long)object->version);
}

/* --- the scene --- */

static void
append_words(void *ctx, struct buf *out)
{
    (void)ctx;
    buf_append_str(out, "[{\"name\":\"word\"}]");
}

static bool
is_ready(void *ctx, struct buf *detail)
{
    buf_append_str(detail, "{\"storage\":\"?\"}");
    return ((struct scene *)ctx)->lost_holds == 0;
}

int
scene_setup(void **state)
{
    struct rest_registry registry = {
        .append_plugins = append_words, .append_scripts = append_words, .is_ready = is_ready};

    scene = mem_zalloc(sizeof(*scene));
    registry.ctx = scene;
    registry.web = &scene->web;
    scene->rest = rest_new(NULL, NULL, &registry);
    scene->session.world = "{\"size\":25}";
    scene->version = 9;
    *state = scene;
    return 0;
}

int
scene_teardown(void **state)
{
    (void)state;
    rest_free(scene->rest);
    table_fini(&scene->types.by_name);
    free(scene);
    return 0;
}

void
ask_with(const char *header, const char *value, enum method method, const char *target,
         const char *body)
{
    struct request *request = mem_zalloc(sizeof(*request));
    const char *query = strchr(target, '?');
    int answers = scene->answers;

    request->method = method;
    request->query = query ? query + 1 : NULL;
    snprintf(request->path, sizeof(request->path), "%.*s",
             query ? (int)(query - target) : (int)strlen(target), target);
    request->header = header;
    request->value = value;
    request->body = body;
    scene->headers[0] = '\0';
    scene->said_count = 0;
    rest_handle(scene->rest, request);
    assert_int_equal(scene->answers, answers + 1); /* exactly once */
}

void
ask(enum method method, const char *target, const char *body)
{
    ask_with(NULL, NULL, method, target, body);
}

void
assert_answer(int status, const char *body_part)
{
    if (scene->status != status || (body_part && !strstr(scene->body, body_part)))
        fail_msg("%d %s wanted; got %d %s", status, body_part ? body_part : "", scene->status,
                 scene->body);
}

void
assert_header(const char *line)
{
    if (!strstr(scene->headers, line))
        fail_msg("\"%s\" is not in: %s", line, scene->headers);
}

void
assert_said(size_t index, const char *text)
{
    assert_true(index < scene->said_count);
    assert_string_equal(scene->said[index], text);
}

void
add_object(const char *name, const char *body, int64_t version)
{
    struct object *object = &scene->session.objects[scene->session.object_count++];

    snprintf(object->name, sizeof(object->name), "%s", name);
    snprintf(object->body, sizeof(object->body), "%s", body);
    object->version = version;
}
