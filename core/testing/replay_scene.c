/*
 * What is there before the plugins load: event types that others declared, sessions with their
 * objects and members, what the plugin kept. So the plugin hears of none of it, and its setup finds
 * it there.
 */
#include "testing/replay_call.h"

#include "err.h"
#include "hub/kv.h"
#include "testing/stage_state.h"
#include "json/json.h"

#include <stdio.h>

#define STORE_WAIT_MS 5000

static void
add_types(struct replay *replay, struct event_types *types)
{
    char owner[] = "case";
    struct json_iter iter;
    struct span list, entry;

    if (!json_member(replay->value, "types", &list))
        return;
    json_iter_init(&iter, list);
    while (json_next_element(&iter, &entry)) {
        struct event_type type = {.is_sendable = true, .owner = owner};
        char lane[16];

        replay_text(entry, "name", type.name, sizeof(type.name));
        replay_text(entry, "lane", lane, sizeof(lane));
        type.lane = strcmp(lane, "volatile") == 0 ? LANE_VOLATILE : LANE_DURABLE;
        event_types_add(types, &type);
    }
}

/* --- sessions --- */

/* METHOD /api/sessions/ID/PATH with that body; true if it was done. */
static bool
ask(struct stage *stage, const char *method, const char *id, const char *path, struct span body)
{
    struct stage_visit visit = {.address = "127.0.0.1", .identity = SPAN_NONE};
    struct buf head = BUF_INIT;
    struct stage_answer answer;
    bool is_done;

    buf_appendf(&head, "%s /api/sessions/%s/%s HTTP/1.1\r\n\r\n", method, id, path);
    is_done = stage_request(stage, &visit, buf_span(&head), body, &answer) == 0 &&
              answer.status / 100 == 2;
    stage_answer_fini(&answer);
    buf_fini(&head);
    return is_done;
}

static void
send_to(struct stage *stage, struct stage_client *client, const char *type, struct span data)
{
    struct buf text = BUF_INIT;

    buf_appendf(&text, "{\"type\":\"%s\",\"data\":", type);
    buf_append_span(&text, data);
    buf_append_char(&text, '}');
    stage_send(stage, client, buf_span(&text));
    buf_fini(&text);
}

static struct stage_client *
find_client(const struct stage *stage, const char *id)
{
    struct stage_client *client = stage->clients;

    while (client && strcmp(client_id(client->client), id) != 0)
        client = client->next;
    return client;
}

/* A WebSocket client as the file has it, connected if it is not yet. NULL: it is none. */
static struct stage_client *
connect(struct stage *stage, struct span entry)
{
    char id[128], address[64];
    struct stage_visit visit = {
        .path = SPAN("/ws"), .headers = SPAN(""), .address = address, .identity = SPAN_NONE};
    struct stage_client *client;
    struct stage_answer refused;
    struct span info;

    if (replay_text(entry, "id", id, sizeof(id)) < 0)
        return NULL;
    client = find_client(stage, id);
    if (client)
        return client;
    replay_text(entry, "address", address, sizeof(address));
    json_member(entry, "identity", &visit.identity);
    client = stage_connect(stage, id, &visit, &refused);
    stage_answer_fini(&refused);
    if (client && json_member(entry, "info", &info))
        send_to(stage, client, "client_info", info);
    return client;
}

static void
make_members(struct stage *stage, const char *session, struct span list)
{
    struct json_iter iter;
    struct span entry;
    char data[ID_SIZE + 32];

    snprintf(data, sizeof(data), "{\"session_id\":\"%s\"}", session);
    json_iter_init(&iter, list);
    while (json_next_element(&iter, &entry)) {
        struct stage_client *client = connect(stage, entry);

        if (client)
            send_to(stage, client, "join", span_of(data));
    }
}

/* The clients of the call and of those that led to it. */
static void
connect_callers(struct stage *stage, struct span call)
{
    struct span client, origin;
    char kind[8];

    do {
        if (json_member(call, "client", &client) &&
            replay_text(client, "kind", kind, sizeof(kind)) >= 0 && strcmp(kind, "ws") == 0)
            connect(stage, client);
    } while ((json_member(call, "timer", &origin) || json_member(call, "open", &origin)) &&
             json_member(origin, "cause", &call));
}

