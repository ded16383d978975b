/*
 * What happened in the plays, counted: a model test that never met a failed commit has not tested
 * one. The counts are kept in memory that the processes of a run share.
 */
#ifndef HD1_TESTS_MODEL_TALLY_H
#define HD1_TESTS_MODEL_TALLY_H

#include <stdbool.h>
#include <stdint.h>

enum happening {
    /* accepted, and seen by somebody */
    TALLY_CREATED,
    TALLY_UPDATED,
    TALLY_DELETED,
    TALLY_WORLD,
    TALLY_SESSION_CREATED,
    TALLY_SESSION_DELETED,
    TALLY_VERSION_RIGHT, /* with if_version */
    TALLY_VERSION_WRONG,
    TALLY_ARRAY_ACCEPTED,
    TALLY_ARRAY_REFUSED, /* for an event behind its first */
    TALLY_FORETOLD,
    TALLY_MOVED, /* volatile */
    /* who came and went */
    TALLY_JOINED,
    TALLY_JOINED_IN_FLOW, /* events were committed between the join and its last page */
    TALLY_RESUMED_RING,
    TALLY_RESUMED_STORE,
    TALLY_RESUMED_OTHER_LIFE, /* the session was deleted and made again: a snapshot */
    TALLY_LEFT,
    TALLY_HUNG_UP,
    TALLY_CUT_SLOW, /* 4008 */
    TALLY_PAUSED,   /* was about to send and is not read from */
    TALLY_NO_ROOM,  /* refused: too much is pending, or waits */
    TALLY_EVICTED,
    TALLY_RESTARTED,
    TALLY_CRASHED,
    /* commits that failed */
    TALLY_FULL,
    TALLY_BUSY,
    TALLY_IO_BEFORE,  /* the outcome is known: nothing was written */
    TALLY_IO_UNKNOWN, /* at COMMIT or after it */
    TALLY_CONSTRAINT,
    TALLY_CORRUPT,
    TALLY_REOPEN_FAILED,
    TALLY_READ_FAILED,
    TALLY_OUTCOME_UNKNOWN, /* and somebody was told so */
    TALLY_COUNT
};

struct tally {
    int64_t count[TALLY_COUNT];
};

/* One line per kind; false if one of them happened less than once per `seldom` plays. */
bool tally_print(const struct tally *tally, uint64_t plays, uint64_t seldom);

#endif
