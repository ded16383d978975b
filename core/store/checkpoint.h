/*
 * Checkpoints: copying the write-ahead log into the database. Nothing does it by itself (see db.c).
 *
 * Maintenance copies most of the log while the writer goes on, but can never be quite done: a
 * commit came in meanwhile, and as long as one frame is left the log cannot start over. So the
 * writer, once it has acknowledged a batch after such a pass, copies the little that is left.
 * Without either half the log grows without end.
 */
#ifndef HD1_STORE_CHECKPOINT_H
#define HD1_STORE_CHECKPOINT_H

#include "store/db.h"
#include "store/env.h"

/* Copies what can be copied without waiting. SQLITE_BUSY if somebody else is at it. */
int checkpoint_pass(struct db *db);
/*
 * Copies everything and empties the log, for good: afterwards not even a power cut brings back what
 * was in the log and not part of the database as this connection sees it. Waits for
 * others, a few seconds at most: then SQLITE_BUSY.
 */
int checkpoint_settle(struct db *db, const struct env *env);

#endif
