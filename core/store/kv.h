/* The rows of what plugins keep: written by the writer, looked for after an unknown outcome. */
#ifndef HD1_STORE_KV_H
#define HD1_STORE_KV_H

#include "store/batch.h"
#include "store/db.h"
#include "store/env.h"

#include <stdbool.h>

/* Writes all of them, inside a transaction. An SQLite code. */
int kv_write(struct db *db, const struct env *env, const struct batch_kv *first);
/* Are all rows as they were to be? An SQLite code. */
int kv_find(struct db *db, const struct batch_kv *first, bool *are_there);

#endif
