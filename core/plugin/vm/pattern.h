/*
 * Lua's patterns, as its manual says them (6.4.1), matched in steps that are counted: Lua's own
 * matcher cannot be stopped, and may take a time like the subject's length to the power of the
 * repetitions. Every step is charged to the call's budget, so what is cheap may be as long as it
 * wants. Errors have Lua's own texts.
 */
#ifndef HD1_PLUGIN_VM_PATTERN_H
#define HD1_PLUGIN_VM_PATTERN_H

#include "span.h"

#include <lua.h>
#include <stdint.h>

#define PATTERN_CAPTURES_MAX 32

struct pattern_capture {
    const char *at;
    ptrdiff_t len; /* or CAPTURE_OPEN, CAPTURE_POSITION, in pattern.c */
};

/* On the stack of whoever matches; both texts are Lua strings that are held meanwhile. */
struct pattern {
    lua_State *L;
    const char *subject, *subject_end;
    const char *text, *end;
    int64_t steps; /* that are left of what was paid for, or will be */
    int depth;     /* of the matcher in itself */
    int count;     /* of the captures of the last match */
    struct pattern_capture captures[PATTERN_CAPTURES_MAX];
};

/* text: without the ^ in front, where that has a meaning. Borrows both. */
void pattern_init(struct pattern *pattern, lua_State *L, struct span subject, struct span text);
/*
 * The end of the match that begins at `at`, in the subject; NULL if there is none. Raises if the
 * pattern is malformed, and when the budget is used up.
 */
const char *pattern_match(struct pattern *pattern, const char *at);
/* Counts work that is done with a match. May raise. */
void pattern_spend(struct pattern *pattern, size_t steps);
/* Charges what was counted and not paid yet. Call it before results are pushed: it may raise. */
void pattern_settle(struct pattern *pattern);

/* Pushes capture number i, from 0; of a pattern without any, 0 is the match, at to end. [-0, +1] */
void pattern_push_capture(struct pattern *pattern, int i, const char *at, const char *end);
/* Pushes all captures and returns how many; of a pattern without any, the match; at NULL: nothing.
 */
int pattern_push_captures(struct pattern *pattern, const char *at, const char *end);

#endif
