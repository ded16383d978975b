/* How often which number of nanoseconds came: 64 linear steps for each power of two, so wrong by
 * under 1.6 %. */
#ifndef HD1_BENCH_WSLOAD_HISTOGRAM_H
#define HD1_BENCH_WSLOAD_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEP_BITS 6
#define HISTOGRAM_STEPS ((64 - HISTOGRAM_STEP_BITS + 1) << HISTOGRAM_STEP_BITS)

struct histogram {
    uint64_t count, max;
    double sum;
    uint64_t steps[HISTOGRAM_STEPS];
};

void histogram_add(struct histogram *histogram, uint64_t value);
/* The value that this part of all, of 0 to 1, does not exceed; 0 if there are none. */
double histogram_quantile(const struct histogram *histogram, double quantile);
double histogram_mean(const struct histogram *histogram);

#endif
