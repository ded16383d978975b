/* A part of a batch as rows: writing them, and telling later whether they were written. */
#ifndef HD1_STORE_PART_H
#define HD1_STORE_PART_H

#include "store/batch.h"
#include "store/db.h"
#include "store/env.h"

/* Writes all rows of the part, inside a transaction of the writer. An SQLite code. */
int part_write(struct db *db, const struct env *env, const struct batch_part *part);

/*
 * Is what the part wanted in the database? For a part whose COMMIT had no known outcome: its newest
 * event decides, or, if it has none, all rows it would have written. An SQLite code.
 */
int part_find(struct db *db, const struct batch_part *part, bool *is_there);

#endif
