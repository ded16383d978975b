/*
 * A connection to the database, with the statements of its role prepared. One thread uses it at a
 * time. Functions here return SQLite result codes (extended); db_failure() makes ours of them.
 */
#ifndef HD1_STORE_DB_H
#define HD1_STORE_DB_H

#include "store/stmt.h"
#include "store/store.h"

#include <sqlite3.h>

struct db {
    sqlite3 *handle; /* NULL: closed */
    sqlite3_stmt *stmts[STMT_COUNT];
};

#define DB_INIT ((struct db){NULL, {NULL}})

/*
 * Opens the file, which must exist (a lost disk must not become an empty database), and sets what
 * is set per connection. No statement is prepared and nothing is written yet. Closed upon failure.
 */
int db_open(struct db *db, const char *path, enum db_role role, enum store_durability durability);
/* Makes the database keep a write-ahead log; remembered in the file. */
int db_use_wal(struct db *db);
/* After migrating: foreign keys on, the statements of the role prepared. */
int db_prepare(struct db *db, enum db_role role);
/* Opens and prepares in one go, a database that is known to be ours. */
int db_connect(struct db *db, const char *path, enum db_role role,
               enum store_durability durability);
/* Rolls back what is open. Legal when closed. */
void db_close(struct db *db);
/* Ends a transaction if there is one. */
int db_rollback(struct db *db);

/* Runs SQL of ours that returns nothing. */
int db_exec(struct db *db, const char *sql);
/* The first column of the first row. */
int db_get_int(struct db *db, const char *sql, int64_t *value);

/* 0, HD1_EFULL, HD1_EBUSY, HD1_ECONSTRAINT, HD1_ECORRUPT, or HD1_EIO for everything else. */
int db_failure(int rc);

#endif
