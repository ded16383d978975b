/* See receive.h. */
#include "receive.h"

#include "client.h"
#include "handshake.h"
#include "load.h"
#include "message.h"
#include "mono.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* --- frames --- */

static void
take_fragment(struct client *client, const struct frame *frame, uint64_t now_ns)
{
    struct bytes *message = &client->message;

    if (message->len + frame->len > IN_CARRY_BYTES) {
        client_die(client, "message too large");
        return;
    }
    bytes_append(message, frame->payload, frame->len);
    if (frame->is_final) {
        message_take(client, message->at, message->len, now_ns);
        message->len = 0;
    }
}

static void
take_close(struct client *client, const struct frame *frame)
{
    unsigned code = frame->len >= 2 ? (unsigned)(frame->payload[0] << 8 | frame->payload[1]) : 0;
    char why[64];

    snprintf(why, sizeof(why), "server close %u", code);
    client_send(client, OPCODE_CLOSE, frame->payload, frame->len < 125 ? frame->len : 0);
    client_die(client, why);
}

static void
take_frame(struct client *client, const struct frame *frame, uint64_t now_ns)
{
    switch (frame->opcode) {
    case OPCODE_CONTINUATION:
    case OPCODE_TEXT:
    case OPCODE_BINARY:
        if (frame->is_final && client->message.len == 0)
            message_take(client, frame->payload, frame->len, now_ns);
        else
            take_fragment(client, frame, now_ns);
        break;
    case OPCODE_CLOSE:
        take_close(client, frame);
        break;
    case OPCODE_PING:
        client->load->stats.pings++;
        client_send(client, OPCODE_PONG, frame->payload, frame->len);
        break;
    case OPCODE_PONG:
        break;
    default:
        client_die(client, "unknown opcode");
    }
}

/* All that are whole; how many bytes that were. */
static size_t
take_frames(struct client *client, uint8_t *bytes, size_t len)
{
    uint64_t now_ns = mono_ns();
    const char *fault = NULL;
    struct frame frame;
    size_t at = 0, frame_len;

    while (client->state != CLIENT_DEAD &&
           (frame_len = frame_read(bytes + at, len - at, &frame, &fault)) > 0) {
        at += frame_len;
        take_frame(client, &frame, now_ns);
    }
    if (fault)
        client_die(client, fault);
    return at;
}

/* --- bytes --- */

/* What the read before has left stands in front of what is read now. */
static ssize_t
read_bytes(struct client *client, uint8_t **bytes)
{
    struct load *load = client->load;
    struct bytes *carry = &client->carry;
    ssize_t got = recv(client->fd, load->in + IN_CARRY_BYTES, IN_READ_BYTES, 0);

    if (got < 0) {
        if (errno != EAGAIN && errno != EINTR)
            client_die(client, strerror(errno));
        return 0;
    }
    if (got == 0) {
        client_die(client, client->state == CLIENT_UPGRADING ? "closed during upgrade"
                                                             : "closed by server");
        return 0;
    }
    *bytes = load->in + IN_CARRY_BYTES - carry->len;
    if (carry->len > 0)
        memcpy(*bytes, carry->at, carry->len);
    got += (ssize_t)carry->len;
    carry->len = 0;
    return got;
}

void
client_receive(struct client *client)
{
    uint8_t *bytes;
    size_t len = (size_t)read_bytes(client, &bytes), at = 0;

    if (len == 0)
        return;
    if (client->state == CLIENT_UPGRADING)
        at = handshake_receive(client, bytes, len);
    if (client->state == CLIENT_JOINING || client->state == CLIENT_READY)
        at += take_frames(client, bytes + at, len - at);
    if (client->state == CLIENT_DEAD || at == len)
        return;
    if (len - at > IN_CARRY_BYTES)
        client_die(client, "input too long");
    else
        bytes_append(&client->carry, bytes + at, len - at);
}
