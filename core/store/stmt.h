/*
 * The statements: all SQL that runs while the server serves, in one list (stmt.c), prepared when a
 * connection opens, so that a typo fails at start. A query is one of them being filled and run.
 */
#ifndef HD1_STORE_STMT_H
#define HD1_STORE_STMT_H

#include "span.h"

#include <sqlite3.h>
#include <stdint.h>

enum db_role { DB_WRITER, DB_READER, DB_MAINTENANCE, DB_CHECK };

enum stmt {
    STMT_BEGIN_WRITE,
    STMT_BEGIN_READ,
    STMT_COMMIT,

    STMT_SESSION_CREATE,
    STMT_SESSION_UPDATE,
    STMT_SESSION_MARK_DELETED,
    STMT_EPOCH_ADD,
    STMT_EVENT_ADD,
    STMT_OBJECT_PUT,
    STMT_OBJECT_DELETE,
    STMT_META_PUT,
    STMT_KV_PUT,
    STMT_KV_DELETE,

    STMT_SESSION_BY_KEY,
    STMT_EPOCH_FIND,
    STMT_EVENT_FIND,
    STMT_OBJECT_FIND,
    STMT_KV_FIND,

    STMT_SESSION_BY_ID,
    STMT_SESSION_LIST,
    STMT_EPOCH_LIST,
    STMT_OBJECT_LIST,
    STMT_EVENT_LIST,
    STMT_EVENT_FIRST,
    STMT_EVENT_LAST,
    STMT_KV_LIST,

    STMT_PURGE_NEXT,
    STMT_PURGE_EVENTS,
    STMT_PURGE_OBJECTS,
    STMT_PURGE_EPOCHS,
    STMT_PURGE_PLUGIN_KV,
    STMT_PURGE_SESSION,
    STMT_PRUNE_NEXT,
    STMT_PRUNE_EVENTS,
    STMT_PRUNE_EPOCHS,

    STMT_COUNT
};

/* Prepares those that the role uses. Upon failure some may be prepared: finalize them. */
int stmt_prepare_all(sqlite3 *handle, enum db_role role, sqlite3_stmt **stmts);
void stmt_finalize_all(sqlite3_stmt **stmts);

struct db;

struct query {
    sqlite3_stmt *stmt;
    int rc;    /* the first failure, or SQLITE_OK; what follows a failure does nothing */
    int bound; /* parameters filled so far */
};

/* The statement must belong to the connection's role. Parameters are filled in their order. */
struct query query_start(struct db *db, enum stmt which);
void query_int(struct query *query, int64_t number);
/* Borrows the bytes until the query ends. SPAN_NONE is NULL. */
void query_text(struct query *query, struct span text);
/* Goes to the next row; false at the end or after a failure. */
bool query_row(struct query *query);
/* Columns of the present row. Text is lent until the next row; NULL is SPAN_NONE. */
int64_t query_col_int(const struct query *query, int col);
struct span query_col_text(const struct query *query, int col);
/* Resets the statement; the first failure, or SQLITE_OK. Every query must end. */
int query_end(struct query *query);
/* Runs to the end, wanting no rows, and ends. */
int query_run(struct query *query);

#endif
