/* All SQL of the running server. Nothing is assembled: what varies is a parameter. */
#include "store/stmt.h"

#include "log.h"
#include "store/db.h"

#include <assert.h>

#define W (1U << DB_WRITER)
#define R (1U << DB_READER)
#define M (1U << DB_MAINTENANCE)

/* NULL if the column, damaged on disk, holds no JSON. */
#define JSON(column) "iif(json_valid(" column "), " column ", NULL)"

static const struct {
    unsigned roles;
    const char *sql;
} list[STMT_COUNT] = {
    /* IMMEDIATE: waits for the other writer here, not in the middle. */
    [STMT_BEGIN_WRITE] = {W, "BEGIN IMMEDIATE"},
    [STMT_BEGIN_READ] = {R, "BEGIN"},
    [STMT_COMMIT] = {W | R, "COMMIT"},

    /* What a batch writes: part.c. */
    [STMT_SESSION_CREATE] = {W, "INSERT INTO sessions (key, id, created_ms, world, script)"
                                " VALUES (?1, ?2, ?3, ?4, ?5)"},
    [STMT_SESSION_UPDATE] = {W, "UPDATE sessions SET world = coalesce(?2, world),"
                                " camera = coalesce(?3, camera), script = coalesce(?4, script),"
                                " objects_seq = iif(?5 < 0, objects_seq, ?5),"
                                " world_version = iif(?2 IS NULL, world_version, ?6)"
                                " WHERE key = ?1"},
    [STMT_SESSION_MARK_DELETED] = {W, "UPDATE sessions SET state = 1 WHERE key = ?1 AND state = 0"},
    [STMT_EPOCH_ADD] = {W, "INSERT INTO epochs (session, epoch, first_seq) VALUES (?1, ?2, ?3)"},
    [STMT_EVENT_ADD] = {W, "INSERT INTO events"
                           " (session, seq, time_ms, type, client_id, client_msg_id, body)"
                           " VALUES (?1, ?2, ?3, ?4, ?5, nullif(?6, 0), ?7)"},
    [STMT_OBJECT_PUT] = {W, "INSERT INTO objects (session, name, version, time_ms, body, writer)"
                            " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                            " ON CONFLICT (session, name) DO UPDATE SET version = excluded.version,"
                            " time_ms = excluded.time_ms, body = excluded.body,"
                            " writer = excluded.writer"},
    [STMT_OBJECT_DELETE] = {W, "DELETE FROM objects WHERE session = ?1 AND name = ?2"},
    [STMT_META_PUT] = {W, "INSERT INTO meta (key, value) VALUES (?1, ?2)"
                          " ON CONFLICT (key) DO UPDATE SET value = excluded.value"},
    [STMT_KV_PUT] = {W, "INSERT INTO plugin_kv (session, plugin, key, value)"
                        " VALUES (0, ?1, ?2, ?3) ON CONFLICT (session, plugin, key)"
                        " DO UPDATE SET value = excluded.value"},
    [STMT_KV_DELETE] = {W, "DELETE FROM plugin_kv WHERE session = 0 AND plugin = ?1 AND key = ?2"},

    /* Looking whether a batch was written, after an unknown outcome: part.c. */
    [STMT_SESSION_BY_KEY] = {W, "SELECT state, objects_seq, world, camera, script FROM sessions"
                                " WHERE key = ?1"},
    [STMT_EPOCH_FIND] = {W, "SELECT first_seq FROM epochs WHERE session = ?1 AND epoch = ?2"},
    [STMT_EVENT_FIND] = {W, "SELECT time_ms, type, client_id, coalesce(client_msg_id, 0), body"
                            " FROM events WHERE session = ?1 AND seq = ?2"},
    [STMT_OBJECT_FIND] = {W, "SELECT version, time_ms, body FROM objects"
                             " WHERE session = ?1 AND name = ?2"},
    [STMT_KV_FIND] = {W, "SELECT value FROM plugin_kv"
                         " WHERE session = 0 AND plugin = ?1 AND key = ?2"},

    /* What the hub asks for: load.c, history.c, list.c, kv.c. */
    [STMT_SESSION_BY_ID] =
        {R, "SELECT key, created_ms, objects_seq, " JSON(
                "world") ","
                         " camera IS NULL, " JSON(
                             "camera") ", script, world_version"
                                       " FROM sessions WHERE id = ?1 AND state = 0"},
    [STMT_SESSION_LIST] = {R, "SELECT id, script, created_ms,"
                              " (SELECT coalesce(max(seq), 0) FROM events WHERE session = key)"
                              " FROM sessions WHERE state = 0 AND id > ?1 ORDER BY id LIMIT ?2"},
    [STMT_EPOCH_LIST] = {R, "SELECT epoch, first_seq FROM epochs WHERE session = ?1"
                            " ORDER BY first_seq, id"},
    [STMT_OBJECT_LIST] = {R, "SELECT name, version, time_ms, " JSON("body") ", writer FROM objects"
                                                                            " WHERE session = ?1"},
    [STMT_EVENT_LIST] = {R, "SELECT seq, time_ms, type, client_id, coalesce(client_msg_id, 0),"
                            " " JSON(
                                "body") " FROM events WHERE session = ?1 AND seq > ?2 AND seq <= ?3"
                                        " ORDER BY seq LIMIT ?4"},
    [STMT_EVENT_FIRST] = {R | M, "SELECT seq, time_ms FROM events WHERE session = ?1"
                                 " ORDER BY seq LIMIT 1"},
    [STMT_EVENT_LAST] = {R | M, "SELECT seq, time_ms FROM events WHERE session = ?1"
                                " ORDER BY seq DESC LIMIT 1"},
    [STMT_KV_LIST] = {R, "SELECT key, value FROM plugin_kv WHERE session = 0 AND plugin = ?1"
                         " ORDER BY key"},

    /* What maintenance removes, one short statement at a time: prune.c. */
    [STMT_PURGE_NEXT] = {M, "SELECT key FROM sessions WHERE state = 1 LIMIT 1"},
    [STMT_PURGE_EVENTS] = {M, "DELETE FROM events WHERE id IN"
                              " (SELECT id FROM events WHERE session = ?1 LIMIT ?2)"},
    [STMT_PURGE_OBJECTS] = {M, "DELETE FROM objects WHERE session = ?1 AND name IN"
                               " (SELECT name FROM objects WHERE session = ?1 LIMIT ?2)"},
    [STMT_PURGE_EPOCHS] = {M, "DELETE FROM epochs WHERE id IN"
                              " (SELECT id FROM epochs WHERE session = ?1 LIMIT ?2)"},
    [STMT_PURGE_PLUGIN_KV] = {M,
                              "DELETE FROM plugin_kv WHERE session = ?1 AND (plugin, key) IN"
                              " (SELECT plugin, key FROM plugin_kv WHERE session = ?1 LIMIT ?2)"},
    [STMT_PURGE_SESSION] = {M, "DELETE FROM sessions WHERE key = ?1 AND state = 1"},
    [STMT_PRUNE_NEXT] = {M, "SELECT key, objects_seq FROM sessions WHERE key > ?1 AND state = 0"
                            " ORDER BY key LIMIT 1"},
    [STMT_PRUNE_EVENTS] = {M, "DELETE FROM events WHERE session = ?1 AND seq >= ?2 AND seq <= ?3"
                              " AND (seq <= ?4 OR time_ms < ?5)"},
    [STMT_PRUNE_EPOCHS] = {M, "DELETE FROM epochs WHERE id IN (SELECT id FROM epochs"
                              " WHERE session = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3)"},
};

