/* What GET /api/plugins shows, and /readyz. */
#include "plugin/plugin_state.h"

#include "json/json.h"

#include <lauxlib.h>

static void
append_string(struct buf *out, const char *key, const char *text)
{
    buf_appendf(out, "\"%s\":", key);
    json_append_string(out, span_of(text));
    buf_append_char(out, ',');
}

static void
append_integer(struct buf *out, const char *key, int64_t number)
{
    buf_appendf(out, "\"%s\":%lld,", key, (long long)number);
}

/* Ends a list that was written with a comma behind each member. */
static void
end_with(struct buf *out, const char *end)
{
    if (out->data[out->len - 1] == ',')
        out->len--;
    buf_append_str(out, end);
}

static int64_t
total_skipped(const struct hook_stats *stats)
{
    int64_t total = 0;

    for (int reason = 0; reason < SKIP_COUNT; reason++)
        total += stats->skipped[reason];
    return total;
}

/* A moment is shown if the plugin has it; timers once one was called. */
static bool
has_hook(const struct plugin *plugin, enum moment moment)
{
    if (moment == BEFORE_EVENT)
        return plugin->before_event.count > 0;
    if (moment == AFTER_EVENT)
        return plugin->after_event.count > 0;
    if (moment == ON_TIMER)
        return plugin->stats[moment].time_us.count > 0 || plugin->timers.running > 0;
    if (moment == ROUTES)
        return plugin->route_count > 0;
    if (moment == SOCKETS)
        return plugin->endpoint_count > 0;
    return plugin->hook_refs[moment] != LUA_NOREF;
}

/* How many calls took at most so many us, as in /metrics. */
static void
append_histogram(struct buf *out, const struct histogram *time_us)
{
    int64_t below = 0;

    buf_append_str(out, "\"time_us_le\":{");
    for (int i = 0, bucket = 0; i < HOOK_TIME_BUCKETS; i++) {
        for (; bucket <= i * HISTOGRAM_COARSE; bucket++)
            below += time_us->counts[bucket];
        buf_appendf(out, "\"%lld\":%lld,", 1ll << (i * HISTOGRAM_COARSE), (long long)below);
    }
    buf_appendf(out, "\"+Inf\":%lld}", (long long)time_us->count);
}

static void
append_hook(const struct hook_stats *stats, struct buf *out)
{
    buf_append_char(out, '{');
    append_integer(out, "calls", stats->time_us.count);
    append_integer(out, "errors", stats->errors);
    append_integer(out, "rejections", stats->rejections);
    append_integer(out, "skipped", total_skipped(stats));
    append_integer(out, "instructions", stats->instructions);
    append_integer(out, "time_us", stats->ns / 1000);
    append_histogram(out, &stats->time_us);
    buf_append_char(out, '}');
}

static void
append_hooks(const struct plugin *plugin, struct buf *out)
{
    buf_append_str(out, "\"hooks\":{");
    for (int moment = 0; moment < MOMENT_COUNT; moment++) {
        if (!has_hook(plugin, moment))
            continue;
        buf_appendf(out, "\"%s\":", moment_text(moment));
        append_hook(&plugin->stats[moment], out);
        buf_append_char(out, ',');
    }
    end_with(out, "},");
}

static void
append_totals(const struct plugin *plugin, struct buf *out)
{
    int64_t calls = 0, errors = 0, rejections = 0, skipped = 0;

    for (int moment = 0; moment < MOMENT_COUNT; moment++) {
        calls += plugin->stats[moment].time_us.count;
        errors += plugin->stats[moment].errors;
        rejections += plugin->stats[moment].rejections;
        skipped += total_skipped(&plugin->stats[moment]);
    }
    append_integer(out, "calls", calls);
    append_integer(out, "errors", errors);
    append_integer(out, "rejections", rejections);
    append_integer(out, "skipped", skipped);
}

static void
append_bounds(struct plugin *plugin, struct buf *out)
{
    append_integer(out, "memory", (int64_t)vm_memory(plugin->vm));
    append_integer(out, "memory_bytes", plugin->limits.memory_bytes);
    append_integer(out, "instructions", plugin->limits.instructions);
    append_integer(out, "emits_per_second", plugin->limits.emits_per_second);
    append_integer(out, "timers", (int64_t)plugin->timers.running);
    buf_appendf(out, "\"cpu\":%.3f,\"cpu_share\":%.3g,",
                cpu_share_used(&plugin->share, plugins_mono_ns(plugin->all),
                               plugins_thread_ns(plugin->all)),
                plugin->limits.cpu_share);
    if (plugin->ticker.hz > 0)
        buf_appendf(out, "\"tick_hz\":%.4g,", plugin->ticker.hz);
}

static void
append_routes(const struct plugin *plugin, struct buf *out)
{
    buf_append_str(out, "\"routes\":[");
    for (size_t i = 0; i < plugin->route_count; i++) {
        if (i > 0)
            buf_append_char(out, ',');
        json_append_string(out, span_of(plugin->routes[i].pattern.text));
    }
    buf_append_str(out, "],");
}

static void
append_sockets(const struct plugin *plugin, struct buf *out)
{
    buf_append_str(out, "\"sockets\":[");
    for (size_t i = 0; i < plugin->endpoint_count; i++) {
        const struct endpoint *endpoint = &plugin->endpoints[i];

        buf_append_str(out, i > 0 ? ",{" : "{");
        append_string(out, "path", endpoint->path);
        if (endpoint->subprotocol)
            append_string(out, "subprotocol", endpoint->subprotocol);
        buf_appendf(out, "\"open\":%zu}", endpoint->open_count);
    }
    buf_append_str(out, "],");
}

static void
append_plugin(struct plugin *plugin, struct buf *out)
{
    buf_append_char(out, '{');
    append_string(out, "name", plugin->name);
    append_string(out, "version", plugin->version);
    append_integer(out, "generation", plugin->all->generation);
    append_string(out, "state", plugin_state_text(plugin));
    append_string(out, "on_error", plugin->limits.is_open_on_error ? "open" : "closed");
    append_bounds(plugin, out);
    append_totals(plugin, out);
    append_hooks(plugin, out);
    append_routes(plugin, out);
    append_sockets(plugin, out);
    buf_append_str(out, "\"events\":[");
    for (size_t i = 0; i < plugin->type_count; i++)
        buf_appendf(out, "\"%s\",", plugin->types[i]);
    end_with(out, "],\"config\":");
    buf_append_span(out, buf_span(&plugin->config));
    buf_append_char(out, '}');
}

void
plugins_describe(const struct plugins *plugins, struct buf *out)
{
    buf_append_char(out, '[');
    for (size_t i = 0; i < plugins->count; i++) {
        append_plugin(plugins->items[i], out);
        buf_append_char(out, ',');
    }
    end_with(out, "]");
}

void
plugins_append_states(const struct plugins *plugins, struct buf *out)
{
    buf_append_char(out, '{');
    for (size_t i = 0; i < plugins->count; i++) {
        const char *state = plugin_state_text(plugins->items[i]);

        if (strcmp(state, "running") != 0)
            append_string(out, plugins->items[i]->name, state);
    }
    end_with(out, "}");
}
