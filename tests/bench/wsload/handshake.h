/* The upgrade to a WebSocket, and the messages that are sent right after it. */
#ifndef HD1_BENCH_WSLOAD_HANDSHAKE_H
#define HD1_BENCH_WSLOAD_HANDSHAKE_H

#include <stddef.h>
#include <stdint.h>

struct client;

/* Asks for the upgrade. */
void handshake_send(struct client *client);
/* Takes the answer from the front of what came: its length, or 0 if it is not whole yet. If it is
 * good, the hellos are sent. The client is dead afterwards if it was refused. */
size_t handshake_receive(struct client *client, const uint8_t *bytes, size_t len);

#endif
