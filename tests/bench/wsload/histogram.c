/* See histogram.h. */
#include "histogram.h"

#define LINEAR (1u << HISTOGRAM_STEP_BITS) /* smaller values have a step each */

static unsigned
step_of(uint64_t value)
{
    unsigned power;

    if (value < LINEAR)
        return (unsigned)value;
    power = 63u - (unsigned)__builtin_clzll(value);
    return ((power - HISTOGRAM_STEP_BITS + 1) << HISTOGRAM_STEP_BITS) +
           (unsigned)((value >> (power - HISTOGRAM_STEP_BITS)) & (LINEAR - 1));
}

/* The greatest value of a step. */
static double
step_end(unsigned step)
{
    unsigned power = (step >> HISTOGRAM_STEP_BITS) + HISTOGRAM_STEP_BITS - 1;
    uint64_t in_power = (step & (LINEAR - 1)) + 1;

    if (step < LINEAR)
        return step;
    return (double)(((uint64_t)1 << power) + (in_power << (power - HISTOGRAM_STEP_BITS)) - 1);
}

void
histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram->steps[step_of(value)]++;
    if (value > histogram->max)
        histogram->max = value;
    histogram->count++;
    histogram->sum += (double)value;
}

double
histogram_quantile(const struct histogram *histogram, double quantile)
{
    uint64_t want = (uint64_t)(quantile * (double)histogram->count + 0.5), seen = 0;
    double max = (double)histogram->max;

    if (histogram->count == 0)
        return 0;
    if (want < 1)
        want = 1;
    for (unsigned i = 0; i < HISTOGRAM_STEPS; i++) {
        seen += histogram->steps[i];
        if (seen >= want)
            return step_end(i) < max ? step_end(i) : max;
    }
    return max;
}

double
histogram_mean(const struct histogram *histogram)
{
    return histogram->count ? histogram->sum / (double)histogram->count : 0;
}
