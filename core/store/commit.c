/* "What is stored": the step after hub_receive() and before hub_committed(). */
#include "store/commit.h"

#include "clock.h"
#include "err.h"
#include "log.h"
#include "store/checkpoint.h"
#include "store/kv.h"
#include "store/part.h"

/* What one transaction is to write: the parts from first up to end, not included, and the batch's
 * kv or NULL. With kv, the coupled parts come first and the others begin at `others`. */
struct work {
    struct batch_part *first, *others, *end;
    struct batch *kv;
};

void
commit_init(struct commit *commit, const struct env *env, const struct db *db)
{
    commit->env = env;
    commit->db = *db;
    atomic_init(&commit->is_ready, true);
    commit->last_rc = SQLITE_OK;
    commit->next_log_ms = 0;
}

static bool
is_open(const struct commit *commit)
{
    return commit->db.handle != NULL;
}

void
commit_fini(struct commit *commit)
{
    int rc = is_open(commit) ? checkpoint_settle(&commit->db, commit->env) : commit->last_rc;

    if (rc != SQLITE_OK) {
        log_warn("store", "the log was not copied into the database; the next start will",
                 log_str("error", sqlite3_errstr(rc)), log_str("file", commit->env->path));
    }
    db_close(&commit->db);
}

/* After this no frame is left of which one could not say whether it counts. */
static int
reopen(struct commit *commit)
{
    int rc = env_fault(commit->env, STORE_POINT_REOPEN);

    if (rc == SQLITE_OK)
        rc = db_connect(&commit->db, commit->env->path, DB_WRITER, commit->env->options.durability);
    if (rc == SQLITE_OK)
        rc = checkpoint_settle(&commit->db, commit->env);
    if (rc != SQLITE_OK) {
        db_close(&commit->db);
        commit->last_rc = rc;
    }
    return rc;
}

static int
begin(struct commit *commit)
{
    struct query query;
    int rc = env_fault(commit->env, STORE_POINT_BEGIN);

    if (rc != SQLITE_OK)
        return rc;
    query = query_start(&commit->db, STMT_BEGIN_WRITE);
    return query_run(&query);
}

/* COMMIT itself. Upon an error of the COMMITTED point it has happened: the caller cannot know. */
static int
finish(struct commit *commit)
{
    struct query query;
    int rc = env_fault(commit->env, STORE_POINT_COMMIT);

    if (rc != SQLITE_OK)
        return rc;
    query = query_start(&commit->db, STMT_COMMIT);
    rc = query_run(&query);
    if (rc == SQLITE_OK && env_fault(commit->env, STORE_POINT_COMMITTED) != SQLITE_OK)
        rc = SQLITE_IOERR;
    return rc;
}

/* After a failure no transaction stays open, and no connection of which one could not be sure. */
static void
give_up(struct commit *commit, int rc)
{
    commit->last_rc = rc;
    if (db_failure(rc) == HD1_EIO || db_rollback(&commit->db) != SQLITE_OK)
        db_close(&commit->db);
}

/* As one transaction. is_tried: it came to COMMIT. */
static int
transact(struct commit *commit, const struct work *work, bool *is_tried)
{
    int rc = begin(commit);

    for (struct batch_part *part = work->first; part != work->end && rc == SQLITE_OK;
         part = part->next)
        rc = part_write(&commit->db, commit->env, part);
    if (rc == SQLITE_OK && work->kv)
        rc = kv_write(&commit->db, commit->env, work->kv->kvs);
    *is_tried = rc == SQLITE_OK;
    if (rc == SQLITE_OK)
        rc = finish(commit);
    if (rc != SQLITE_OK)
        give_up(commit, rc);
    return rc;
}

static void
set_status(const struct work *work, int status)
{
    for (struct batch_part *part = work->first; part != work->end; part = part->next)
        part->status = status;
    if (work->kv)
        work->kv->kv_status = status;
}

/* The truth about one part whose COMMIT failed in an unknown way. */
static int
look_for(struct commit *commit, const struct batch_part *part)
{
    bool is_there;

    if (part_find(&commit->db, part, &is_there) != SQLITE_OK)
        return HD1_EOUTCOME;
    return is_there ? 0 : HD1_EIO;
}

/* The truth about the kv and the coupled parts, which stand or fall together: an event tells it
 * best. */
static int
look_for_kv(struct commit *commit, const struct work *work)
{
    bool are_there;

    for (const struct batch_part *part = work->first; part != work->others; part = part->next)
        if (part->last_event && !part->is_deletion)
            return look_for(commit, part);
    if (kv_find(&commit->db, work->kv->kvs, &are_there) != SQLITE_OK)
        return HD1_EOUTCOME;
    return are_there ? 0 : HD1_EIO;
}

static void
look_for_all(struct commit *commit, const struct work *work)
{
    struct batch_part *part = work->first;

    if (work->kv) {
        work->kv->kv_status = look_for_kv(commit, work);
        for (; part != work->others; part = part->next)
            part->status = work->kv->kv_status;
    }
    for (; part != work->end; part = part->next)
        part->status = look_for(commit, part);
}

