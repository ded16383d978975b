/*
 * A worker: a thread of the store with the gate through which it is given work and told to stop.
 * Embedded in writer, reader and maintenance.
 */
#ifndef HD1_STORE_WORKER_H
#define HD1_STORE_WORKER_H

#include "store/gate.h"

#include <stdbool.h>

struct worker {
    struct gate gate;
    pthread_t thread;
    bool is_started;
    bool is_stopping; /* under the gate */
};

void worker_init(struct worker *worker);
/* Legal after a stop, or if it never started. */
void worker_fini(struct worker *worker);
/* Starts the thread, all signals blocked (they are the hub thread's). 0 or HD1_EIO. */
int worker_start(struct worker *worker, const char *name, void *(*run)(void *ctx), void *ctx);
/* Sets is_stopping, lets the thread see it, waits for its end. Fine if it never started. */
void worker_stop(struct worker *worker);

#endif
