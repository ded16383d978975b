/* Who is at the other end: made by hub_connect(), gone with hub_disconnect(), freed when
 * unreferenced. */
#include "hub/hub_state.h"

#include "hub/frame.h"
#include "log.h"
#include "json/json.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* --- what others may read --- */

const char *
client_id(const struct client *client)
{
    return client->more && client->more->long_id ? client->more->long_id : client->id;
}

struct span
client_id_span(const struct client *client)
{
    return span_of(client_id(client));
}

const char *
client_address(const struct client *client)
{
    return client->address ? client->address : "local";
}

enum client_kind
client_kind(const struct client *client)
{
    return client->kind;
}

bool
client_is_gone(const struct client *client)
{
    return client->is_gone;
}

struct span
client_info(const struct client *client)
{
    return client->more ? span_of(client->more->info) : SPAN_NONE;
}

struct span
client_identity(const struct client *client)
{
    return client->more ? span_of(client->more->identity) : SPAN_NONE;
}

struct client *
client_ref(struct client *client)
{
    client->refs++;
    return client;
}

/* Freed at the end of the round: a callback of its may still be running. */
void
client_unref(struct client *client)
{
    struct hub *hub = client->hub;

    assert(client->refs > 0);
    if (--client->refs == 0) {
        hub->dead = mem_grow(hub->dead, hub->dead_count, &hub->dead_cap, sizeof(*hub->dead));
        hub->dead[hub->dead_count++] = client;
    }
}

static void
more_free(struct client_more *more)
{
    if (more) {
        free(more->info);
        free(more->identity);
        free(more->long_id);
        free(more);
    }
}

void
client_sweep(struct hub *hub)
{
    while (hub->dead_count > 0) {
        struct client *client = hub->dead[--hub->dead_count];

        client_out_free(client);
        more_free(client->more);
        intern_drop(&hub->addresses, client->address);
        free(client);
    }
}

/* What only few have: made now if it was not there. */
struct client_more *
client_more(struct client *client)
{
    if (!client->more)
        client->more = mem_zalloc(sizeof(*client->more));
    return client->more;
}

/* --- coming and going --- */

static void
enter_lobby(struct hub *hub, struct client *client)
{
    hub->lobby = mem_grow(hub->lobby, hub->lobby_count, &hub->lobby_cap, sizeof(*hub->lobby));
    client->lobby_place = (uint32_t)hub->lobby_count;
    hub->lobby[hub->lobby_count++] = client;
}

static void
leave_lobby(struct hub *hub, const struct client *client)
{
    struct client *last = hub->lobby[--hub->lobby_count];

    hub->lobby[client->lobby_place] = last;
    last->lobby_place = client->lobby_place;
}

/* In the lobby are WebSocket clients that joined nothing: they hear of sessions that begin and end.
 */
void
client_lobby(struct client *client)
{
    struct hub *hub = client->hub;
    bool belongs = client->kind == CLIENT_WS && client->member_count == 0 && !client->is_gone;

    if (belongs == client->is_in_lobby)
        return;
    client->is_in_lobby = belongs;
    if (belongs)
        enter_lobby(hub, client);
    else
        leave_lobby(hub, client);
}

void
client_each(struct hub *hub, void (*fn)(struct client *client))
{
    size_t pos = 0;
    void *value;

    for (size_t i = 0; i < hub->lobby_count; i++)
        fn(hub->lobby[i]);
    while (table_next(&hub->sessions, &pos, NULL, &value)) {
        const struct session *session = value;

        for (size_t i = 0; i < session->member_count; i++)
            fn(session->members[i]->client);
    }
}

static void
welcome(struct client *client)
{
    const struct hub_options *options = &client->hub->options;
    struct buf *data = &client->hub->scratch;

    buf_clear(data);
    buf_appendf(data,
                "{\"protocol\":\"hd1.v1\",\"client_id\":\"%s\",\"heartbeat_s\":%d,\"limits\":{"
                "\"message_bytes\":%zu,\"queue_messages\":%zu,\"queue_bytes\":%zu,"
                "\"sessions\":%d},\"features\":[\"resume\",\"snapshot_pages\",\"presence\"]}",
                client_id(client), options->heartbeat_s, options->limits.message_bytes,
                options->limits.queue_messages, options->limits.queue_bytes, CLIENT_SESSIONS_MAX);
    client_send(client, "welcome", buf_span(data));
}

