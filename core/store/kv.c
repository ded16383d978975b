/* Where what a plugin keeps becomes a row. kv_find() knows the same rows: change both together. */
#include "store/kv.h"

static int
write_one(struct db *db, const struct env *env, const struct batch_kv *kv)
{
    struct query query;
    int rc = env_fault(env, STORE_POINT_KV);

    if (rc != SQLITE_OK)
        return rc;
    query = query_start(db, kv->value.at ? STMT_KV_PUT : STMT_KV_DELETE);
    query_text(&query, kv->owner);
    query_text(&query, kv->key);
    if (kv->value.at)
        query_text(&query, kv->value);
    return query_run(&query);
}

int
kv_write(struct db *db, const struct env *env, const struct batch_kv *first)
{
    int rc = SQLITE_OK;

    for (const struct batch_kv *kv = first; kv && rc == SQLITE_OK; kv = kv->next)
        rc = write_one(db, env, kv);
    return rc;
}

static int
find_one(struct db *db, const struct batch_kv *kv, bool *is_there)
{
    struct query query = query_start(db, STMT_KV_FIND);
    bool has_row;

    query_text(&query, kv->owner);
    query_text(&query, kv->key);
    has_row = query_row(&query);
    *is_there = kv->value.at ? has_row && span_eq(query_col_text(&query, 0), kv->value) : !has_row;
    return query_end(&query);
}

int
kv_find(struct db *db, const struct batch_kv *first, bool *are_there)
{
    int rc = SQLITE_OK;

    *are_there = true;
    for (const struct batch_kv *kv = first; kv && rc == SQLITE_OK && *are_there; kv = kv->next)
        rc = find_one(db, kv, are_there);
    return rc;
}
