/*
 * How many instructions a call may take, and how much time: single instructions may be slow
 * (joining two strings of megabytes), so the clock is looked at as well. Knows nothing of Lua. One
 * thread at a time, the same from budget_begin() on.
 */
#ifndef HD1_PLUGIN_VM_BUDGET_H
#define HD1_PLUGIN_VM_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget {
    int64_t instructions; /* of each call; may be set between calls */
    int64_t left;         /* of this call */
    int64_t deadline_us;  /* of this call; 0: the clock was not looked at yet */
    int64_t cpu_start_us; /* 0: the deadline was never passed */
    bool is_over;
};

/* A call begins, with all of the budget. */
void budget_begin(struct budget *budget);
/* False: it is used up, now or earlier in this call. */
bool budget_spend(struct budget *budget, int64_t instructions);

#endif
