/*
 * Many plays, each from a seed. They are played in processes apart, so that one that crashes or
 * hangs is named and the others go on; some in each process, since to start one costs more than to
 * play.
 */
#ifndef HD1_TESTS_MODEL_SEEDS_H
#define HD1_TESTS_MODEL_SEEDS_H

#include "tally.h"

/* Plays one seed in this process; 0 if it went well. Counts into tally. */
typedef int (*seed_fn)(uint64_t seed, struct tally *tally);

/* Plays first..last; each that fails is named with the command that plays it again. Returns how
 * many failed; what happened in all is in *tally. */
uint64_t seeds_play(uint64_t first, uint64_t last, seed_fn play, struct tally *tally);
/* Names the first of those again: below the verdict, where who reads only that sees them. */
void seeds_print_failed(void);

#endif
