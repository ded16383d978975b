/* See stats.h. */
#include "stats.h"

#include <string.h>

void
stats_init(struct stats *stats)
{
    memset(stats, 0, sizeof(*stats));
    stats->from_ns = stats->until_ns = stats->due_until_ns = UINT64_MAX;
}

bool
stats_is_counted(const struct stats *stats, uint64_t time_ns)
{
    return time_ns >= stats->from_ns && time_ns < stats->due_until_ns;
}

int64_t
stats_lost(const struct stats *stats)
{
    return (int64_t)stats->expected - (int64_t)stats->received;
}
