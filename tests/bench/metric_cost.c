/* What counting costs: ns of one counter, one histogram_add() and one reading of the clock. */
#include "metric.h"

#include <stdio.h>
#include <time.h>

#define CALLS 2000000
#define ROUNDS 15

struct figures {
    int64_t counters[64];
    struct histogram histogram;
};

static struct figures figures;

static uint64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void
count(uint64_t i)
{
    figures.counters[i & 63]++;
}

static void
add(uint64_t i)
{
    histogram_add(&figures.histogram, (int64_t)(i * 7919 & 0xffff));
}

static void
read_clock(uint64_t i)
{
    figures.counters[i & 63] += (int64_t)now_ns();
}

/* The best of some rounds: what others do to the machine only adds. */
static double
best_ns(void (*volatile call)(uint64_t))
{
    double best = 1e9;

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t from_ns = now_ns();
        double ns;

        for (uint64_t i = 0; i < CALLS; i++)
            call(i);
        ns = (double)(now_ns() - from_ns) / CALLS;
        best = ns < best ? ns : best;
    }
    return best;
}

int
main(void)
{
    printf("{\"counter\":%.2f,\"histogram\":%.2f,\"clock\":%.2f}\n", best_ns(count), best_ns(add),
           best_ns(read_clock));
    return 0;
}