int
stmt_prepare_all(sqlite3 *handle, enum db_role role, sqlite3_stmt **stmts)
{
    int rc = SQLITE_OK;

    for (int i = 0; i < STMT_COUNT && rc == SQLITE_OK; i++) {
        if (!(list[i].roles & (1U << role)))
            continue;
        rc =
            sqlite3_prepare_v3(handle, list[i].sql, -1, SQLITE_PREPARE_PERSISTENT, &stmts[i], NULL);
        if (rc != SQLITE_OK) {
            log_error("store", "a statement cannot be prepared",
                      log_str("error", sqlite3_errmsg(handle)), log_str("sql", list[i].sql));
        }
    }
    return rc;
}

void
stmt_finalize_all(sqlite3_stmt **stmts)
{
    for (int i = 0; i < STMT_COUNT; i++) {
        sqlite3_finalize(stmts[i]);
        stmts[i] = NULL;
    }
}

struct query
query_start(struct db *db, enum stmt which)
{
    assert(db->stmts[which]);
    return (struct query){db->stmts[which], SQLITE_OK, 0};
}

void
query_int(struct query *query, int64_t number)
{
    if (query->rc == SQLITE_OK)
        query->rc = sqlite3_bind_int64(query->stmt, ++query->bound, number);
}

void
query_text(struct query *query, struct span text)
{
    if (query->rc == SQLITE_OK) {
        query->rc = sqlite3_bind_text64(query->stmt, ++query->bound, text.at, text.len,
                                        SQLITE_STATIC, SQLITE_UTF8);
    }
}

bool
query_row(struct query *query)
{
    int rc;

    if (query->rc != SQLITE_OK)
        return false;
    rc = sqlite3_step(query->stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        query->rc = rc;
    return rc == SQLITE_ROW;
}

int64_t
query_col_int(const struct query *query, int col)
{
    return sqlite3_column_int64(query->stmt, col);
}

struct span
query_col_text(const struct query *query, int col)
{
    /* The text first: asking for it settles what the length counts. */
    const char *text = (const char *)sqlite3_column_text(query->stmt, col);

    return text ? (struct span){text, (size_t)sqlite3_column_bytes(query->stmt, col)} : SPAN_NONE;
}

int
query_end(struct query *query)
{
    int rc = sqlite3_reset(query->stmt);

    return query->rc != SQLITE_OK ? query->rc : rc;
}

int
query_run(struct query *query)
{
    (void)query_row(query);
    return query_end(query);
}
