/*
 * When a plugin is not called: it failed too often (breaker.h), or has had its share of the last
 * second (cpu_share.h).
 */
#include "plugin/plugin_state.h"

#include "log.h"

#define LOG_EVERY_MS 10000

const char *
skip_reason_text(enum skip_reason reason)
{
    static const char *const texts[] = {
        [SKIP_RESTING] = "resting", [SKIP_CPU_SHARE] = "cpu_share", [SKIP_LATE] = "late"};

    return texts[reason];
}

/* Remote clients may cause this: at most one line in 10 s. */
static void
log_share(struct plugin *plugin, int64_t now_ms)
{
    plugin->share_skipped++;
    if (plugin->share_logged_ms && now_ms - plugin->share_logged_ms < LOG_EVERY_MS)
        return;
    log_warn(plugin->name, "its share of CPU is used up: calls are skipped",
             log_int("cpu_share_percent", (int64_t)(plugin->limits.cpu_share * 100)),
             log_int("skipped", plugin->share_skipped),
             log_str("on_error", plugin->limits.is_open_on_error ? "open" : "closed"));
    plugin->share_logged_ms = now_ms;
    plugin->share_skipped = 0;
}

/* Milliseconds for which it may not run, and why; 0 if it may. */
static int64_t
find_wait_ms(struct plugin *plugin, int64_t now_ns, enum skip_reason *reason)
{
    int64_t now_ms = now_ns / NS_PER_MS, wait_ns;

    if (!breaker_allows(&plugin->breaker, now_ms)) {
        *reason = SKIP_RESTING;
        return plugin->breaker.rests_until_ms - now_ms;
    }
    wait_ns = cpu_share_wait_ns(&plugin->share, now_ns, plugins_thread_ns(plugin->all));
    *reason = SKIP_CPU_SHARE;
    return (wait_ns + NS_PER_MS - 1) / NS_PER_MS;
}

bool
plugin_may_run(struct plugin *plugin, enum moment moment, int64_t *wait_ms)
{
    int64_t now_ns;

    if (plugin_is_free(plugin) || moment_is_of_reload(moment))
        return true;
    now_ns = plugins_mono_ns(plugin->all);
    *wait_ms = find_wait_ms(plugin, now_ns, &plugin->skipped_for);
    if (*wait_ms == 0)
        return true;
    plugin->stats[moment].skipped[plugin->skipped_for]++;
    if (plugin->skipped_for == SKIP_CPU_SHARE)
        log_share(plugin, now_ns / NS_PER_MS);
    return false;
}

const char *
plugin_state_text(struct plugin *plugin)
{
    if (plugin->breaker.is_tripped)
        return "resting";
    if (cpu_share_is_doubtful(&plugin->share) &&
        cpu_share_wait_ns(&plugin->share, plugins_mono_ns(plugin->all),
                          plugins_thread_ns(plugin->all)) > 0)
        return "throttled";
    return "running";
}
