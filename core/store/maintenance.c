/* Maintenance: every half second a checkpoint, between them the steps of prune.c. */
#include "store/maintenance.h"

#include "buf.h"
#include "clock.h"
#include "err.h"
#include "log.h"
#include "store/checkpoint.h"
#include "store/prune.h"
#include "store/worker.h"

#include <stdlib.h>

#define ROUND_MS 500
#define REST_MIN_MS 5

struct maintenance {
    struct worker worker;
    struct env *env;
    struct db db; /* closed after a failure, until the next round */
    struct prune prune;
    int64_t next_checkpoint_ms;
    bool is_failing; /* said so in the log */
};

static int
checkpoint_if_due(struct maintenance *maintenance)
{
    int64_t now_ms = clock_mono_ms();
    int rc;

    if (now_ms < maintenance->next_checkpoint_ms)
        return SQLITE_OK;
    maintenance->next_checkpoint_ms = now_ms + ROUND_MS;
    rc = checkpoint_pass(&maintenance->db);
    atomic_store(&maintenance->env->is_writers_turn, rc == SQLITE_OK);
    return rc;
}

static void
note(struct maintenance *maintenance, int rc)
{
    bool is_failing = rc != SQLITE_OK && db_failure(rc) != HD1_EBUSY;

    if (is_failing && !maintenance->is_failing) {
        log_error("store", "maintenance fails", log_str("error", sqlite3_errstr(rc)),
                  log_int("code", rc), log_str("file", maintenance->env->path));
    } else if (rc == SQLITE_OK && maintenance->is_failing) {
        log_info("store", "maintenance works again", log_str("file", maintenance->env->path));
    }
    maintenance->is_failing = is_failing;
}

/* One step; how long to rest after it. */
static int
work(struct maintenance *maintenance)
{
    int64_t start_ms = clock_mono_ms();
    int64_t took_ms;
    bool is_more = false;
    int rc = SQLITE_OK;

    if (!maintenance->db.handle)
        rc = db_connect(&maintenance->db, maintenance->env->path, DB_MAINTENANCE, STORE_FULL);
    if (rc == SQLITE_OK)
        rc = checkpoint_if_due(maintenance);
    if (rc == SQLITE_OK)
        rc = prune_step(&maintenance->prune, &maintenance->db, &is_more);
    note(maintenance, rc);
    if (db_failure(rc) == HD1_EIO)
        db_close(&maintenance->db);
    if (rc != SQLITE_OK || !is_more)
        return ROUND_MS;
    /* As long as the step took, so that the writer gets half of the time at least. */
    took_ms = clock_mono_ms() - start_ms;
    return took_ms > REST_MIN_MS ? (int)took_ms : REST_MIN_MS;
}

static void *
run(void *ctx)
{
    struct maintenance *maintenance = ctx;
    struct worker *worker = &maintenance->worker;

    gate_enter(&worker->gate);
    while (!worker->is_stopping) {
        int rest_ms;

        gate_leave(&worker->gate);
        rest_ms = work(maintenance);
        gate_enter(&worker->gate);
        if (!worker->is_stopping)
            gate_wait(&worker->gate, rest_ms);
    }
    gate_leave(&worker->gate);
    return NULL;
}

struct maintenance *
maintenance_new(struct env *env, int *rc)
{
    struct maintenance *maintenance = mem_zalloc(sizeof(*maintenance));

    maintenance->env = env;
    prune_init(&maintenance->prune, env->options.keep_days, env->options.keep_events,
               env->options.prune_ms);
    worker_init(&maintenance->worker);
    *rc = db_connect(&maintenance->db, env->path, DB_MAINTENANCE, STORE_FULL);
    if (*rc != SQLITE_OK ||
        worker_start(&maintenance->worker, "hd1-maintain", run, maintenance) != 0) {
        maintenance_free(maintenance);
        return NULL;
    }
    return maintenance;
}

void
maintenance_free(struct maintenance *maintenance)
{
    if (!maintenance)
        return;
    worker_stop(&maintenance->worker);
    worker_fini(&maintenance->worker);
    db_close(&maintenance->db);
    free(maintenance);
}
