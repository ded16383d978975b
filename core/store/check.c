/* `hd1 check --database`: looks, changes nothing. Works beside a running server, too. */
#include "err.h"
#include "store/migrate.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* SQLite's findings, one a line; "ok" alone means none. */
static int
check_pages(struct db *db, const char *path, struct buf *why)
{
    sqlite3_stmt *stmt;
    int err = 0;
    int rc = sqlite3_prepare_v2(db->handle, "PRAGMA quick_check(20)", -1, &stmt, NULL);

    if (rc != SQLITE_OK)
        return migrate_refuse(db, rc, path, why);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *finding = (const char *)sqlite3_column_text(stmt, 0);

        if (!span_is(span_of(finding), "ok")) {
            buf_appendf(why, "%s: %s\n", path, finding ? finding : "out of memory");
            err = HD1_ECORRUPT;
        }
    }
    rc = sqlite3_finalize(stmt);
    if (rc != SQLITE_OK)
        return migrate_refuse(db, rc, path, why);
    if (err)
        buf_appendf(why, "%s: the database is damaged; restore a backup", path);
    return err;
}

static int
check_opened(struct db *db, const char *path, struct buf *why)
{
    int64_t version = 0;
    int err = migrate_identify(db, path, &version, why);

    if (!err)
        err = check_pages(db, path, why);
    if (!err && version < migration_count) {
        buf_appendf(why, "%s: form %lld; will climb to %d when a server opens it", path,
                    (long long)version, migration_count);
    } else if (!err) {
        buf_appendf(why, "%s: form %lld, no damage found", path, (long long)version);
    }
    return err;
}

int
store_check(const char *dir, struct buf *why)
{
    struct buf path = BUF_INIT;
    struct db db;
    int err, rc;

    buf_appendf(&path, "%s/hd1.db", dir);
    if (access(buf_cstr(&path), R_OK) != 0) {
        buf_appendf(why, "%s: %s", path.data, strerror(errno));
        err = errno == ENOENT ? HD1_ENOENT : HD1_EIO;
        goto out;
    }
    rc = db_open(&db, path.data, DB_CHECK, STORE_FULL);
    err = rc == SQLITE_OK ? check_opened(&db, path.data, why)
                          : migrate_refuse(&db, rc, path.data, why);
    db_close(&db);
out:
    buf_fini(&path);
    return err;
}
