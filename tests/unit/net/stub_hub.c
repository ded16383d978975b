#include "stub_hub.h"

#include "net/net.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void
stub_hub_init(struct hub *hub)
{
    memset(hub, 0, sizeof(*hub));
    hub->limits.queue_bytes = 1024 * 1024;
}

void
stub_hub_fini(struct hub *hub)
{
    for (int i = 0; i < hub->connected; i++)
        free(hub->clients[i]);
    buf_fini(&hub->last);
}

struct client *
stub_hub_client(struct hub *hub)
{
    return hub->clients[hub->connected - 1];
}

int
stub_hub_send(struct client *client, const char *text, size_t len)
{
    struct buf frame = BUF_INIT;
    int err;

    buf_append_char(&frame, (char)0x81);
    if (len < 126) {
        buf_append_char(&frame, (char)len);
    } else {
        assert(len < 65536);
        buf_append_char(&frame, 126);
        buf_append_char(&frame, (char)(len >> 8));
        buf_append_char(&frame, (char)(len & 0xff));
    }
    buf_append(&frame, text, len);
    err = net_port()->write(client->conn, frame.data, frame.len);
    buf_fini(&frame);
    return err;
}

struct client *
hub_connect(struct hub *hub, const struct hub_connection *connection)
{
    struct client *client = mem_zalloc(sizeof(*client));

    assert(hub->connected < STUB_CLIENTS_MAX);
    client->kind = connection->kind;
    client->conn = connection->conn;
    snprintf(client->address, sizeof(client->address), "%s", connection->address);
    snprintf(client->session, sizeof(client->session), "%.*s", (int)connection->path_session.len,
             connection->path_session.at ? connection->path_session.at : "");
    snprintf(client->identity, sizeof(client->identity), "%.*s", (int)connection->identity.len,
             connection->identity.at ? connection->identity.at : "");
    hub->clients[hub->connected++] = client;
    if (client->kind == CLIENT_WS && hub->welcome)
        stub_hub_send(client, hub->welcome, strlen(hub->welcome));
    return client;
}

void
hub_disconnect(struct hub *hub, struct client *client)
{
    assert(!client->is_gone);
    client->is_gone = true;
    hub->disconnected++;
}

const char *
client_address(const struct client *client)
{
    return client->address;
}

struct span
client_identity(const struct client *client)
{
    return client->identity[0] ? span_of(client->identity) : SPAN_NONE;
}

const struct hub_limits *
hub_limits(const struct hub *hub)
{
    return &hub->limits;
}

bool
hub_charge(struct hub *hub, struct client *client, const struct message_facts *facts,
           struct refusal *refusal)
{
    assert(!client->is_gone && facts->count == 1);
    hub->charges++;
    if (hub->is_charge_refused)
        refuse(refusal, REFUSE_RATE_LIMITED, "as the test says");
    return !hub->is_charge_refused;
}

void
hub_writable(struct hub *hub, struct client *client)
{
    (void)client;
    hub->writables++;
}

void
hub_receive(struct hub *hub, const struct message *message)
{
    assert(!message->client->is_gone);
    hub->messages++;
    buf_clear(&hub->last);
    buf_append_span(&hub->last, message->text);
    if (!hub->is_silent && message->text.len < 65536)
        stub_hub_send(message->client, message->text.at, message->text.len);
    if (hub->messages == hub->closes_at)
        net_port()->close(message->client->conn, 1000, "enough");
}

void
hub_receive_binary(struct hub *hub, struct client *client, size_t bytes)
{
    (void)client;
    (void)bytes;
    hub->binaries++;
}