static void
set_id(struct client *client, const char *id)
{
    client_more(client)->long_id = mem_strndup(id, strlen(id));
}

struct client *
hub_connect(struct hub *hub, const struct hub_connection *connection)
{
    struct client *client = mem_zalloc(sizeof(*client));

    client->hub = hub;
    client->kind = (uint8_t)connection->kind;
    client->conn = connection->conn;
    client->refs = 1;
    if (connection->kind == CLIENT_LOCAL) {
        set_id(client, connection->address);
        return client;
    }
    if (connection->id)
        set_id(client, connection->id);
    else
        idgen(client->id, sizeof(client->id), "client-");
    client->address = intern_take(&hub->addresses, connection->address);
    if (connection->identity.at) {
        client_more(client)->identity =
            mem_strndup(connection->identity.at, connection->identity.len);
    }
    if (client->kind == CLIENT_WS) {
        client_lobby(client);
        hub->stats.clients++;
        welcome(client);
        if (hub->hooks && hub->hooks->after_connect)
            hub->hooks->after_connect(hub->hooks->ctx, client);
        if (connection->path_session.at)
            control_join_path(hub, client, connection->path_session);
    }
    return client;
}

void
hub_disconnect(struct hub *hub, struct client *client)
{
    assert(!client->is_gone);
    client->is_gone = true;
    client->is_closing = true;
    client->conn = NULL;
    while (client->members)
        member_leave(client->members);
    client_lobby(client);
    flush_unlist(client);
    if (client->kind == CLIENT_WS) {
        hub->stats.clients--;
        if (hub->hooks && hub->hooks->after_disconnect)
            hub->hooks->after_disconnect(hub->hooks->ctx, client);
    }
    client_unref(client);
}

/* Queues a close frame; hub_disconnect() follows from the port. */
void
client_close(struct client *client, int code, const char *reason)
{
    if (client->conn && !client->is_closing) {
        client->is_closing = true;
        flush_unlist(client);
        client->hub->options.port->close(client->conn, code, reason);
    }
}

struct member *
client_member(const struct client *client, const struct session *session)
{
    struct member *member = client->members;

    while (member && member->session != session)
        member = member->next_of_client;
    return member;
}

/* --- messages for this client alone --- */

/* Room for more in the private buffer: much may be said in one round, and only a client whose
 * socket does not take it is slow. False if it is closing. */
static bool
make_room(struct client *client)
{
    if (client_has_frames(client) && client->out->frames.len > CLIENT_OUT_MAX) {
        client_flush(client);
        if (client_has_frames(client))
            client_cut(client, "takes nothing of what it is told");
    }
    return !client->is_closing;
}

/* Into the private buffer; a client that does not drain it is slow. */
void
client_send_frame(struct client *client, struct span frame)
{
    if (client->kind != CLIENT_WS || client->is_closing || !make_room(client))
        return;
    client_ready(client);
    buf_append_span(&client->out->frames, frame);
}

void
client_send(struct client *client, const char *type, struct span data)
{
    struct buf json = BUF_INIT, frame = BUF_INIT;
    int64_t now = hub_unix_ms(client->hub);
    struct event_facts facts = {.type = span_of(type), .data = data, .time_ms = now};

    event_encode(&json, &facts);
    frame_append(&frame, buf_span(&json));
    client_send_frame(client, buf_span(&frame));
    buf_fini(&json);
    buf_fini(&frame);
}

/* An `error` message. */
void
client_refuse(struct client *client, const struct refusal *refusal, int64_t id)
{
    struct buf data = BUF_INIT;

    if (client->kind != CLIENT_WS || client->is_closing)
        return;
    refusal_append_error(&data, refusal, id);
    client_send(client, "error", buf_span(&data));
    buf_fini(&data);
}
