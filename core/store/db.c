/* Opening connections: every setting has its reason beside it. */
#include "store/db.h"

#include "err.h"
#include "log.h"

#define ROLE_BIT(role) (1U << (role))
#define ROLES_ALL (~0U)
#define ROLES_WRITING (ROLE_BIT(DB_WRITER) | ROLE_BIT(DB_MAINTENANCE))

static const struct {
    unsigned roles;
    const char *sql;
} pragmas[] = {
    /* Writer and maintenance take turns; a turn is far shorter than this. */
    {ROLES_ALL, "PRAGMA busy_timeout = 2000"},
    /* The file may have been tampered with: its schema gets to call nothing with side effects. */
    {ROLES_ALL, "PRAGMA trusted_schema = OFF"},
    /* A damaged page is an error where it is met, not a wrong answer later. */
    {ROLES_ALL, "PRAGMA cell_size_check = ON"},
    /* No file outside of the data directory, not even for sorting. */
    {ROLES_ALL, "PRAGMA temp_store = MEMORY"},
    /* A checkpoint inside a COMMIT would make that commit slow: they are made apart, see
       checkpoint.h. */
    {ROLES_ALL, "PRAGMA wal_autocheckpoint = 0"},
    /* The log keeps its size when it starts over (growing a file costs), unless a burst blew it up.
     */
    {ROLES_WRITING, "PRAGMA journal_size_limit = 67108864"},
    /* What maintenance deletes may come back after a power cut; it deletes it again. */
    {ROLE_BIT(DB_MAINTENANCE), "PRAGMA synchronous = NORMAL"},
};

/* What durability means: FULL syncs the log at each commit, NORMAL at checkpoints only. */
static const char *const synchronous[] = {
    [STORE_FULL] = "PRAGMA synchronous = FULL",
    [STORE_PROCESS] = "PRAGMA synchronous = NORMAL",
};

int
db_exec(struct db *db, const char *sql)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

static int
set_pragmas(struct db *db, enum db_role role, enum store_durability durability)
{
    int rc = SQLITE_OK;

    for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]) && rc == SQLITE_OK; i++)
        if (pragmas[i].roles & ROLE_BIT(role))
            rc = db_exec(db, pragmas[i].sql);
    if (rc == SQLITE_OK && role == DB_WRITER)
        rc = db_exec(db, synchronous[durability]);
    return rc;
}

int
db_open(struct db *db, const char *path, enum db_role role, enum store_durability durability)
{
    bool is_reading = role == DB_READER || role == DB_CHECK;
    int flags = is_reading ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    int rc;

    *db = DB_INIT;
    rc = sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                         NULL);
    if (rc == SQLITE_OK) {
        /* A misspelt column in double quotes is an error, not a string. */
        sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
        sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
        rc = set_pragmas(db, role, durability);
    }
    if (rc != SQLITE_OK)
        db_close(db);
    return rc;
}

int
db_use_wal(struct db *db)
{
    sqlite3_stmt *stmt;
    bool is_wal = false;
    int rc = sqlite3_prepare_v2(db->handle, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);

    if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        is_wal = span_is(span_of((const char *)sqlite3_column_text(stmt, 0)), "wal");
    if (rc == SQLITE_OK)
        rc = sqlite3_finalize(stmt);
    /* A file system without shared memory cannot. */
    return rc == SQLITE_OK && !is_wal ? SQLITE_IOERR : rc;
}

int
db_prepare(struct db *db, enum db_role role)
{
    /* Not while migrating, where a table may have to be rebuilt. */
    int rc = db_exec(db, "PRAGMA foreign_keys = ON");

    return rc == SQLITE_OK ? stmt_prepare_all(db->handle, role, db->stmts) : rc;
}

int
db_connect(struct db *db, const char *path, enum db_role role, enum store_durability durability)
{
    int rc = db_open(db, path, role, durability);

    if (rc == SQLITE_OK)
        rc = db_prepare(db, role);
    if (rc != SQLITE_OK)
        db_close(db);
    return rc;
}

void
db_close(struct db *db)
{
    if (!db->handle)
        return;
    stmt_finalize_all(db->stmts);
    if (sqlite3_close(db->handle) != SQLITE_OK) {
        log_warn("store", "a connection did not close",
                 log_str("error", sqlite3_errmsg(db->handle)));
    }
    db->handle = NULL;
}

int
db_rollback(struct db *db)
{
    /* Some failures have ended the transaction already. */
    return sqlite3_get_autocommit(db->handle) ? SQLITE_OK : db_exec(db, "ROLLBACK");
}

int
db_get_int(struct db *db, const char *sql, int64_t *value)
{
    sqlite3_stmt *stmt;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);

    if (rc != SQLITE_OK)
        return rc;
    if (sqlite3_step(stmt) == SQLITE_ROW)
        *value = sqlite3_column_int64(stmt, 0);
    return sqlite3_finalize(stmt);
}

int
db_failure(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
        return 0;
    case SQLITE_FULL:
        return HD1_EFULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: /* lost every race for a lock of the log */
        return HD1_EBUSY;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
        return HD1_ECONSTRAINT;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return HD1_ECORRUPT;
    default:
        return HD1_EIO;
    }
}
