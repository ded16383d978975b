/*
 * Pruning and purging: removing rows that nobody needs, in steps so short that the writer, which
 * has to wait for the one under way, does not notice.
 *
 * Purging takes all rows of a deleted session. Pruning takes the oldest events of a living one,
 * those beyond keep_days or keep_events; but never one above objects_seq (loading replays those)
 * and never the newest (it tells the session's seq), and epochs beyond the newest thousand.
 */
#ifndef HD1_STORE_PRUNE_H
#define HD1_STORE_PRUNE_H

#include "store/db.h"

struct prune {
    int64_t keep_ms;       /* 0: for ever */
    int64_t keep_events;   /* 0: all */
    int64_t round_ms;      /* between two rounds */
    int64_t next_key;      /* sessions are looked at in the order of their keys */
    int64_t rest_until_ms; /* a round has ended; monotonic */
};

/* round_ms 0: a minute. */
void prune_init(struct prune *prune, int64_t keep_days, int64_t keep_events, int64_t round_ms);
/* Does one step of at most 500 rows. *is_more: there may be another one to do at once. An SQLite
 * code. */
int prune_step(struct prune *prune, struct db *db, bool *is_more);

#endif
