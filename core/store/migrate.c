/* Opening a database of any age: is it ours, how old is it, climb. */
#include "store/migrate.h"

#include "err.h"
#include "log.h"

#include <stdio.h>

/* "HD1" and a 1, in the header of the file. */
#define APPLICATION_ID 0x48443101
#define STRING_OF(number) #number
#define STRING(number) STRING_OF(number)

int
migrate_refuse(struct db *db, int rc, const char *path, struct buf *why)
{
    const char *text = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc);

    if ((rc & 0xff) == SQLITE_NOTADB) {
        buf_appendf(why, "%s: not a database; move the file away, or restore a backup", path);
        return HD1_ECORRUPT;
    }
    if (db_failure(rc) == HD1_ECORRUPT || (rc & 0xff) == SQLITE_ERROR) {
        buf_appendf(why, "%s: the database is damaged (%s); restore a backup", path, text);
        return HD1_ECORRUPT;
    }
    buf_appendf(why,
                "%s: cannot use the database: %s (code %d); look at the disk, its free space"
                " and the owner of the file",
                path, text, rc);
    return HD1_EIO;
}

static int
judge_foreign(int64_t version, int64_t tables, const char *path, struct buf *why)
{
    if (version == 0 && tables == 0)
        return 0;
    buf_appendf(why,
                "%s: a database of another program; name another directory with --data, or"
                " move the file away",
                path);
    return HD1_EFOREIGN;
}

static int
judge_version(int64_t version, const char *path, struct buf *why)
{
    if (version > migration_count) {
        buf_appendf(why,
                    "%s: made by a newer HD1 (form %lld, this build knows up to %d); start that"
                    " build, or restore a backup from before the upgrade",
                    path, (long long)version, migration_count);
        return HD1_EVERSION;
    }
    if (version < 1) {
        buf_appendf(why, "%s: the header says form %lld, which no HD1 makes; restore a backup",
                    path, (long long)version);
        return HD1_ECORRUPT;
    }
    return 0;
}

int
migrate_identify(struct db *db, const char *path, int64_t *version, struct buf *why)
{
    int64_t application = 0;
    int64_t tables = 0;
    int rc = db_get_int(db, "PRAGMA application_id", &application);

    if (rc == SQLITE_OK)
        rc = db_get_int(db, "PRAGMA user_version", version);
    if (rc == SQLITE_OK)
        rc = db_get_int(db, "SELECT count(*) FROM sqlite_schema", &tables);
    if (rc != SQLITE_OK)
        return migrate_refuse(db, rc, path, why);
    if (application == 0)
        return judge_foreign(*version, tables, path, why);
    if (application != APPLICATION_ID)
        return judge_foreign(*version, 1, path, why);
    return judge_version(*version, path, why);
}

static int
step(struct db *db, int64_t to)
{
    char stamp[64];
    int rc = db_exec(db, "BEGIN IMMEDIATE");

    snprintf(stamp, sizeof(stamp), "PRAGMA user_version = %lld", (long long)to);
    if (rc == SQLITE_OK)
        rc = db_exec(db, migrations[to - 1].sql);
    if (rc == SQLITE_OK)
        rc = db_exec(db, stamp);
    if (rc == SQLITE_OK)
        rc = db_exec(db, "PRAGMA application_id = " STRING(APPLICATION_ID));
    if (rc == SQLITE_OK)
        rc = db_exec(db, "COMMIT");
    return rc;
}

/* Which build opened it last: for people who look into the file. */
static int
sign(struct db *db)
{
    return db_exec(db, "INSERT INTO meta (key, value) VALUES ('version', '" HD1_VERSION "')"
                       " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
                       " WHERE value <> excluded.value");
}

int
migrate_climb(struct db *db, const char *path, int64_t version, struct buf *why)
{
    int rc = SQLITE_OK;
    int err = 0;

    while (rc == SQLITE_OK && version < migration_count) {
        rc = step(db, ++version);
        if (rc == SQLITE_OK) {
            log_info("store", "database migrated", log_str("file", path),
                     log_str("step", migrations[version - 1].name));
        }
    }
    if (rc == SQLITE_OK)
        rc = sign(db);
    if (rc != SQLITE_OK) {
        err = migrate_refuse(db, rc, path, why);
        (void)db_rollback(db);
    }
    return err;
}
