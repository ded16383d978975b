/*
 * What took longest in a round of the loop, for the watchdog: each step that may be slow notes its
 * time and its name; the slowest is named when the round as a whole was too long. Leaf; one thread.
 */
#ifndef HD1_WATCH_H
#define HD1_WATCH_H

#include <stdint.h>

#define WATCH_NOTE_US 1000 /* shorter steps are not named */

struct watch {
    int64_t worst_us; /* 0: nothing worth a name */
    char worst[160];
    int64_t steps; /* messages received in the round: many small ones add up too */
};

/* Cheap unless the step is the slowest of the round so far. */
void watch_note(struct watch *watch, int64_t us, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A new round begins. */
void watch_reset(struct watch *watch);

#endif
