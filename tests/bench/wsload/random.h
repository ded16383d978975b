/* Numbers that look random (xorshift), the same ones in each run. */
#ifndef HD1_BENCH_WSLOAD_RANDOM_H
#define HD1_BENCH_WSLOAD_RANDOM_H

#include <stdint.h>

uint32_t random_next(void);

#endif
