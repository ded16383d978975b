/*
 * How many instructions a call may take, and how much time of its thread's: single instructions may
 * be slow (joining two strings of megabytes), so the clock is looked at as well. Knows nothing of
 * Lua. One thread at a time, the same from budget_begin() on.
 */
#ifndef HD1_PLUGIN_VM_BUDGET_H
#define HD1_PLUGIN_VM_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#define BUDGET_LOOK 250 /* instructions between two looks at the clock */

struct budget {
    int64_t instructions; /* of each call; may be set between calls */
    int64_t left;         /* of this call */
    int64_t start_us;     /* when it began */
    int64_t check_us;     /* it cannot be late before */
    int64_t cpu_start_us; /* the thread's time when it began; 0: not known yet */
    int unseen;           /* instructions since the last look at the clock */
    bool is_over;
};

/* A call begins, with all of the budget; its time counts from here. */
void budget_begin(struct budget *budget, int64_t now_us);
/* Looks at the clock. False: the budget is used up, now or earlier in this call. */
bool budget_spend(struct budget *budget, int64_t instructions);
/* The same for what may be little: the clock is looked at once BUDGET_LOOK are together. */
bool budget_spend_some(struct budget *budget, int64_t instructions);

#endif
