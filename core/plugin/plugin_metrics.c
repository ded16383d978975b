/*
 * The plugins' figures for /metrics: per plugin, and per plugin and hook for those that were ever
 * called or skipped. Label values are names of the configuration, moments and reasons: their number
 * does not grow.
 */
#include "plugin/own_metrics.h"
#include "plugin/plugin_state.h"

#include "metric.h"

/* A family with one value for each plugin. */
static void
append_gauge(const struct plugins *plugins, struct buf *out, const char *name, const char *type,
             const char *help, double (*get)(struct plugin *))
{
    metric_family(out, name, type, help);
    for (size_t i = 0; i < plugins->count; i++) {
        struct buf labels = BUF_INIT;

        metric_label(&labels, "plugin", span_of(plugins->items[i]->name));
        metric_value(out, name, buf_cstr(&labels), get(plugins->items[i]));
        buf_fini(&labels);
    }
}

typedef void (*append_hook_fn)(struct buf *out, const char *name, struct buf *labels,
                               const struct hook_stats *stats);

/* A family with what append makes of each hook. */
static void
append_hooks(const struct plugins *plugins, struct buf *out, const char *name, const char *type,
             const char *help, append_hook_fn append)
{
    metric_family(out, name, type, help);
    for (size_t i = 0; i < plugins->count; i++) {
        for (int moment = 0; moment < MOMENT_COUNT; moment++) {
            const struct plugin *plugin = plugins->items[i];
            struct buf labels = BUF_INIT;

            metric_label(&labels, "plugin", span_of(plugin->name));
            metric_label(&labels, "hook", span_of(moment_text(moment)));
            append(out, name, &labels, &plugin->stats[moment]);
            buf_fini(&labels);
        }
    }
}

/* --- of a hook --- */

static void
append_called(struct buf *out, const char *name, struct buf *labels, const struct hook_stats *stats,
              int64_t value)
{
    if (stats->time_us.count > 0)
        metric_value(out, name, buf_cstr(labels), (double)value);
}

static void
append_calls(struct buf *out, const char *name, struct buf *labels, const struct hook_stats *stats)
{
    append_called(out, name, labels, stats, stats->time_us.count);
}

static void
append_errors(struct buf *out, const char *name, struct buf *labels, const struct hook_stats *stats)
{
    append_called(out, name, labels, stats, stats->errors);
}

static void
append_rejections(struct buf *out, const char *name, struct buf *labels,
                  const struct hook_stats *stats)
{
    append_called(out, name, labels, stats, stats->rejections);
}

static void
append_instructions(struct buf *out, const char *name, struct buf *labels,
                    const struct hook_stats *stats)
{
    append_called(out, name, labels, stats, stats->instructions);
}

static void
append_time(struct buf *out, const char *name, struct buf *labels, const struct hook_stats *stats)
{
    struct histogram time_us = stats->time_us;

    time_us.sum = stats->ns / 1000; /* the buckets hold each call's time rounded up */
    if (time_us.count > 0)
        metric_histogram_coarse(out, name, buf_cstr(labels), &time_us, 1e-6, HOOK_TIME_BUCKETS);
}

static void
append_skipped(struct buf *out, const char *name, struct buf *labels,
               const struct hook_stats *stats)
{
    for (int reason = 0; reason < SKIP_COUNT; reason++) {
        struct buf all = BUF_INIT;

        if (stats->skipped[reason] == 0)
            continue;
        buf_append_span(&all, buf_span(labels));
        metric_label(&all, "reason", span_of(skip_reason_text(reason)));
        metric_value(out, name, buf_cstr(&all), (double)stats->skipped[reason]);
        buf_fini(&all);
    }
}

/* --- of a plugin --- */

static double
get_memory(struct plugin *plugin)
{
    return (double)vm_memory(plugin->vm);
}

static double
get_memory_limit(struct plugin *plugin)
{
    return (double)plugin->limits.memory_bytes;
}

static double
get_resting(struct plugin *plugin)
{
    return plugin->breaker.is_tripped;
}

static double
get_cpu(struct plugin *plugin)
{
    return cpu_share_used(&plugin->share, plugins_mono_ns(plugin->all),
                          plugins_thread_ns(plugin->all));
}

static double
get_cpu_limit(struct plugin *plugin)
{
    return plugin->limits.cpu_share;
}

static double
get_timers(struct plugin *plugin)
{
    return (double)plugin->timers.running;
}

static double
get_emits(struct plugin *plugin)
{
    return (double)plugin->emits_sent;
}

static double
get_emits_refused(struct plugin *plugin)
{
    return (double)plugin->emits_refused;
}

void
plugins_append_metrics(const struct plugins *plugins, struct buf *out)
{
    metric_one(out, "hd1_plugin_generation", "gauge", "Loads of the plugins that took effect.",
               (double)plugins->generation);
    append_hooks(plugins, out, "hd1_plugin_calls_total", "counter", "Calls of a plugin's hook.",
                 append_calls);
    append_hooks(plugins, out, "hd1_plugin_errors_total", "counter", "Calls that failed.",
                 append_errors);
    append_hooks(plugins, out, "hd1_plugin_rejections_total", "counter", "Calls that refused.",
                 append_rejections);
    append_hooks(plugins, out, "hd1_plugin_instructions_total", "counter",
                 "Lua instructions of the calls, counted by 250.", append_instructions);
    append_hooks(plugins, out, "hd1_plugin_call_seconds", "histogram", "Time of one call.",
                 append_time);
    append_hooks(plugins, out, "hd1_plugin_skipped_total", "counter",
                 "Calls that were not made, and why.", append_skipped);
    append_gauge(plugins, out, "hd1_plugin_memory_bytes", "gauge",
                 "Memory of a plugin's Lua state.", get_memory);
    append_gauge(plugins, out, "hd1_plugin_memory_limit_bytes", "gauge", "Its cap.",
                 get_memory_limit);
    append_gauge(plugins, out, "hd1_plugin_resting", "gauge",
                 "1: it failed too often and is not called for a while.", get_resting);
    append_gauge(plugins, out, "hd1_plugin_cpu_ratio", "gauge",
                 "Share of the hub's thread in the last second.", get_cpu);
    append_gauge(plugins, out, "hd1_plugin_cpu_limit_ratio", "gauge", "Its bound.", get_cpu_limit);
    append_gauge(plugins, out, "hd1_plugin_timers", "gauge", "Timers that are set.", get_timers);
    append_gauge(plugins, out, "hd1_plugin_emits_total", "counter", "Events emitted.", get_emits);
    append_gauge(plugins, out, "hd1_plugin_emits_refused_total", "counter",
                 "Events that were too many to be emitted.", get_emits_refused);
    for (size_t i = 0; i < plugins->count; i++)
        own_metrics_append(plugins->items[i], out);
}
