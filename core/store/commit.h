/*
 * Committing: the writer thread's work on one batch, and everything that can go wrong with it.
 *
 *   disk full, busy         a clean abort: nothing of the batch is there, HD1_EFULL or HD1_EBUSY
 *   constraint, corruption  each part again in a transaction of its own, so that one session cannot
 *                           fail the others; but the coupled ones and the kv together
 *   anything else           before COMMIT: not written, HD1_EIO. From COMMIT on the outcome is
 *                           unknown: the connection is closed and another one opened, the log is
 *                           settled into the database, and what is then there is the truth
 */
#ifndef HD1_STORE_COMMIT_H
#define HD1_STORE_COMMIT_H

#include "store/batch.h"
#include "store/db.h"
#include "store/env.h"

struct commit {
    const struct env *env;
    struct db db;         /* closed while reopening fails */
    atomic_bool is_ready; /* did the last commit work? Read by any thread */
    int last_rc;          /* the last failure: for the log */
    int64_t next_log_ms;  /* parts that failed alone are logged once a second */
};

/* Takes the connection. */
void commit_init(struct commit *commit, const struct env *env, const struct db *db);
/* Copies the log into the database, closes the connection. */
void commit_fini(struct commit *commit);
/* Writes the batch; sets the status of every part and of the kv, and commit_us. Coupled parts come
 * to stand before the others. */
void commit_batch(struct commit *commit, struct batch *batch);
/* Tries a commit that changes nothing of worth, to find out whether the disk works again. */
void commit_probe(struct commit *commit);

#endif
