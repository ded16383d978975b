/* The reader thread: a queue, a read-only connection, one retry when the disk errs. */
#include "store/reader.h"

#include "buf.h"
#include "err.h"
#include "log.h"
#include "store/lookup.h"
#include "store/worker.h"

#include <stdlib.h>

struct reader {
    struct worker worker;
    struct env *env;
    struct lookup *first, *last; /* under the gate */
    struct db db;                /* closed after a failure, until the next lookup */
    bool is_failing;             /* said so in the log */
};

static int
run_statement(struct db *db, enum stmt which)
{
    struct query query = query_start(db, which);

    return query_run(&query);
}

/* In one transaction, so that all its statements see the same moment. */
static int
try_once(struct reader *reader, struct lookup *lookup)
{
    struct db *db = &reader->db;
    int rc = SQLITE_OK;
    int ended;

    if (!db->handle)
        rc = db_connect(db, reader->env->path, DB_READER, STORE_FULL);
    if (rc == SQLITE_OK)
        rc = env_fault(reader->env, STORE_POINT_READ);
    if (rc == SQLITE_OK)
        rc = run_statement(db, STMT_BEGIN_READ);
    if (rc == SQLITE_OK) {
        rc = lookup->run(lookup, db);
        ended = run_statement(db, STMT_COMMIT);
        rc = rc != SQLITE_OK ? rc : ended;
    }
    if (rc != SQLITE_OK)
        db_close(db);
    return rc;
}

static void
note(struct reader *reader, int rc)
{
    bool is_failing = rc != SQLITE_OK;

    if (is_failing && !reader->is_failing) {
        log_error("store", "the database cannot be read", log_str("error", sqlite3_errstr(rc)),
                  log_int("code", rc), log_str("file", reader->env->path));
    } else if (!is_failing && reader->is_failing) {
        log_info("store", "the database can be read again", log_str("file", reader->env->path));
    }
    reader->is_failing = is_failing;
}

static void
serve(struct reader *reader, struct lookup *lookup)
{
    int rc = try_once(reader, lookup);

    if (rc != SQLITE_OK && db_failure(rc) != HD1_ECORRUPT) {
        arena_reset(&lookup->arena);
        lookup->status = 0;
        rc = try_once(reader, lookup);
    }
    if (rc != SQLITE_OK)
        lookup->status = db_failure(rc) == HD1_ECORRUPT ? HD1_ECORRUPT : HD1_EIO;
    note(reader, rc);
}

/* The oldest lookup; NULL if stopping. */
static struct lookup *
await(struct reader *reader)
{
    struct lookup *lookup = NULL;

    gate_enter(&reader->worker.gate);
    while (!reader->first && !reader->worker.is_stopping)
        gate_wait(&reader->worker.gate, GATE_FOREVER);
    if (!reader->worker.is_stopping) {
        lookup = reader->first;
        reader->first = lookup->next;
    }
    gate_leave(&reader->worker.gate);
    return lookup;
}

static void *
run(void *ctx)
{
    struct reader *reader = ctx;
    struct lookup *lookup;

    while ((lookup = await(reader))) {
        serve(reader, lookup);
        inbox_put(&reader->env->inbox, &lookup->delivery);
    }
    return NULL;
}

struct reader *
reader_new(struct env *env, int *rc)
{
    struct reader *reader = mem_zalloc(sizeof(*reader));

    reader->env = env;
    worker_init(&reader->worker);
    *rc = db_connect(&reader->db, env->path, DB_READER, STORE_FULL);
    if (*rc != SQLITE_OK || worker_start(&reader->worker, "hd1-reader", run, reader) != 0) {
        reader_free(reader);
        return NULL;
    }
    return reader;
}

void
reader_free(struct reader *reader)
{
    struct lookup *next;

    if (!reader)
        return;
    worker_stop(&reader->worker);
    for (struct lookup *lookup = reader->first; lookup; lookup = next) {
        next = lookup->next;
        lookup->status = HD1_ECLOSED;
        inbox_put(&reader->env->inbox, &lookup->delivery);
    }
    worker_fini(&reader->worker);
    db_close(&reader->db);
    free(reader);
}

void
reader_submit(struct reader *reader, struct lookup *lookup)
{
    lookup->next = NULL;
    gate_enter(&reader->worker.gate);
    if (reader->first)
        reader->last->next = lookup;
    else
        reader->first = lookup;
    reader->last = lookup;
    gate_signal(&reader->worker.gate);
    gate_leave(&reader->worker.gate);
}
