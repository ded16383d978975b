/*
 * What is counted. Messages carry the time at which they were due or sent; those of the measuring
 * window count, whenever they come back. What a second of the window brought counts apart.
 */
#ifndef HD1_BENCH_WSLOAD_STATS_H
#define HD1_BENCH_WSLOAD_STATS_H

#include "histogram.h"

#include <stdbool.h>
#include <stdint.h>

struct stats {
    uint64_t from_ns, until_ns; /* the measuring window; both UINT64_MAX before it */
    uint64_t due_until_ns;      /* messages due before this count */
    /* Messages of the window. */
    uint64_t sent, expected, received;
    uint64_t frames; /* with such a message in them */
    /* Whatever came in the window. */
    uint64_t received_meanwhile, frames_meanwhile, bytes_meanwhile;
    uint64_t skipped_sends, blocked_sends, pings, other_messages;
    struct histogram latency; /* from the message's time to the read that brought it */
    struct histogram lag;     /* from when it was due to when it was sent */
    struct histogram connecting;
};

void stats_init(struct stats *stats);
/* Is a message of this time one of the window? */
bool stats_is_counted(const struct stats *stats, uint64_t time_ns);
/* Deliveries that were expected and did not come; below 0 if more came. */
int64_t stats_lost(const struct stats *stats);

#endif
