/* The writer thread's day: a batch, an answer, now and then the rest of a checkpoint. */
#include "store/writer.h"

#include "buf.h"
#include "clock.h"
#include "store/checkpoint.h"
#include "store/commit.h"
#include "store/worker.h"

#include <assert.h>
#include <stdlib.h>

#define PROBE_MS 1000

struct writer {
    struct worker worker;
    struct env *env;
    struct batch *next; /* handed over, not begun; under the gate */
    struct commit commit;
    struct batch *finished; /* in the inbox */
    struct delivery delivery;
    writer_done_fn done;
    void *done_ctx;
};

/* The next batch, or NULL: stopping, or time for a probe. */
static struct batch *
await(struct writer *writer, bool *is_stopping)
{
    bool is_ready = atomic_load(&writer->commit.is_ready);
    int64_t deadline_ms = clock_mono_ms() + PROBE_MS;
    int64_t left_ms = PROBE_MS;
    struct batch *batch;

    gate_enter(&writer->worker.gate);
    while (!writer->next && !writer->worker.is_stopping && left_ms > 0) {
        gate_wait(&writer->worker.gate, is_ready ? GATE_FOREVER : (int)left_ms);
        left_ms = is_ready ? PROBE_MS : deadline_ms - clock_mono_ms();
    }
    batch = writer->next;
    writer->next = NULL;
    *is_stopping = writer->worker.is_stopping;
    gate_leave(&writer->worker.gate);
    return batch;
}

static void
hand_back(struct delivery *delivery)
{
    struct writer *writer =
        (struct writer *)(void *)((char *)delivery - offsetof(struct writer, delivery));

    writer->done(writer->done_ctx, writer->finished);
}

static void
serve(struct writer *writer, struct batch *batch)
{
    commit_batch(&writer->commit, batch);
    writer->finished = batch;
    inbox_put(&writer->env->inbox, &writer->delivery);
    if (writer->commit.db.handle && atomic_exchange(&writer->env->is_writers_turn, false)) {
        /* Busy or failing: maintenance comes round again. */
        (void)checkpoint_pass(&writer->commit.db);
    }
}

static void *
run(void *ctx)
{
    struct writer *writer = ctx;
    bool is_stopping = false;

    while (!is_stopping) {
        struct batch *batch = await(writer, &is_stopping);

        if (batch)
            serve(writer, batch);
        else if (!is_stopping)
            commit_probe(&writer->commit);
    }
    return NULL;
}

struct writer *
writer_new(struct env *env, const struct db *db, writer_done_fn done, void *done_ctx)
{
    struct writer *writer = mem_zalloc(sizeof(*writer));

    writer->env = env;
    writer->delivery.deliver = hand_back;
    writer->done = done;
    writer->done_ctx = done_ctx;
    commit_init(&writer->commit, env, db);
    worker_init(&writer->worker);
    if (worker_start(&writer->worker, "hd1-writer", run, writer) != 0) {
        writer_free(writer);
        return NULL;
    }
    return writer;
}

void
writer_stop(struct writer *writer)
{
    if (writer)
        worker_stop(&writer->worker);
}

void
writer_free(struct writer *writer)
{
    if (!writer)
        return;
    writer_stop(writer);
    worker_fini(&writer->worker);
    commit_fini(&writer->commit);
    free(writer);
}

void
writer_submit(struct writer *writer, struct batch *batch)
{
    gate_enter(&writer->worker.gate);
    assert(!writer->next);
    writer->next = batch;
    gate_signal(&writer->worker.gate);
    gate_leave(&writer->worker.gate);
}

bool
writer_is_ready(const struct writer *writer)
{
    return atomic_load(&writer->commit.is_ready);
}
