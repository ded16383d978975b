/* See tally.h. */
#include "tally.h"

#include <stdio.h>

static const char *const names[TALLY_COUNT] = {
    [TALLY_CREATED] = "objects created",
    [TALLY_UPDATED] = "objects updated",
    [TALLY_DELETED] = "objects deleted",
    [TALLY_WORLD] = "worlds updated",
    [TALLY_SESSION_CREATED] = "sessions created",
    [TALLY_SESSION_DELETED] = "sessions deleted",
    [TALLY_VERSION_RIGHT] = "accepted with if_version",
    [TALLY_VERSION_WRONG] = "refused for if_version",
    [TALLY_ARRAY_ACCEPTED] = "arrays accepted",
    [TALLY_ARRAY_REFUSED] = "arrays refused for a later event",
    [TALLY_FORETOLD] = "requests foretold",
    [TALLY_MOVED] = "volatile events received",
    [TALLY_JOINED] = "joins answered by a snapshot",
    [TALLY_JOINED_IN_FLOW] = "... while events flowed",
    [TALLY_RESUMED_RING] = "resumes from the ring",
    [TALLY_RESUMED_STORE] = "resumes from the database",
    [TALLY_RESUMED_OTHER_LIFE] = "resumes of a session made again",
    [TALLY_LEFT] = "leaves",
    [TALLY_HUNG_UP] = "connections lost",
    [TALLY_CUT_SLOW] = "slow clients cut with 4008",
    [TALLY_PAUSED] = "senders found paused",
    [TALLY_NO_ROOM] = "refused as busy",
    [TALLY_EVICTED] = "evictions",
    [TALLY_RESTARTED] = "restarts at rest",
    [TALLY_CRASHED] = "restarts amid everything",
    [TALLY_FULL] = "commits failed: disk full",
    [TALLY_BUSY] = "commits failed: busy",
    [TALLY_IO_BEFORE] = "commits failed: I/O, nothing written",
    [TALLY_IO_UNKNOWN] = "commits failed: I/O, outcome unknown",
    [TALLY_CONSTRAINT] = "commits failed: constraint",
    [TALLY_CORRUPT] = "commits failed: corrupt",
    [TALLY_REOPEN_FAILED] = "reopenings failed",
    [TALLY_READ_FAILED] = "reads failed",
    [TALLY_OUTCOME_UNKNOWN] = "answers: outcome_unknown",
};

bool
tally_print(const struct tally *tally, uint64_t plays, uint64_t seldom)
{
    bool is_complete = true;

    for (int i = 0; i < TALLY_COUNT; i++) {
        bool is_enough = (uint64_t)tally->count[i] >= plays / seldom;

        printf("%8lld %s%s\n", (long long)tally->count[i], names[i], is_enough ? "" : ": TOO FEW");
        is_complete = is_complete && is_enough;
    }
    return is_complete;
}
