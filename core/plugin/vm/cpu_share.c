/* A plugin's share of the hub's thread, over a sliding second. */
#include "plugin/vm/cpu_share.h"

#include <string.h>

#define SECOND_NS INT64_C(1000000000)

void
cpu_share_init(struct cpu_share *share, double ratio)
{
    memset(share, 0, sizeof(*share));
    share->limit_ns = ratio >= 1 ? INT64_MAX : (int64_t)(ratio * (double)SECOND_NS);
}

/* What the newest slot holds beyond what the thread ran in it was the machine's fault. */
static void
bound_newest(struct cpu_share *share, int64_t thread_ns)
{
    int64_t excess_ns = share->slots_ns[share->at] - (thread_ns - share->thread_ns);

    if (excess_ns > 0 && thread_ns != CPU_SHARE_NO_THREAD) {
        share->slots_ns[share->at] -= excess_ns;
        share->used_ns -= excess_ns;
    }
}

void
cpu_share_turn(struct cpu_share *share, int64_t now_ns, int64_t thread_ns)
{
    int64_t newest = now_ns / CPU_SHARE_SLOT_NS, from = share->newest + 1;

    bound_newest(share, thread_ns);
    if (newest <= share->newest)
        return;
    if (from + CPU_SHARE_SLOTS <= newest)
        from = newest - CPU_SHARE_SLOTS + 1;
    for (int64_t number = from; number <= newest; number++) {
        share->used_ns -= share->slots_ns[number % CPU_SHARE_SLOTS];
        share->slots_ns[number % CPU_SHARE_SLOTS] = 0;
    }
    share->newest = newest;
    share->at = (int)(newest % CPU_SHARE_SLOTS);
    share->newest_end_ns = (newest + 1) * CPU_SHARE_SLOT_NS;
    share->thread_ns = thread_ns;
}

void
cpu_share_add_late(struct cpu_share *share, int64_t now_ns, int64_t thread_ns, int64_t ns)
{
    int64_t ran_ns = thread_ns - share->thread_ns - share->slots_ns[share->at];

    if (ns > ran_ns && thread_ns != CPU_SHARE_NO_THREAD)
        ns = ran_ns > 0 ? ran_ns : 0;
    cpu_share_turn(share, now_ns, thread_ns);
    share->thread_ns -= ns; /* it counts as the new slot's */
    cpu_share_add(share, ns);
}

int64_t
cpu_share_wait_ns(struct cpu_share *share, int64_t now_ns, int64_t thread_ns)
{
    int64_t left_ns, number;

    cpu_share_turn(share, now_ns, thread_ns);
    left_ns = share->used_ns;
    number = share->newest - CPU_SHARE_SLOTS;
    while (left_ns >= share->limit_ns)
        left_ns -= share->slots_ns[++number % CPU_SHARE_SLOTS];
    /* A slot is forgotten when the one that takes its place begins. */
    return left_ns == share->used_ns ? 0 : (number + CPU_SHARE_SLOTS) * CPU_SHARE_SLOT_NS - now_ns;
}

double
cpu_share_used(struct cpu_share *share, int64_t now_ns, int64_t thread_ns)
{
    cpu_share_turn(share, now_ns, thread_ns);
    return (double)share->used_ns / (double)SECOND_NS;
}
