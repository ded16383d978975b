/* The budget of a call. */
#include "plugin/vm/budget.h"

#include "clock.h"

#include <time.h>

#define INSTRUCTIONS_PER_US 20 /* the time of a call: its budget divided by this */

void
budget_begin(struct budget *budget)
{
    *budget = (struct budget){
        .instructions = budget->instructions,
        .left = budget->instructions,
    };
}

static int64_t
thread_cpu_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Late is who has run for long by the clock and also really had the CPU: a busy machine is no
 * crime. */
static bool
is_late(struct budget *budget)
{
    int64_t slice_us = budget->instructions / INSTRUCTIONS_PER_US;
    int64_t now_us = clock_mono_us();
    bool is_first = budget->deadline_us == 0;

    if (!is_first && now_us < budget->deadline_us)
        return false;
    budget->deadline_us = now_us + slice_us;
    if (is_first)
        return false;
    if (budget->cpu_start_us == 0) {
        budget->cpu_start_us = thread_cpu_us();
        return false;
    }
    return thread_cpu_us() - budget->cpu_start_us >= slice_us / 2;
}

bool
budget_spend(struct budget *budget, int64_t instructions)
{
    budget->left -= instructions;
    if (budget->left <= 0 || is_late(budget))
        budget->is_over = true;
    return !budget->is_over;
}
