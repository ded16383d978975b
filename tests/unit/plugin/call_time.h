/*
 * How long one call may keep the thread that everybody waits for, as tests measure it: by the
 * thread's own time, so that a busy machine does not matter. The promise is 50 ms (plugins/README);
 * this is several times that, and still less than any freeze.
 */
#ifndef HD1_TESTS_CALL_TIME_H
#define HD1_TESTS_CALL_TIME_H

#include "clock.h"

#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CALL_TIME_MAX_MS 400
#else
#define CALL_TIME_MAX_MS 200
#endif

static inline int64_t
call_time_ms(void)
{
    return clock_thread_ns() / 1000000;
}

#endif
