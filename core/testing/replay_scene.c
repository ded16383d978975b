/*
 * What is there before the plugins load: event types that others declared, sessions with their
 * objects and members (replay_session.c), what the plugin kept. So the plugin hears of none of it,
 * and its setup finds it there.
 */
#include "testing/replay_call.h"

#include "err.h"
#include "hub/kv.h"
#include "testing/stage_state.h"
#include "json/json.h"

#include <stdlib.h>

#define STORE_WAIT_MS 5000

static void
add_type(struct event_types *types, struct span entry)
{
    char owner[] = "case", lane[16];
    struct event_type type = {.is_sendable = true, .owner = owner};
    struct span schema;

    replay_text(entry, "name", type.name, sizeof(type.name));
    replay_text(entry, "lane", lane, sizeof(lane));
    type.lane = strcmp(lane, "volatile") == 0 ? LANE_VOLATILE : LANE_DURABLE;
    if (json_member(entry, "schema", &schema))
        type.schema = mem_strndup(schema.at, schema.len);
    event_types_add(types, &type);
    free(type.schema);
}

static void
add_types(struct replay *replay, struct event_types *types)
{
    struct json_iter iter;
    struct span list, entry;

    if (!json_member(replay->value, "types", &list))
        return;
    json_iter_init(&iter, list);
    while (json_next_element(&iter, &entry))
        add_type(types, entry);
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
            replay_connect(stage, client);
    } while ((json_member(call, "timer", &origin) || json_member(call, "open", &origin)) &&
             json_member(origin, "cause", &call));
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
            err = replay_make_session(replay, stage, session, why);
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
        struct stage_client *client = replay_connect(replay->stage, entry);

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
