/*
 * Entering a world script's Lua, counted by file: for /metrics, whose label values are the names of
 * files that were run, and for the watchdog.
 */
#include "plugin/script/script_state.h"

#include "clock.h"
#include "metric.h"

#include <stdlib.h>

struct script_stats {
    char name[ID_SIZE];
    struct histogram time_us;
    int64_t errors, ns;
    size_t sessions, memory; /* while the figures are written */
};

static struct script_stats *
need_stats(struct scripts *scripts, const char *name)
{
    struct script_stats *stats = table_get(&scripts->stats, span_of(name));

    if (!stats) {
        stats = mem_zalloc(sizeof(*stats));
        memcpy(stats->name, name, sizeof(stats->name));
        table_put(&scripts->stats, span_of(stats->name), stats);
    }
    return stats;
}

int
script_call(struct script *script, vm_body_fn body, void *ctx)
{
    struct script_stats *stats = need_stats(script->all, script->name);
    struct hub *hub = script->all->hub;
    int64_t start_ns = clock_mono_ns(), ns;
    int err = vm_call(script->vm, body, ctx);

    ns = clock_mono_ns() - start_ns;
    histogram_add(&stats->time_us, (ns + 999) / 1000);
    stats->ns += ns;
    stats->errors += err != 0;
    if (hub && watch_took(hub_watch(hub), WATCH_SCRIPT, ns))
        watch_name(hub_watch(hub), WATCH_SCRIPT,
                   &(struct watch_who){
                       {[WATCH_SCRIPT_NAME] = script->name, [WATCH_SESSION] = script->session_id}});
    return err;
}

void
scripts_stats_fini(struct scripts *scripts)
{
    size_t pos = 0;
    void *stats;

    while (table_next(&scripts->stats, &pos, NULL, &stats))
        free(stats);
    table_fini(&scripts->stats);
}

/* --- /metrics --- */

typedef void (*append_stats_fn)(struct buf *out, const char *name, const char *labels,
                                const struct script_stats *stats);

static void
append_family(const struct scripts *scripts, struct buf *out, const char *name, const char *type,
              const char *help, append_stats_fn append)
{
    size_t pos = 0;
    void *value;

    metric_family(out, name, type, help);
    while (table_next(&scripts->stats, &pos, NULL, &value)) {
        const struct script_stats *stats = value;
        struct buf labels = BUF_INIT;

        metric_label(&labels, "script", span_of(stats->name));
        append(out, name, buf_cstr(&labels), stats);
        buf_fini(&labels);
    }
}

static void
append_calls(struct buf *out, const char *name, const char *labels,
             const struct script_stats *stats)
{
    metric_value(out, name, labels, (double)stats->time_us.count);
}

static void
append_errors(struct buf *out, const char *name, const char *labels,
              const struct script_stats *stats)
{
    metric_value(out, name, labels, (double)stats->errors);
}

static void
append_time(struct buf *out, const char *name, const char *labels, const struct script_stats *stats)
{
    struct histogram time_us = stats->time_us;

    time_us.sum = stats->ns / 1000; /* the buckets hold each call's time rounded up */
    metric_histogram_coarse(out, name, labels, &time_us, 1e-6, SCRIPT_TIME_BUCKETS);
}

static void
append_sessions(struct buf *out, const char *name, const char *labels,
                const struct script_stats *stats)
{
    metric_value(out, name, labels, (double)stats->sessions);
}

static void
append_memory(struct buf *out, const char *name, const char *labels,
              const struct script_stats *stats)
{
    metric_value(out, name, labels, (double)stats->memory);
}

/* Sessions and memory, which are what they are now. */
static void
measure(struct scripts *scripts)
{
    size_t pos = 0;
    void *value;

    while (table_next(&scripts->stats, &pos, NULL, &value)) {
        struct script_stats *stats = value;

        stats->sessions = stats->memory = 0;
    }
    pos = 0;
    while (table_next(&scripts->by_session, &pos, NULL, &value)) {
        const struct script *script = value;
        struct script_stats *stats = need_stats(scripts, script->name);

        stats->sessions++;
        stats->memory += script->vm ? vm_memory(script->vm) : 0;
    }
}

void
scripts_append_metrics(struct scripts *scripts, struct buf *out)
{
    measure(scripts);
    append_family(scripts, out, "hd1_script_calls_total", "counter",
                  "Calls of a world script: its setting up and its timers, in all sessions.",
                  append_calls);
    append_family(scripts, out, "hd1_script_errors_total", "counter", "Calls that failed.",
                  append_errors);
    append_family(scripts, out, "hd1_script_call_seconds", "histogram", "Time of one call.",
                  append_time);
    append_family(scripts, out, "hd1_script_sessions", "gauge",
                  "Sessions in memory that were set up by it or run it.", append_sessions);
    append_family(scripts, out, "hd1_script_memory_bytes", "gauge",
                  "Memory of its Lua states in all sessions.", append_memory);
}
