/*
 * Figures for /metrics, in Prometheus' text format (exposition format 0.0.4): histograms to be
 * counted into, and the writing of families. Leaf. A histogram belongs to one thread.
 */
#ifndef HD1_METRIC_H
#define HD1_METRIC_H

#include "buf.h"

#include <stdint.h>

#define HISTOGRAM_BUCKETS 24
#define HISTOGRAM_COARSE 2 /* of them become one in metric_histogram_coarse() */

/* Counts by powers of two: bucket i holds values <= first << i; the last one everything above. */
struct histogram {
    int64_t counts[HISTOGRAM_BUCKETS];
    int64_t count, sum;
};

/* Adds a value (>= 0) to buckets that begin with 1. Costs some ns. */
static inline void
histogram_add(struct histogram *histogram, int64_t value)
{
    int bucket = value <= 1 ? 0 : 64 - __builtin_clzll((uint64_t)value - 1);

    histogram->counts[bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1]++;
    histogram->count++;
    histogram->sum += value;
}

/* A family's # HELP and # TYPE lines; type is "counter", "gauge" or "histogram". */
void metric_family(struct buf *out, const char *name, const char *type, const char *help);
/* name{labels} value; labels is `a="b",c="d"` ready-made (metric_label()), or NULL. */
void metric_value(struct buf *out, const char *name, const char *labels, double value);
/* Family and value of one metric without labels. */
void metric_one(struct buf *out, const char *name, const char *type, const char *help,
                double value);
/* The lines of one histogram; scale turns counted units into the metric's (1e-6: us to seconds). */
void metric_histogram(struct buf *out, const char *name, const char *labels,
                      const struct histogram *histogram, double scale);
/* The same with few lines: only so many buckets, each HISTOGRAM_COARSE times as wide (1, 4, 16,
 * ...), and the one for all. */
void metric_histogram_coarse(struct buf *out, const char *name, const char *labels,
                             const struct histogram *histogram, double scale, int buckets);
/* Appends key="value", escaped, with a comma before it unless labels is empty. */
void metric_label(struct buf *labels, const char *key, struct span value);

#endif
