/* What the server sends: the answer to the upgrade, then frames, put together to messages. */
#ifndef HD1_BENCH_WSLOAD_RECEIVE_H
#define HD1_BENCH_WSLOAD_RECEIVE_H

struct client;

/* Reads once, and handles what came. The client may be dead afterwards. */
void client_receive(struct client *client);

#endif
