/* Starting and stopping the store's threads. */
#include "store/worker.h"

#include "err.h"

#include <signal.h>

void
worker_init(struct worker *worker)
{
    gate_init(&worker->gate);
    worker->is_started = false;
    worker->is_stopping = false;
}

void
worker_fini(struct worker *worker)
{
    gate_fini(&worker->gate);
}

int
worker_start(struct worker *worker, const char *name, void *(*run)(void *ctx), void *ctx)
{
    sigset_t all, old;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    worker->is_started = pthread_create(&worker->thread, NULL, run, ctx) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (!worker->is_started)
        return HD1_EIO;
    pthread_setname_np(worker->thread, name);
    return 0;
}

void
worker_stop(struct worker *worker)
{
    if (!worker->is_started)
        return;
    gate_enter(&worker->gate);
    worker->is_stopping = true;
    gate_signal(&worker->gate);
    gate_leave(&worker->gate);
    pthread_join(worker->thread, NULL);
    worker->is_started = false;
}
