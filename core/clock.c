/* Time, from the system's clocks. */
#include "clock.h"

#include <time.h>

static int64_t
clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t
clock_unix_ms(void)
{
    return clock_ns(CLOCK_REALTIME) / 1000000;
}

int64_t
clock_mono_ms(void)
{
    return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

int64_t
clock_mono_us(void)
{
    return clock_ns(CLOCK_MONOTONIC) / 1000;
}

int64_t
clock_mono_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t
clock_thread_ns(void)
{
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}
