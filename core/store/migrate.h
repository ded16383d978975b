/* Migrations: the one way to make a database is to climb from 0, a transaction per step. */
#ifndef HD1_STORE_MIGRATE_H
#define HD1_STORE_MIGRATE_H

#include "buf.h"
#include "store/db.h"

struct migration {
    const char *name;
    const char *sql;
};

/* schema/sql, embedded by the build; number i makes version i + 1. */
extern const struct migration migrations[];
extern const int migration_count;

/*
 * Whose database is this? *version is that of its form: 0 if empty, at most migration_count. Writes
 * nothing. Else HD1_EVERSION, HD1_EFOREIGN, HD1_ECORRUPT or HD1_EIO, the reason and the remedy
 * appended to why. path is for the text.
 */
int migrate_identify(struct db *db, const char *path, int64_t *version, struct buf *why);
/* Climbs from version to the newest. 0, or HD1_ECORRUPT or HD1_EIO with the reason. */
int migrate_climb(struct db *db, const char *path, int64_t version, struct buf *why);
/* Appends what SQLite said about rc and gives HD1_ECORRUPT or HD1_EIO for it. */
int migrate_refuse(struct db *db, int rc, const char *path, struct buf *why);

#endif