static int
make_session(struct stage *stage, struct span session, struct buf *why)
{
    struct span world = SPAN("{}"), list, value;
    struct buf data = BUF_INIT;
    struct json_iter iter;
    struct refusal refusal;
    char id[ID_SIZE];
    int err;

    if (replay_text(session, "id", id, sizeof(id)) < 0)
        return 0;
    refusal_init(&refusal);
    json_member(session, "world", &world);
    buf_appendf(&data, "{\"session_id\":\"%s\",\"world\":", id);
    buf_append_span(&data, world);
    buf_append_char(&data, '}');
    err = stage_make_session(stage, buf_span(&data), &refusal);
    if (err)
        buf_appendf(why, "session %s cannot be made: %s\n", id, refusal.message);
    refusal_fini(&refusal);
    buf_fini(&data);
    if (!err && json_member(session, "objects", &list)) {
        json_iter_init(&iter, list);
        while (json_next_element(&iter, &value))
            ask(stage, "POST", id, "objects", value);
    }
    if (!err && json_member(session, "camera", &value))
        ask(stage, "PUT", id, "camera/position", value);
    if (!err && json_member(session, "clients", &list))
        make_members(stage, id, list);
    return err;
}

/* --- the store --- */

static void
fill_store(struct replay *replay, struct stage *stage)
{
    struct kv_space *space = hub_kv_open(stage->hub, span_of(replay->plugin));
    struct json_iter iter;
    struct span list, entry, value;

    if (!json_member(replay->value, "store", &list) || hub_kv_await(space, STORE_WAIT_MS) != 0)
        return;
    json_iter_init(&iter, list);
    while (json_next_element(&iter, &entry)) {
        struct span key = replay_bytes(replay, entry, "key");

        if (key.at && key.len <= KV_KEY_BYTES_MAX && json_member(entry, "value", &value))
            kv_put(space, key, value, KV_SPACE_BYTES_DEFAULT);
    }
    hub_kv_settle(stage->hub);
    stage_settle(stage);
}

int
replay_prepare(void *ctx, struct stage *stage, struct buf *why)
{
    struct replay *replay = ctx;
    struct json_iter iter;
    struct span list, session;
    int err = 0;

    add_types(replay, hub_types(stage->hub));
    if (json_member(replay->value, "sessions", &list)) {
        json_iter_init(&iter, list);
        while (!err && json_next_element(&iter, &session))
            err = make_session(stage, session, why);
    }
    connect_callers(stage, replay->value);
    fill_store(replay, stage);
    return err;
}

/* --- the call's client --- */

static enum client_kind
kind_of(const char *text)
{
    if (strcmp(text, "local") == 0)
        return CLIENT_LOCAL;
    return strcmp(text, "socket") == 0 ? CLIENT_SOCKET : CLIENT_REST;
}

struct client *
replay_client(struct replay *replay, struct span call)
{
    char id[128], address[64], kind[8];
    struct hub_connection connection = {
        .id = id, .address = address, .path_session = SPAN_NONE, .identity = SPAN_NONE};
    struct span entry;

    if (!json_member(call, "client", &entry) || replay_text(entry, "id", id, sizeof(id)) < 0)
        return NULL;
    replay_text(entry, "address", address, sizeof(address));
    replay_text(entry, "kind", kind, sizeof(kind));
    json_member(entry, "identity", &connection.identity);
    if (strcmp(kind, "ws") == 0) {
        struct stage_client *client = connect(replay->stage, entry);

        return client ? client->client : NULL;
    }
    connection.kind = kind_of(kind);
    if (connection.kind == CLIENT_LOCAL)
        connection.address = id;
    if (replay->other_count == sizeof(replay->others) / sizeof(replay->others[0]))
        return NULL;
    return replay->others[replay->other_count++] = hub_connect(replay->stage->hub, &connection);
}

void
replay_disconnect(struct replay *replay)
{
    while (replay->other_count > 0)
        hub_disconnect(replay->stage->hub, replay->others[--replay->other_count]);
}