/* After an input/output error; the connection is closed. */
static void
recover(struct commit *commit, const struct work *work, bool is_tried)
{
    int rc;

    atomic_store(&commit->is_ready, false);
    log_warn("store", "reopening the database after a failed write",
             log_str("error", sqlite3_errstr(commit->last_rc)), log_int("code", commit->last_rc));
    rc = reopen(commit);
    if (is_tried && rc == SQLITE_OK)
        look_for_all(commit, work);
    else
        set_status(work, is_tried ? HD1_EOUTCOME : HD1_EIO);
}

static void commit_work(struct commit *commit, const struct work *work);

/* False: the others would each wait as long, for the same answer. */
static bool
is_worth_going_on(const struct commit *commit, int status)
{
    return status != HD1_EBUSY && is_open(commit);
}

/* The kv and what is coupled to it together, the others one by one. */
static void
commit_each(struct commit *commit, const struct work *work)
{
    struct work one = {work->first, work->others, work->others, work->kv};
    struct work rest = {work->first, work->first, work->end, NULL};
    int status = 0;

    if (work->kv) {
        commit_work(commit, &one);
        status = work->kv->kv_status;
        rest.first = work->others;
    }
    while (rest.first != rest.end && is_worth_going_on(commit, status)) {
        one = (struct work){rest.first, rest.first, rest.first->next, NULL};
        commit_work(commit, &one);
        status = rest.first->status;
        rest.first = rest.first->next;
    }
    set_status(&rest, status == HD1_EBUSY ? HD1_EBUSY : HD1_EIO);
}

static void
log_refusal(struct commit *commit, const struct work *work)
{
    int64_t now_ms = clock_mono_ms();

    if (now_ms >= commit->next_log_ms) {
        commit->next_log_ms = now_ms + 1000;
        log_error(
            "store",
            work->kv ? "what plugins keep could not be written" : "a session could not be written",
            log_int("session", work->first != work->end ? work->first->session : 0),
            log_str("error", sqlite3_errstr(commit->last_rc)), log_int("code", commit->last_rc));
    }
}

static bool
is_divisible(const struct work *work)
{
    return work->kv ? work->others != work->end : work->first->next != work->end;
}

static void
commit_work(struct commit *commit, const struct work *work)
{
    bool is_tried;
    int failure = db_failure(transact(commit, work, &is_tried));

    if (failure == HD1_EIO) {
        recover(commit, work, is_tried);
    } else if (failure != HD1_ECONSTRAINT && failure != HD1_ECORRUPT) {
        set_status(work, failure);
    } else if (is_divisible(work)) {
        commit_each(commit, work);
    } else {
        set_status(work, failure);
        log_refusal(commit, work);
    }
}

struct disk {
    bool is_good, has_worked, is_corrupt;
};

static void
hear_status(struct disk *disk, int status)
{
    if (status == 0)
        disk->is_good = disk->has_worked = true;
    else if (status == HD1_ECORRUPT)
        disk->is_corrupt = true;
    else if (status != HD1_ECONSTRAINT)
        disk->is_good = false;
}

/* The last part that says something about the disk decides. A constraint does not; corruption only
 * if nothing else worked. */
static bool
is_working(const struct batch *batch, bool was_working)
{
    struct disk disk = {.is_good = was_working};

    if (batch->kvs)
        hear_status(&disk, batch->kv_status);
    for (const struct batch_part *part = batch->parts; part; part = part->next)
        hear_status(&disk, part->status);
    return disk.is_good && (disk.has_worked || !disk.is_corrupt);
}

static void
report(struct commit *commit, bool was_ready, bool is_ready)
{
    if (was_ready && !is_ready) {
        log_error("store", "commits fail; trying again every second",
                  log_str("error", sqlite3_errstr(commit->last_rc)),
                  log_int("code", commit->last_rc), log_str("file", commit->env->path));
    } else if (!was_ready && is_ready) {
        log_info("store", "commits work again", log_str("file", commit->env->path));
    }
    atomic_store(&commit->is_ready, is_ready);
}

void
commit_batch(struct commit *commit, struct batch *batch)
{
    int64_t start_us = clock_mono_us();
    bool was_ready = atomic_load(&commit->is_ready);

    struct work work = {NULL, NULL, NULL, NULL};

    if (!batch->parts && !batch->kvs)
        return;
    if (batch->kvs) {
        work.kv = batch;
        work.others = batch_gather_coupled(batch);
    }
    work.first = batch->parts;
    if (is_open(commit) || reopen(commit) == SQLITE_OK)
        commit_work(commit, &work);
    else
        set_status(&work, HD1_EIO);
    report(commit, was_ready, is_working(batch, was_ready));
    batch->commit_us = clock_mono_us() - start_us;
}

static int
put_probe(struct commit *commit)
{
    struct query query = query_start(&commit->db, STMT_META_PUT);

    query_text(&query, SPAN("probe"));
    query_int(&query, clock_unix_ms());
    return query_run(&query);
}

void
commit_probe(struct commit *commit)
{
    bool was_ready = atomic_load(&commit->is_ready);
    int rc = is_open(commit) ? SQLITE_OK : reopen(commit);

    if (rc == SQLITE_OK)
        rc = begin(commit);
    if (rc == SQLITE_OK)
        rc = put_probe(commit);
    if (rc == SQLITE_OK)
        rc = finish(commit);
    if (rc != SQLITE_OK && is_open(commit))
        give_up(commit, rc);
    report(commit, was_ready, rc == SQLITE_OK);
}
