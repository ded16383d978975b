/* Opening and closing the store, and the hub's side of handing over. */
#include "store/store.h"

#include "err.h"
#include "store/datadir.h"
#include "store/lookup.h"
#include "store/maintenance.h"
#include "store/migrate.h"
#include "store/reader.h"
#include "store/writer.h"

#include <assert.h>
#include <stdlib.h>

struct store {
    struct env env;
    struct datadir datadir;
    struct writer *writer;
    struct reader *reader;
    struct maintenance *maintenance;
    int64_t last_key; /* the last one used or given out */
    bool has_batch;   /* handed over, not yet back */
    bool is_closing;
};

/* From a file of any age to a connection on which statements can be prepared. */
static int
bring_up(struct db *db, const char *path, struct buf *why)
{
    int64_t version = 0;
    int err = migrate_identify(db, path, &version, why);
    int rc;

    if (err)
        return err;
    rc = db_use_wal(db);
    if (rc != SQLITE_OK)
        return migrate_refuse(db, rc, path, why);
    return migrate_climb(db, path, version, why);
}

static int
open_database(struct store *store, struct db *db, struct buf *why)
{
    const char *path = store->env.path;
    int rc = db_open(db, path, DB_WRITER, store->env.options.durability);
    int err = rc == SQLITE_OK ? bring_up(db, path, why) : migrate_refuse(db, rc, path, why);

    if (!err) {
        rc = db_prepare(db, DB_WRITER);
        if (rc == SQLITE_OK) {
            rc = db_get_int(db, "SELECT seq FROM sqlite_sequence WHERE name = 'sessions'",
                            &store->last_key);
        }
        err = rc == SQLITE_OK ? 0 : migrate_refuse(db, rc, path, why);
    }
    if (err)
        db_close(db);
    return err;
}

static int
refuse_thread(struct store *store, int rc, struct buf *why)
{
    struct db none = DB_INIT;

    if (rc != SQLITE_OK)
        return migrate_refuse(&none, rc, store->env.path, why);
    buf_appendf(why, "%s: cannot start a thread for it; raise the limit of processes",
                store->env.path);
    return HD1_EIO;
}

static void
batch_done(void *ctx, struct batch *batch)
{
    struct store *store = ctx;

    store->has_batch = false;
    store->env.options.committed(store->env.options.committed_ctx, batch);
}

static int
start(struct store *store, struct buf *why)
{
    struct db db = DB_INIT;
    int rc = SQLITE_OK;
    int err = open_database(store, &db, why);

    if (err)
        return err;
    store->writer = writer_new(&store->env, &db, batch_done, store);
    if (store->writer)
        store->reader = reader_new(&store->env, &rc);
    if (store->reader)
        store->maintenance = maintenance_new(&store->env, &rc);
    return store->maintenance ? 0 : refuse_thread(store, rc, why);
}

int
store_open(struct store **store, const struct store_options *options, struct buf *why)
{
    struct store *made = mem_zalloc(sizeof(*made));
    int err;

    assert(options->committed);
    env_init(&made->env, options);
    made->datadir = DATADIR_INIT;
    err = datadir_open(&made->datadir, options->dir, made->env.path, why);
    if (!err)
        err = start(made, why);
    if (err) {
        store_close(made);
        made = NULL;
    }
    *store = made;
    return err;
}

void
store_close(struct store *store)
{
    if (!store)
        return;
    store->is_closing = true;
    maintenance_free(store->maintenance);
    /* What it finished last is in the inbox and embedded in the writer. */
    writer_stop(store->writer);
    reader_free(store->reader);
    while (inbox_deliver(&store->env.inbox)) {
    }
    /* The last connection: it leaves one file, the log empty. */
    writer_free(store->writer);
    datadir_close(&store->datadir);
    env_fini(&store->env);
    free(store);
}

int64_t
store_next_key(struct store *store)
{
    return ++store->last_key;
}

bool
store_is_idle(const struct store *store)
{
    return !store->has_batch;
}

void
store_submit(struct store *store, struct batch *batch)
{
    assert(!store->has_batch && !store->is_closing);
    store->has_batch = true;
    writer_submit(store->writer, batch);
}

void
store_poll(struct store *store)
{
    (void)inbox_deliver(&store->env.inbox);
}

void
store_wait(struct store *store, int timeout_ms)
{
    inbox_wait(&store->env.inbox, timeout_ms);
    store_poll(store);
}

bool
store_is_ready(const struct store *store)
{
    return writer_is_ready(store->writer);
}

static void
ask(struct store *store, struct lookup *lookup)
{
    if (store->is_closing) {
        lookup->status = HD1_ECLOSED;
        inbox_put(&store->env.inbox, &lookup->delivery);
    } else {
        reader_submit(store->reader, lookup);
    }
}

void
store_load(struct store *store, struct span id, store_load_fn fn, void *ctx)
{
    ask(store, lookup_load(id, fn, ctx));
}

void
store_history(struct store *store, int64_t session, int64_t since, int64_t until, size_t limit,
              size_t max_bytes, store_history_fn fn, void *ctx)
{
    ask(store, lookup_history(session, since, until, limit, max_bytes, fn, ctx));
}

void
store_load_kv(struct store *store, struct span owner, store_kv_fn fn, void *ctx)
{
    ask(store, lookup_kv(owner, fn, ctx));
}

void
store_list(struct store *store, struct span after, size_t limit, store_list_fn fn, void *ctx)
{
    ask(store, lookup_list(after, limit, fn, ctx));
}
