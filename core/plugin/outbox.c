/* What plugins send to their sockets: kept, settled with its call, waiting for the disk, sent. */
#include "plugin/outbox.h"

#include "err.h"
#include "hub/event.h"
#include "hub/kv.h"
#include "plugin/plugin_state.h"

#include <stdlib.h>

/* The bytes of a message; those who get the same one share it. */
struct payload {
    size_t refs;
    struct hub *hub; /* that counts them; NULL: nobody does */
    size_t len;
    char bytes[]; /* and a NUL */
};

enum fate { FATE_OPEN, FATE_GOES, FATE_DROPPED };

/* Owned by its call while its fate is open, then by its socket's outbox. */
struct outgoing {
    struct outgoing *next;         /* in the outbox */
    struct outgoing *next_of_call; /* to all sockets */
    struct plugin_socket *socket;  /* NULL: it is gone */
    struct payload *payload;       /* a message, or the reason */
    enum fate fate;
    bool is_binary;
    int close_code; /* 0: a message */
};

/* --- making and freeing --- */

static struct payload *
payload_new(struct hub *hub, struct span bytes)
{
    struct payload *payload = mem_alloc(sizeof(*payload) + bytes.len + 1);

    *payload = (struct payload){.refs = 1, .hub = hub, .len = bytes.len};
    if (bytes.len)
        memcpy(payload->bytes, bytes.at, bytes.len);
    payload->bytes[bytes.len] = '\0';
    return payload;
}

static void
payload_unref(struct payload *payload)
{
    if (--payload->refs > 0)
        return;
    if (payload->hub)
        hub_give_back(payload->hub, sizeof(*payload) + payload->len);
    free(payload);
}

/* Takes the payload; counted as that is. */
static struct outgoing *
outgoing_new(struct plugin_socket *socket, struct payload *payload)
{
    struct outgoing *out = mem_alloc(sizeof(*out));

    *out = (struct outgoing){.socket = socket, .payload = payload};
    return out;
}

static void
outgoing_free(struct outgoing *out)
{
    if (out->payload->hub)
        hub_give_back(out->payload->hub, sizeof(*out));
    payload_unref(out->payload);
    free(out);
}

static size_t
size_of(const struct outgoing *out)
{
    return sizeof(*out) + out->payload->len;
}

/* --- a socket's outbox --- */

static void
append(struct plugin_socket *socket, struct outgoing *out)
{
    struct outbox *box = &socket->outbox;

    *(box->first ? &box->last->next : &box->first) = out;
    box->last = out;
    box->bytes += size_of(out);
    box->closes += out->close_code != 0;
}

static struct outgoing *
take_first(struct plugin_socket *socket)
{
    struct outbox *box = &socket->outbox;
    struct outgoing *out = box->first;

    box->first = out->next;
    box->bytes -= size_of(out);
    box->closes -= out->close_code != 0;
    return out;
}

/* Sends what is to go, up to the first whose fate is open. */
static void
pump(struct plugin_socket *socket)
{
    const struct web_port *port = socket->port;

    while (socket->outbox.first && socket->outbox.first->fate != FATE_OPEN) {
        struct outgoing *out = take_first(socket);
        struct span bytes = {out->payload->bytes, out->payload->len};

        if (out->fate == FATE_GOES && out->close_code)
            port->close(socket->conn, out->close_code, bytes.at);
        else if (out->fate == FATE_GOES)
            port->send(socket->conn, bytes, out->is_binary);
        outgoing_free(out);
    }
}

void
outbox_end(struct plugin_socket *socket, int code, const char *reason)
{
    struct outgoing *out = outgoing_new(socket, payload_new(NULL, span_of(reason)));

    out->fate = FATE_GOES;
    out->close_code = code;
    socket->is_ending = true;
    append(socket, out);
    pump(socket);
}

void
outbox_fini(struct plugin_socket *socket)
{
    while (socket->outbox.first) {
        struct outgoing *out = take_first(socket);

        out->socket = NULL;
        if (out->fate != FATE_OPEN)
            outgoing_free(out);
    }
}

/* --- during a call --- */

/* A message may be as long as all that may wait. */
static bool
is_full(const struct plugin_socket *socket, size_t len)
{
    size_t bytes = socket->outbox.bytes;

    return bytes > 0 && bytes + len > hub_limits(socket->plugin->all->hub)->queue_bytes;
}

