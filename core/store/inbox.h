/* The inbox: what the store's threads have finished and the hub thread has not yet been given. */
#ifndef HD1_STORE_INBOX_H
#define HD1_STORE_INBOX_H

#include "store/gate.h"

#include <stdbool.h>

/* Embedded in what is delivered; deliver runs on the hub thread and owns the thing from then on. */
struct delivery {
    void (*deliver)(struct delivery *delivery);
    struct delivery *next;
};

struct inbox {
    struct gate gate;
    struct delivery *first, *last; /* under the gate */
    void (*wake)(void *ctx);
    void *wake_ctx;
};

/* wake may be NULL. */
void inbox_init(struct inbox *inbox, void (*wake)(void *ctx), void *wake_ctx);
/* Only when empty and no thread puts any more. */
void inbox_fini(struct inbox *inbox);
/* Takes the delivery; wakes the hub, outside of the gate, if the inbox was empty. Any thread. */
void inbox_put(struct inbox *inbox, struct delivery *delivery);
/* Waits until there is something, timeout_ms at most (0: does not wait). Hub thread. */
void inbox_wait(struct inbox *inbox, int timeout_ms);
/* Delivers what is there; false if there was nothing. Hub thread. */
bool inbox_deliver(struct inbox *inbox);

#endif
