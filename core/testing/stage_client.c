/* Fake clients: what the hub writes to a connection is kept until the test reads it. */
#include "testing/stage_state.h"

#include <assert.h>
#include <stdlib.h>

static int
port_write(void *conn, const char *bytes, size_t len)
{
    buf_append(&((struct stage_client *)conn)->in, bytes, len);
    return 0;
}

static bool
port_is_blocked(void *conn)
{
    (void)conn;
    return false;
}

static void
port_want_writable(void *conn)
{
    (void)conn;
}

static void
port_close(void *conn, int code, const char *reason)
{
    (void)reason;
    ((struct stage_client *)conn)->close_code = code;
}

static void
port_pause_reading(void *conn, bool is_paused)
{
    (void)conn;
    (void)is_paused;
}

const struct hub_port stage_port = {.write = port_write,
                                    .is_blocked = port_is_blocked,
                                    .want_writable = port_want_writable,
                                    .close = port_close,
                                    .pause_reading = port_pause_reading};

struct stage_client *
stage_connect(struct stage *stage, const char *id, const struct stage_visit *visit,
              struct stage_answer *refused)
{
    struct hub_connection connection = {
        .kind = CLIENT_WS, .address = visit->address, .id = id, .path_session = SPAN_NONE};
    struct request_handshake handshake;
    struct stage_client *client;

    if (stage_visit(stage, visit, refused, &handshake) != 0)
        return NULL;
    client = mem_zalloc(sizeof(*client));
    connection.identity = handshake.identity;
    connection.conn = client;
    client->next = stage->clients;
    stage->clients = client;
    client->client = hub_connect(stage->hub, &connection);
    request_local_free(handshake.request);
    stage_settle(stage);
    return client;
}

void
stage_disconnect(struct stage *stage, struct stage_client *client)
{
    struct stage_client **at = &stage->clients;

    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    hub_disconnect(stage->hub, client->client);
    stage_settle(stage);
    buf_fini(&client->in);
    buf_fini(&client->last);
    free(client);
}

struct client *
stage_client_of(struct stage_client *client)
{
    return client->client;
}

void
stage_send(struct stage *stage, struct stage_client *client, struct span text)
{
    struct message message = {
        .client = client->client, .source = SOURCE_WS, .text = text, .if_version = -1};

    if (text.len > hub_limits(stage->hub)->message_bytes)
        client->close_code = 1009;
    if (client->close_code)
        return;
    hub_receive(stage->hub, &message);
    stage_settle(stage);
}

/* The frames are the hub's own: whole, unmasked, unfragmented text. */
bool
stage_next_message(struct stage_client *client, struct span *text)
{
    const unsigned char *at = (const unsigned char *)client->in.data;
    size_t header = 2, len;

    if (client->in.len < 2)
        return false;
    len = at[1];
    if (len >= 126) {
        header = len == 126 ? 4 : 10;
        len = 0;
        for (size_t i = 2; i < header; i++)
            len = len << 8 | at[i];
    }
    assert(client->in.len >= header + len);
    buf_clear(&client->last);
    buf_append(&client->last, at + header, len);
    buf_consume(&client->in, header + len);
    *text = buf_span(&client->last);
    return true;
}

int
stage_close_code(const struct stage_client *client)
{
    return client->close_code;
}
