/* Metrics of plugins: kept, carried over a reload, written out. */
#include "plugin/own_metrics.h"

#include "metric.h"
#include "plugin/plugin_state.h"

#include <stdlib.h>

static const char *const kind_texts[] = {"counter", "gauge", "histogram"};

static char *
copy_text(const char *text)
{
    return mem_strndup(text, strlen(text));
}

/* --- making --- */

static struct plugin_metric *
find_in(const struct plugin *plugin, struct span name)
{
    struct plugin_metric *metric = plugin->metrics;

    while (metric && !span_is(name, metric->name))
        metric = metric->next;
    return metric;
}

struct plugin_metric *
own_metrics_find(const struct plugin *plugin, struct span name)
{
    struct plugin_metric *metric = NULL;

    for (size_t i = 0; i < plugin->all->count && !metric; i++)
        metric = find_in(plugin->all->items[i], name);
    return metric;
}

struct plugin_metric *
own_metrics_add(struct plugin *plugin, const struct plugin_metric *metric)
{
    struct plugin_metric *own = mem_alloc(sizeof(*own));

    *own = *metric;
    own->name = copy_text(metric->name);
    own->help = copy_text(metric->help);
    for (size_t i = 0; i < metric->label_count; i++)
        own->labels[i] = copy_text(metric->labels[i]);
    own->next = plugin->metrics;
    plugin->metrics = own;
    plugin->metric_count++;
    return own;
}

static struct metric_series *
series_new(const struct plugin_metric *metric, struct span labels)
{
    struct metric_series *series =
        mem_zalloc(sizeof(*series) + metric->bound_count * sizeof(series->buckets[0]));

    series->labels = mem_strndup(labels.at, labels.len);
    return series;
}

struct metric_series *
own_metric_series(struct plugin_metric *metric, struct span labels)
{
    struct metric_series *series = table_get(&metric->series, labels);

    if (series)
        return series;
    if (metric->series.count >= METRIC_SERIES_MAX) {
        if (!metric->overflow)
            metric->overflow = series_new(metric, SPAN("overflow=\"true\""));
        return metric->overflow;
    }
    series = series_new(metric, labels);
    table_put(&metric->series, span_of(series->labels), series);
    return series;
}

void
own_metric_observe(const struct plugin_metric *metric, struct metric_series *series, double value)
{
    size_t i = 0;

    while (i < metric->bound_count && value > metric->bounds[i])
        i++;
    if (i < metric->bound_count)
        series->buckets[i]++;
    series->count++;
    series->value += value;
}

/* --- going --- */

static void
series_free(struct metric_series *series)
{
    if (series)
        free(series->labels);
    free(series);
}

static void
metric_free(struct plugin_metric *metric)
{
    void *series;
    size_t pos = 0;

    while (table_next(&metric->series, &pos, NULL, &series))
        series_free(series);
    table_fini(&metric->series);
    series_free(metric->overflow);
    for (size_t i = 0; i < metric->label_count; i++)
        free(metric->labels[i]);
    free(metric->name);
    free(metric->help);
    free(metric);
}

void
own_metrics_free(struct plugin *plugin)
{
    while (plugin->metrics) {
        struct plugin_metric *metric = plugin->metrics;

        plugin->metrics = metric->next;
        metric_free(metric);
    }
    plugin->metric_count = 0;
}

/* --- a new generation --- */

static bool
is_alike(const struct plugin_metric *a, const struct plugin_metric *b)
{
    if (a->kind != b->kind || a->label_count != b->label_count ||
        a->bound_count != b->bound_count ||
        memcmp(a->bounds, b->bounds, a->bound_count * sizeof(a->bounds[0])) != 0)
        return false;
    for (size_t i = 0; i < a->label_count; i++)
        if (strcmp(a->labels[i], b->labels[i]) != 0)
            return false;
    return true;
}

static void
copy_series(const struct plugin_metric *metric, struct metric_series *to,
            const struct metric_series *from)
{
    to->value = from->value;
    to->count = from->count;
    memcpy(to->buckets, from->buckets, metric->bound_count * sizeof(to->buckets[0]));
}

static void
carry(struct plugin_metric *to, const struct plugin_metric *from)
{
    void *value;
    size_t pos = 0;

    while (table_next(&from->series, &pos, NULL, &value)) {
        const struct metric_series *old = value;

        copy_series(to, own_metric_series(to, span_of(old->labels)), old);
    }
    if (from->overflow && !to->overflow)
        to->overflow = series_new(to, span_of(from->overflow->labels));
    if (from->overflow)
        copy_series(to, to->overflow, from->overflow);
}

void
own_metrics_carry(struct plugin *to, const struct plugin *from)
{
    for (struct plugin_metric *metric = to->metrics; metric; metric = metric->next) {
        const struct plugin_metric *old = find_in(from, span_of(metric->name));

        if (old && is_alike(metric, old))
            carry(metric, old);
    }
}

/* --- /metrics --- */

static void
append_bucket(struct buf *out, const char *name, struct span labels, const char *bound,
              uint64_t count)
{
    struct buf all = BUF_INIT;

    buf_append_span(&all, labels);
    metric_label(&all, "le", span_of(bound));
    metric_value(out, name, buf_cstr(&all), (double)count);
    buf_fini(&all);
}

static void
append_histogram(const struct plugin_metric *metric, const struct metric_series *series,
                 struct buf *out)
{
    struct buf name = BUF_INIT, bound = BUF_INIT;
    uint64_t below = 0;

    buf_appendf(&name, "%s_bucket", metric->name);
    for (size_t i = 0; i < metric->bound_count; i++) {
        below += series->buckets[i];
        buf_clear(&bound);
        buf_appendf(&bound, "%.9g", metric->bounds[i]);
        append_bucket(out, buf_cstr(&name), span_of(series->labels), buf_cstr(&bound), below);
    }
    append_bucket(out, buf_cstr(&name), span_of(series->labels), "+Inf", series->count);
    buf_clear(&name);
    buf_appendf(&name, "%s_sum", metric->name);
    metric_value(out, buf_cstr(&name), series->labels, series->value);
    buf_clear(&name);
    buf_appendf(&name, "%s_count", metric->name);
    metric_value(out, buf_cstr(&name), series->labels, (double)series->count);
    buf_fini(&name);
    buf_fini(&bound);
}

static void
append_series(const struct plugin_metric *metric, const struct metric_series *series,
              struct buf *out)
{
    if (metric->kind == METRIC_HISTOGRAM)
        append_histogram(metric, series, out);
    else
        metric_value(out, metric->name, series->labels, series->value);
}

void
own_metrics_append(const struct plugin *plugin, struct buf *out)
{
    for (const struct plugin_metric *metric = plugin->metrics; metric; metric = metric->next) {
        void *series;
        size_t pos = 0;

        metric_family(out, metric->name, kind_texts[metric->kind], metric->help);
        while (table_next(&metric->series, &pos, NULL, &series))
            append_series(metric, series, out);
        if (metric->overflow)
            append_series(metric, metric->overflow, out);
    }
}
