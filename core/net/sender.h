/*
 * Sends to many sockets in one system call: an io_uring whose submissions all complete at once
 * (MSG_DONTWAIT). Entering the kernel is a good part of what a small send costs. Where the kernel
 * or a sandbox has no io_uring, ws_port.c sends one by one. Hub thread. Private to net/.
 */
#ifndef HD1_NET_SENDER_H
#define HD1_NET_SENDER_H

#include "span.h"

#include <stddef.h>

#define SENDER_MAX 256 /* sends at once */

struct sender;

struct sending {
    int fd;
    struct span bytes;
    size_t sent; /* how many the kernel took; 0 if it takes none now, or the socket is in error */
    void *ctx;   /* the caller's */
};

/* NULL if the kernel does not offer it. */
struct sender *sender_open(void);
/* NULL ok. */
void sender_close(struct sender *sender);
/* Fills in `sent` of each: 0 for all of them if the kernel will have no more of it. count is at
 * most SENDER_MAX. No fd may be among them twice. */
void sender_send(struct sender *sender, struct sending *sendings, size_t count);

#endif
