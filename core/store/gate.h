/* A gate: a mutex with one condition, on the monotonic clock. Any thread. */
#ifndef HD1_STORE_GATE_H
#define HD1_STORE_GATE_H

#include <pthread.h>

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t change;
};

#define GATE_FOREVER (-1)

void gate_init(struct gate *gate);
void gate_fini(struct gate *gate);
void gate_enter(struct gate *gate);
void gate_leave(struct gate *gate);
/* Lets those who wait look again. Only while entered. */
void gate_signal(struct gate *gate);
/* Waits for a signal, timeout_ms at most. Only while entered; may return for no reason. */
void gate_wait(struct gate *gate, int timeout_ms);

#endif
