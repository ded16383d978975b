/* The command line: what load to make, and how to speak to the server. */
#ifndef HD1_BENCH_WSLOAD_OPTIONS_H
#define HD1_BENCH_WSLOAD_OPTIONS_H

#include "process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERSION "1.0"
#define HELLOS_MAX 8
#define REPLIES_MAX 8
#define HEADERS_MAX 16
#define PREFIX_BYTES 64
#define MESSAGE_BYTES_MAX 65536

/* Sent after the upgrade: a template, or bytes in hexadecimal digits. */
struct hello {
    const char *text;
    bool is_hex;
};

/* A message that is exactly the one is answered with the other. */
struct reply {
    const char *from, *to;
};

struct options {
    const char *host, *path, *path_file, *subprotocol, *label;
    const char *message, *marker;
    const char *ready; /* NULL: ready after the upgrade */
    struct hello hellos[HELLOS_MAX];
    struct reply replies[REPLIES_MAX];
    const char *headers[HEADERS_MAX];
    int hello_count, reply_count, header_count;
    int port, clients, rooms, publishers, connect_inflight;
    int window; /* closed loop: messages outstanding per publisher */
    int payload, mask;
    int expect_fanout; /* -1: as many as are in the room */
    double rate;       /* 0: closed loop */
    double connect_rate, connect_timeout_s, duration_s, warmup_s, settle_s, drain_s;
    bool is_binary, is_hello_binary, is_self_excluded;
    bool is_time_actual; /* {ts} is when it is sent, not when it is due */
    bool is_json_only;
    uint8_t prefix[PREFIX_BYTES]; /* before each message */
    size_t prefix_len;
    struct processes processes; /* the server's */
};

/* Strings are borrowed from argv. Dies if they make no sense; exits after --help. */
void options_read(struct options *options, int argc, char **argv);

#endif
