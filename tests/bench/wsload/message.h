/* A message from the server: one of ours that came back, or something else. */
#ifndef HD1_BENCH_WSLOAD_MESSAGE_H
#define HD1_BENCH_WSLOAD_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

struct client;

/* Counts every time that stands behind the marker; a server may put several events into one. */
void message_take(struct client *client, const uint8_t *bytes, size_t len, uint64_t now_ns);

#endif
