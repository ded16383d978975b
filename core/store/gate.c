/* The one place where the store's threads meet: see worker.c and inbox.c. */
#include "store/gate.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

void
gate_init(struct gate *gate)
{
    pthread_condattr_t attr;
    int failed = pthread_mutex_init(&gate->lock, NULL);

    failed |= pthread_condattr_init(&attr);
    failed |= pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    failed |= pthread_cond_init(&gate->change, &attr);
    assert(!failed);
    pthread_condattr_destroy(&attr);
}

void
gate_fini(struct gate *gate)
{
    pthread_cond_destroy(&gate->change);
    pthread_mutex_destroy(&gate->lock);
}

void
gate_enter(struct gate *gate)
{
    int failed = pthread_mutex_lock(&gate->lock);

    assert(!failed);
}

void
gate_leave(struct gate *gate)
{
    int failed = pthread_mutex_unlock(&gate->lock);

    assert(!failed);
}

void
gate_signal(struct gate *gate)
{
    pthread_cond_broadcast(&gate->change);
}

static struct timespec
after_ms(int timeout_ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += timeout_ms / 1000;
    at.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

void
gate_wait(struct gate *gate, int timeout_ms)
{
    struct timespec at;
    int failed;

    if (timeout_ms < 0) {
        failed = pthread_cond_wait(&gate->change, &gate->lock);
    } else {
        at = after_ms(timeout_ms);
        failed = pthread_cond_timedwait(&gate->change, &gate->lock, &at);
    }
    assert(!failed || failed == ETIMEDOUT);
}