/* What is said to many is kept once: the call's last message, if it is the same. NULL: there is no
 * room. */
static struct payload *
need_payload(const struct plugin *plugin, struct span bytes)
{
    struct hub *hub = plugin->all->hub;
    struct payload *last = plugin->sent_last ? plugin->sent_last->payload : NULL;

    if (last && last->hub && span_eq((struct span){last->bytes, last->len}, bytes)) {
        if (hub_reserve(hub, sizeof(struct outgoing)) != 0)
            return NULL;
        last->refs++;
        return last;
    }
    if (hub_reserve(hub, sizeof(struct outgoing) + sizeof(*last) + bytes.len) != 0)
        return NULL;
    return payload_new(hub, bytes);
}

/* For the call that runs; takes the payload. */
static void
add(struct plugin_socket *socket, struct payload *payload, bool is_binary, int close_code)
{
    struct plugin *plugin = socket->plugin;
    struct outgoing *out = outgoing_new(socket, payload);

    out->is_binary = is_binary;
    out->close_code = close_code;
    *(plugin->sent_first ? &plugin->sent_last->next_of_call : &plugin->sent_first) = out;
    plugin->sent_last = out;
    append(socket, out);
}

static int
check(const struct plugin_socket *socket)
{
    return socket->outbox.closes ? HD1_ECLOSED : socket->port->check(socket->conn);
}

int
outbox_send(struct plugin_socket *socket, struct span bytes, bool is_binary)
{
    int err = check(socket);
    struct payload *payload;

    if (err == HD1_ECLOSED)
        return err;
    payload = is_full(socket, bytes.len) ? NULL : need_payload(socket->plugin, bytes);
    if (!payload)
        return HD1_EBUSY;
    add(socket, payload, is_binary, 0);
    return err;
}

void
outbox_close(struct plugin_socket *socket, int code, struct span reason)
{
    if (check(socket) != HD1_ECLOSED)
        add(socket, payload_new(NULL, reason), false, code);
}

/* --- when it is over --- */

/* What one call sent, while it waits. */
struct sending {
    struct outgoing *first;
    struct kv_space *space; /* it knows of, or NULL */
    size_t waiting;
    bool is_lost; /* something that it rests on */
};

static void
drop(struct outgoing *out)
{
    out->fate = FATE_DROPPED;
    out->socket->outbox.closes -= out->close_code != 0;
    out->close_code = 0;
}

static void
end(struct outgoing *first, bool is_kept)
{
    while (first) {
        struct outgoing *out = first;

        first = out->next_of_call;
        if (!out->socket) {
            outgoing_free(out);
            continue;
        }
        if (is_kept)
            out->fate = FATE_GOES;
        else
            drop(out);
        pump(out->socket);
    }
}

static void
on_one(void *ctx, bool is_kept)
{
    struct sending *sending = ctx;

    sending->is_lost |= !is_kept;
    if (--sending->waiting > 0)
        return;
    end(sending->first, !sending->is_lost);
    free(sending);
}

/* What the hook wrote went with the event. */
static void
on_accepted(void *ctx, bool is_kept)
{
    struct sending *sending = ctx;

    if (is_kept && sending->space)
        hub_hold_kv(sending->space, on_one, sending);
    else
        on_one(sending, is_kept);
}

/* Volatile events are never held. */
static bool
rests_on_event(const struct plugin *plugin)
{
    return plugin->now.event->type->lane == LANE_DURABLE || plugin->basis.has_looked;
}

static void
hold(struct plugin *plugin, struct outgoing *first)
{
    struct hub *hub = plugin->all->hub;
    struct sending *sending = mem_alloc(sizeof(*sending));
    bool is_before_event = plugin->now.moment == BEFORE_EVENT;

    *sending = (struct sending){
        .first = first, .space = plugin->basis.space, .waiting = 1 + is_before_event};
    if (is_before_event)
        hub_hold_accepted(hub, plugin->client, rests_on_event(plugin), on_accepted, sending);
    basis_hold(hub, &plugin->basis, on_one, sending);
}

void
outbox_settle(struct plugin *plugin, bool is_kept)
{
    struct outgoing *first = plugin->sent_first;

    plugin->sent_first = plugin->sent_last = NULL;
    if (!is_kept || (plugin->now.moment != BEFORE_EVENT && basis_is_firm(&plugin->basis)))
        end(first, is_kept);
    else
        hold(plugin, first);
}
