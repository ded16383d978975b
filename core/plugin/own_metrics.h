/*
 * The metrics that a plugin makes for itself, in C, so that they are read without Lua: bounded in
 * number, in label names and in combinations of labels. What is over that is counted under
 * {overflow="true"}, so that the sum stays right.
 */
#ifndef HD1_PLUGIN_OWN_METRICS_H
#define HD1_PLUGIN_OWN_METRICS_H

#include "buf.h"
#include "span.h"
#include "table.h"

#define METRICS_MAX 50 /* of a plugin */
#define METRIC_LABELS_MAX 8
#define METRIC_SERIES_MAX 100 /* combinations of label values */
#define METRIC_BUCKETS_MAX 32
#define METRIC_NAME_MAX 64
#define METRIC_VALUE_MAX 128 /* bytes of a label's value; the rest is cut off */

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_series {
    char *labels; /* ready-made: a="1",b="2"; "" without labels; owned */
    double value; /* or a histogram's sum */
    uint64_t count;
    uint64_t buckets[]; /* of a histogram: those up to its bound and over the one before */
};

struct plugin_metric {
    struct plugin_metric *next;
    enum metric_kind kind;
    char *name; /* as exported: hd1_x_PLUGIN_NAME; owned */
    char *help;
    char *labels[METRIC_LABELS_MAX];
    size_t label_count;
    double bounds[METRIC_BUCKETS_MAX];
    size_t bound_count;
    struct table series; /* labels -> struct metric_series */
    struct metric_series *overflow;
};

struct plugin;

/* Of this exported name, of any plugin beside it; NULL if there is none. */
struct plugin_metric *own_metrics_find(const struct plugin *plugin, struct span name);
/* Adds a copy of *metric, which owns nothing yet. */
struct plugin_metric *own_metrics_add(struct plugin *plugin, const struct plugin_metric *metric);
/* The series with these labels, made if need be, or the overflow. */
struct metric_series *own_metric_series(struct plugin_metric *metric, struct span labels);
void own_metric_observe(const struct plugin_metric *metric, struct metric_series *series,
                        double value);

void own_metrics_free(struct plugin *plugin);
/* The values of `from`'s metrics go on in those of `to` that have the same name, kind, labels and
 * buckets. `from` keeps its own. */
void own_metrics_carry(struct plugin *to, const struct plugin *from);
/* For /metrics. */
void own_metrics_append(const struct plugin *plugin, struct buf *out);

#endif
