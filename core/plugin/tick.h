/*
 * on_tick of one plugin: one beat for all sessions with somebody in them. A beat goes through them
 * in turn; what does not fit into one run goes on in the next, and a beat that would begin before
 * the one before it is through is left out. So a costly on_tick makes its own ticks sparser.
 */
#ifndef HD1_PLUGIN_TICK_H
#define HD1_PLUGIN_TICK_H

#include "table.h"

#include <stddef.h>
#include <stdint.h>

#define TICK_HZ_DEFAULT 10
#define TICK_HZ_MAX 60
#define TICK_DT_MAX_S 1.0

struct ticker {
    double hz;           /* 0: there is no on_tick */
    int64_t base_ms;     /* beats are counted from here */
    int64_t beat;        /* the next one: at base_ms + beat * 1000 / hz; 0: not begun */
    int64_t due_ms;      /* when that is */
    size_t left;         /* sessions that the beat under way has still to go through */
    size_t at;           /* the next of them, in session_next_joined() */
    struct table places; /* session id -> what each session was told last */
};

/* What on_tick is told. */
struct tick {
    int64_t number;
    double dt_s;
};

void ticker_fini(struct ticker *ticker);

#endif
