/*
 * How much of the last second a plugin has had of the hub's thread, and may have. A sliding second
 * in steps of 100 ms. Pure; it is told the time: now_ns is monotonic, thread_ns how long the thread
 * has run. Calls are timed by the first, which is cheap; but what a slot holds is never more than
 * the thread ran in it, so that a machine that is short of time does not count against a plugin.
 */
#ifndef HD1_PLUGIN_VM_CPU_SHARE_H
#define HD1_PLUGIN_VM_CPU_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#define CPU_SHARE_MIN 0.01
#define CPU_SHARE_DEFAULT 0.5
#define CPU_SHARE_SLOTS 10
#define CPU_SHARE_SLOT_NS 100000000 /* 100 ms */
#define CPU_SHARE_NO_THREAD (-1)    /* thread_ns: not known, bounds nothing */

struct cpu_share {
    int64_t limit_ns; /* of each second */
    int64_t used_ns;  /* of the second that ends with the newest slot */
    int64_t newest;   /* number of that slot: time / CPU_SHARE_SLOT_NS */
    int64_t newest_end_ns;
    int64_t thread_ns;                 /* when that slot began */
    int at;                            /* where it is in slots_ns */
    int64_t slots_ns[CPU_SHARE_SLOTS]; /* number N is at N % CPU_SHARE_SLOTS */
};

/* share: 0.01 to 1 of each second; 1 is no bound. */
void cpu_share_init(struct cpu_share *share, double ratio);
/* Bounds what the newest slot holds; what is older than a second at now_ns is forgotten. */
void cpu_share_turn(struct cpu_share *share, int64_t now_ns, int64_t thread_ns);
/* For how long from now_ns nothing is left; 0: go ahead. Turns. */
int64_t cpu_share_wait_ns(struct cpu_share *share, int64_t now_ns, int64_t thread_ns);
/* The share used in the last second, 0 to 1 or a little more. Turns. */
double cpu_share_used(struct cpu_share *share, int64_t now_ns, int64_t thread_ns);

/* The newest slot is over: before a call cpu_share_turn(), behind it cpu_share_add_late(). */
static inline bool
cpu_share_is_over(const struct cpu_share *share, int64_t now_ns)
{
    return now_ns >= share->newest_end_ns;
}

/* A call that took ns has ended, in the newest slot or after it. */
static inline void
cpu_share_add(struct cpu_share *share, int64_t ns)
{
    share->slots_ns[share->at] += ns;
    share->used_ns += ns;
}
void cpu_share_add_late(struct cpu_share *share, int64_t now_ns, int64_t thread_ns, int64_t ns);

/* Needs no clock: if false, nothing is used up; else cpu_share_wait_ns() knows. */
static inline bool
cpu_share_is_doubtful(const struct cpu_share *share)
{
    return share->used_ns >= share->limit_ns;
}

#endif
