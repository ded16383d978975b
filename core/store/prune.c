/* What maintenance removes. Each statement here is a transaction of its own. */
#include "store/prune.h"

#include "clock.h"

#define STEP_ROWS 500
#define KEEP_EPOCHS 1000
#define ROUND_MS 60000
/* Sessions looked at in one step if there is nothing to remove: a few pages each. */
#define STEP_SESSIONS 64
#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

void
prune_init(struct prune *prune, int64_t keep_days, int64_t keep_events, int64_t round_ms)
{
    *prune = (struct prune){.keep_ms = keep_days * DAY_MS,
                            .keep_events = keep_events,
                            .round_ms = round_ms ? round_ms : ROUND_MS};
}

static int
run_removal(struct db *db, struct query *query, bool *has_removed)
{
    int rc = query_run(query);

    *has_removed = rc == SQLITE_OK && sqlite3_changes(db->handle) > 0;
    return rc;
}

/* Children before the session itself: that is what the foreign keys want. */
static int
purge(struct db *db, int64_t key)
{
    static const enum stmt children[] = {STMT_PURGE_EVENTS, STMT_PURGE_OBJECTS, STMT_PURGE_EPOCHS,
                                         STMT_PURGE_PLUGIN_KV};
    bool has_removed = false;
    struct query query;
    int rc = SQLITE_OK;

    for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++) {
        query = query_start(db, children[i]);
        query_int(&query, key);
        query_int(&query, STEP_ROWS);
        rc = run_removal(db, &query, &has_removed);
        if (rc != SQLITE_OK || has_removed)
            return rc;
    }
    query = query_start(db, STMT_PURGE_SESSION);
    query_int(&query, key);
    return query_run(&query);
}

static int
next_to_purge(struct db *db, int64_t *key, bool *is_any)
{
    struct query query = query_start(db, STMT_PURGE_NEXT);

    *is_any = query_row(&query);
    if (*is_any)
        *key = query_col_int(&query, 0);
    return query_end(&query);
}

struct edge {
    int64_t seq, time_ms;
};

/* The first or last event of a session; seq 0 if it has none. */
static int
find_edge(struct db *db, enum stmt which, int64_t key, struct edge *edge)
{
    struct query query = query_start(db, which);

    *edge = (struct edge){0, 0};
    query_int(&query, key);
    if (query_row(&query))
        *edge = (struct edge){query_col_int(&query, 0), query_col_int(&query, 1)};
    return query_end(&query);
}

static int
prune_events(const struct prune *prune, struct db *db, int64_t key, int64_t objects_seq,
             bool *has_removed)
{
    int64_t too_old_ms = prune->keep_ms ? clock_unix_ms() - prune->keep_ms : INT64_MIN;
    int64_t too_many, limit;
    struct edge first, last;
    struct query query;
    int rc = find_edge(db, STMT_EVENT_FIRST, key, &first);

    if (rc == SQLITE_OK)
        rc = find_edge(db, STMT_EVENT_LAST, key, &last);
    if (rc != SQLITE_OK || first.seq == 0)
        return rc;
    too_many = prune->keep_events ? last.seq - prune->keep_events : 0;
    limit = objects_seq < last.seq - 1 ? objects_seq : last.seq - 1;
    if (first.seq > limit || (first.seq > too_many && first.time_ms >= too_old_ms))
        return SQLITE_OK;
    query = query_start(db, STMT_PRUNE_EVENTS);
    query_int(&query, key);
    query_int(&query, first.seq);
    query_int(&query, limit < first.seq + STEP_ROWS ? limit : first.seq + STEP_ROWS - 1);
    query_int(&query, too_many);
    query_int(&query, too_old_ms);
    return run_removal(db, &query, has_removed);
}

static int
prune_epochs(struct db *db, int64_t key, bool *has_removed)
{
    struct query query = query_start(db, STMT_PRUNE_EPOCHS);

    query_int(&query, key);
    query_int(&query, STEP_ROWS);
    query_int(&query, KEEP_EPOCHS);
    return run_removal(db, &query, has_removed);
}

/* Goes on to the next session that is living; key 0 at the end of the round. */
static int
next_to_prune(struct prune *prune, struct db *db, int64_t *key, int64_t *objects_seq)
{
    struct query query = query_start(db, STMT_PRUNE_NEXT);

    *key = *objects_seq = 0;
    query_int(&query, prune->next_key - 1);
    if (query_row(&query)) {
        *key = query_col_int(&query, 0);
        *objects_seq = query_col_int(&query, 1);
    }
    return query_end(&query);
}

/* Looks at one session; removes at most one step's worth. */
static int
prune_session(struct prune *prune, struct db *db, int64_t key, int64_t objects_seq,
              bool *has_removed)
{
    int rc = prune_events(prune, db, key, objects_seq, has_removed);

    if (rc == SQLITE_OK && !*has_removed)
        rc = prune_epochs(db, key, has_removed);
    prune->next_key = *has_removed ? key : key + 1;
    return rc;
}

static int
prune_some(struct prune *prune, struct db *db, bool *is_more)
{
    bool has_removed = false;
    int64_t key, objects_seq;
    int rc = SQLITE_OK;

    for (int i = 0; i < STEP_SESSIONS && rc == SQLITE_OK && !has_removed; i++) {
        rc = next_to_prune(prune, db, &key, &objects_seq);
        if (rc != SQLITE_OK)
            return rc;
        if (key == 0) {
            prune->next_key = 1;
            prune->rest_until_ms = clock_mono_ms() + prune->round_ms;
            return SQLITE_OK;
        }
        rc = prune_session(prune, db, key, objects_seq, &has_removed);
    }
    *is_more = has_removed;
    return rc;
}

int
prune_step(struct prune *prune, struct db *db, bool *is_more)
{
    int64_t key = 0;
    int rc;

    *is_more = false;
    rc = next_to_purge(db, &key, is_more);
    if (rc == SQLITE_OK && *is_more)
        return purge(db, key);
    if (rc == SQLITE_OK && clock_mono_ms() >= prune->rest_until_ms)
        rc = prune_some(prune, db, is_more);
    return rc;
}
