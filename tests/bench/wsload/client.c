/* See client.h. */
#include "client.h"

#include "fatal.h"
#include "handshake.h"
#include "load.h"
#include "mono.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUEUED_BYTES_MAX (1u << 20)

static void
watch(struct client *client, bool wants_out, int operation)
{
    struct epoll_event event = {.events = EPOLLIN | (wants_out ? EPOLLOUT : 0u),
                                .data.ptr = client};

    if (epoll_ctl(client->load->epoll_fd, operation, client->fd, &event) < 0)
        die("epoll_ctl: %s", strerror(errno));
    client->wants_out = wants_out;
}

/* --- its life --- */

void
client_init(struct client *client, struct load *load, int id)
{
    *client = (struct client){.load = load, .fd = -1, .id = id};
    client->room_id = id % load->options.rooms;
    client->room = &load->rooms[client->room_id];
}

void
client_fini(struct client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    bytes_fini(&client->carry);
    bytes_fini(&client->message);
    bytes_fini(&client->out);
}

void
client_start(struct client *client)
{
    struct load *load = client->load;
    int on = 1;

    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client->fd < 0)
        die("socket: %s (raise the open-file limit?)", strerror(errno));
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    client->state = CLIENT_CONNECTING;
    client->started_ns = mono_ns();
    load->open++;
    load->pending++;
    if (connect(client->fd, (struct sockaddr *)&load->server, sizeof(load->server)) < 0 &&
        errno != EINPROGRESS) {
        client_die(client, strerror(errno));
        return;
    }
    watch(client, true, EPOLL_CTL_ADD);
}

void
client_connected(struct client *client)
{
    int error = 0;
    socklen_t len = sizeof(error);

    getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    if (error) {
        client_die(client, strerror(error));
        return;
    }
    client->state = CLIENT_UPGRADING;
    watch(client, false, EPOLL_CTL_MOD);
    handshake_send(client);
}

void
client_become_ready(struct client *client)
{
    struct load *load = client->load;

    if (client->state == CLIENT_READY)
        return;
    client->state = CLIENT_READY;
    load->pending--;
    load->ready++;
    client->room->clients++;
    histogram_add(&load->stats.connecting, mono_ns() - client->started_ns);
}

void
client_die(struct client *client, const char *why)
{
    struct load *load = client->load;

    if (client->state == CLIENT_DEAD)
        return;
    if (!load->first_error[0])
        snprintf(load->first_error, sizeof(load->first_error), "client %d: %s", client->id, why);
    if (client->state == CLIENT_READY) {
        load->ready--;
        client->room->clients--;
        load->disconnected += !load->is_stopping;
    } else {
        load->failed++;
        load->pending--;
    }
    load->open--;
    close(client->fd);
    client->state = CLIENT_DEAD;
    client->fd = -1;
}

/* --- sending --- */

static void
queue(struct client *client, const uint8_t *bytes, size_t len)
{
    bytes_append(&client->out, bytes, len);
    if (!client->wants_out)
        watch(client, true, EPOLL_CTL_MOD);
}

bool
client_write(struct client *client, const void *bytes, size_t len)
{
    ssize_t sent;

    if (client->state == CLIENT_DEAD)
        return false;
    if (client->out.len > 0) {
        if (client->out.len - client->out_sent + len > QUEUED_BYTES_MAX)
            return false;
        queue(client, bytes, len);
        return true;
    }
    sent = send(client->fd, bytes, len, MSG_NOSIGNAL);
    if (sent == (ssize_t)len)
        return true;
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        client_die(client, strerror(errno));
        return false;
    }
    if (sent < 0)
        sent = 0;
    client->load->stats.blocked_sends++;
    queue(client, (const uint8_t *)bytes + sent, len - (size_t)sent);
    return true;
}

bool
client_send(struct client *client, enum opcode opcode, const void *payload, size_t len)
{
    struct load *load = client->load;
    size_t frame_len;
    uint8_t *frame;

    if (len > OUT_BYTES)
        return false;
    memcpy(load->out + FRAME_HEAD_MAX, payload, len);
    frame = frame_write(load->out, opcode, len, load->options.mask, &frame_len);
    return client_write(client, frame, frame_len);
}

void
client_flush(struct client *client)
{
    while (client->out_sent < client->out.len) {
        ssize_t sent = send(client->fd, client->out.at + client->out_sent,
                            client->out.len - client->out_sent, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN)
            break;
        if (sent < 0) {
            client_die(client, strerror(errno));
            return;
        }
        client->out_sent += (size_t)sent;
    }
    if (client->out_sent == client->out.len)
        client->out_sent = client->out.len = 0;
    if ((client->out.len > 0) != client->wants_out)
        watch(client, client->out.len > 0, EPOLL_CTL_MOD);
}
