/*
 * One client: a socket, and where it stands on the way from a connection to a WebSocket that is
 * ready, which is: upgraded, and told that it has joined if --ready says by what.
 */
#ifndef HD1_BENCH_WSLOAD_CLIENT_H
#define HD1_BENCH_WSLOAD_CLIENT_H

#include "bytes.h"
#include "frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct load;
struct room;

enum client_state {
    CLIENT_NEW,
    CLIENT_CONNECTING,
    CLIENT_UPGRADING,
    CLIENT_JOINING,
    CLIENT_READY,
    CLIENT_DEAD
};

struct client {
    struct load *load;
    struct room *room;
    enum client_state state;
    int fd, id, room_id;
    bool wants_out;       /* epoll tells when it can be written to */
    struct bytes carry;   /* of a frame, or of the answer to the upgrade, that is not whole yet */
    struct bytes message; /* of the fragments so far */
    struct bytes out;     /* waits to be sent; of it out_sent are */
    size_t out_sent;
    uint64_t started_ns;
};

/* Client id is in room id % rooms. Borrows the load. */
void client_init(struct client *client, struct load *load, int id);
void client_fini(struct client *client);
/* Begins to connect. */
void client_start(struct client *client);
/* The connection stands, or failed: sends the upgrade. */
void client_connected(struct client *client);
void client_become_ready(struct client *client);
/* Closes it; the first reason of all is kept for the report. */
void client_die(struct client *client, const char *why);

/* Sends, or queues what the kernel does not take; false if it is dead or has too much queued. */
bool client_write(struct client *client, const void *bytes, size_t len);
/* The same for a frame. */
bool client_send(struct client *client, enum opcode opcode, const void *payload, size_t len);
/* Sends what is queued, as far as it goes. */
void client_flush(struct client *client);

#endif
