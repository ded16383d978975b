/* Prometheus' text format, written line by line. */
#include "metric.h"

#include <stdio.h>

void
metric_family(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_appendf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
append_line(struct buf *out, const char *name, const char *suffix, const char *labels,
            const char *more, double value)
{
    bool has_labels = labels && labels[0], has_more = more && more[0];

    buf_appendf(out, "%s%s", name, suffix);
    if (has_labels || has_more) {
        buf_appendf(out, "{%s%s%s}", has_labels ? labels : "", has_labels && has_more ? "," : "",
                    has_more ? more : "");
    }
    buf_appendf(out, value == (double)(int64_t)value ? " %.0f\n" : " %.9g\n", value);
}

void
metric_value(struct buf *out, const char *name, const char *labels, double value)
{
    append_line(out, name, "", labels, NULL, value);
}

void
metric_one(struct buf *out, const char *name, const char *type, const char *help, double value)
{
    metric_family(out, name, type, help);
    metric_value(out, name, NULL, value);
}

/* Every step-th bound, count of them, and the one for all. */
static void
append_buckets(struct buf *out, const char *name, const char *labels,
               const struct histogram *histogram, double scale, int count, int step)
{
    int64_t below = 0;
    char bound[48];

    for (int i = 0, bucket = 0; i < count; i++) {
        for (; bucket <= i * step; bucket++)
            below += histogram->counts[bucket];
        snprintf(bound, sizeof(bound), "le=\"%.9g\"", (double)(INT64_C(1) << i * step) * scale);
        append_line(out, name, "_bucket", labels, bound, (double)below);
    }
    append_line(out, name, "_bucket", labels, "le=\"+Inf\"", (double)histogram->count);
    append_line(out, name, "_sum", labels, NULL, (double)histogram->sum * scale);
    append_line(out, name, "_count", labels, NULL, (double)histogram->count);
}

void
metric_histogram(struct buf *out, const char *name, const char *labels,
                 const struct histogram *histogram, double scale)
{
    append_buckets(out, name, labels, histogram, scale, HISTOGRAM_BUCKETS - 1, 1);
}

void
metric_histogram_coarse(struct buf *out, const char *name, const char *labels,
                        const struct histogram *histogram, double scale, int buckets)
{
    append_buckets(out, name, labels, histogram, scale, buckets, HISTOGRAM_COARSE);
}

void
metric_label(struct buf *labels, const char *key, struct span value)
{
    buf_appendf(labels, "%s%s=\"", labels->len > 0 ? "," : "", key);
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];

        if (c == '"' || c == '\\')
            buf_append_char(labels, '\\');
        if (c == '\n')
            buf_append_str(labels, "\\n");
        else
            buf_append_char(labels, c);
    }
    buf_append_char(labels, '"');
}
