/* The budget of a call. */
#include "plugin/vm/budget.h"

#include "clock.h"

#define INSTRUCTIONS_PER_US 20 /* the time of a call: its budget divided by this */

static int64_t
slice_us(const struct budget *budget)
{
    return budget->instructions / INSTRUCTIONS_PER_US;
}

void
budget_begin(struct budget *budget, int64_t now_us)
{
    *budget = (struct budget){
        .instructions = budget->instructions,
        .left = budget->instructions,
        .start_us = now_us,
        .check_us = now_us + slice_us(budget) / 8,
    };
}

/*
 * Late is who really had the CPU for so long: a busy machine is no crime. Asking how long that was
 * costs ten times what the clock does, so calls that are short by the clock are not asked. At the
 * first time what has gone by counts, but as half the time at most.
 */
static bool
is_late(struct budget *budget)
{
    int64_t now_us = clock_mono_us(), cpu_us, had_us;

    if (now_us < budget->check_us)
        return false;
    cpu_us = clock_thread_ns() / 1000;
    had_us = now_us - budget->start_us;
    if (budget->cpu_start_us == 0)
        budget->cpu_start_us =
            cpu_us - (had_us < slice_us(budget) / 2 ? had_us : slice_us(budget) / 2);
    had_us = cpu_us - budget->cpu_start_us;
    budget->check_us = now_us + slice_us(budget) - had_us;
    return had_us >= slice_us(budget);
}

bool
budget_spend(struct budget *budget, int64_t instructions)
{
    budget->left -= instructions;
    budget->unseen = 0;
    if (budget->left <= 0 || is_late(budget))
        budget->is_over = true;
    return !budget->is_over;
}

bool
budget_spend_some(struct budget *budget, int64_t instructions)
{
    if (instructions >= BUDGET_LOOK - budget->unseen)
        return budget_spend(budget, instructions);
    budget->unseen += (int)instructions;
    budget->left -= instructions;
    if (budget->left <= 0)
        budget->is_over = true;
    return !budget->is_over;
}
