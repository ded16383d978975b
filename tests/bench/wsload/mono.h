/* The one clock: monotonic, in nanoseconds. */
#ifndef HD1_BENCH_WSLOAD_MONO_H
#define HD1_BENCH_WSLOAD_MONO_H

#include <stdint.h>
#include <time.h>

#define NS_PER_S UINT64_C(1000000000)

static inline uint64_t
mono_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

#endif
