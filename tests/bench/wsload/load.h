/*
 * The load as a whole: clients that are spread over rooms, the first of which publish, and what is
 * counted. One thread; everybody borrows it.
 */
#ifndef HD1_BENCH_WSLOAD_LOAD_H
#define HD1_BENCH_WSLOAD_LOAD_H

#include "frame.h"
#include "options.h"
#include "process.h"
#include "stats.h"
#include "template.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define IN_READ_BYTES (1u << 20)                /* asked of one read */
#define IN_CARRY_BYTES (FRAME_PAYLOAD_MAX + 16) /* room before it for what was left before */
#define OUT_BYTES (1u << 20)

struct client;

struct room {
    uint64_t sent, received; /* messages */
    int clients;             /* that are ready */
    int publishers;
};

struct load {
    struct options options;
    struct processes processes; /* the server's */
    struct template message;
    size_t marker_len, marker_hint; /* where it was in the message before */
    struct client *clients;
    struct room *rooms;
    char **paths; /* by client; NULL: all by options.path */
    struct sockaddr_in server;
    int epoll_fd;
    int open, pending, ready, failed, disconnected; /* clients; pending: on the way to ready */
    bool is_stopping;                               /* who goes now is not missed */
    char first_error[160];
    struct stats stats;
    uint64_t next_seq;
    uint8_t *in;  /* IN_CARRY_BYTES and IN_READ_BYTES: of the client that is read from */
    uint8_t *out; /* a frame that is being made: FRAME_HEAD_MAX and OUT_BYTES */
};

/* Copies the options. Dies if something is not as it must be. */
struct load *load_new(const struct options *options);
void load_free(struct load *load);
/* How many deliveries a message into this room makes. */
int load_fanout(const struct load *load, const struct room *room);
/* Waits for what the sockets have, but not longer than that, and handles it. */
void load_turn(struct load *load, uint64_t timeout_ns);

#endif
