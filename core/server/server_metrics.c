/* GET /metrics: every layer's figures, and the process's and the loop's own; and the watchdog. */
#include "server/server_state.h"

#include "log.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define LONG_ROUND_US 50000 /* a round so long is named in the log */

/* At most one line a second: load alone can make rounds long. */
static void
log_long_round(struct server *server, int64_t us, uint64_t now_ns)
{
    const struct watch *watch = hub_watch(server->hub);

    server->long_rounds++;
    if (now_ns - server->long_round_logged_ns < 1000000000)
        return;
    server->long_round_logged_ns = now_ns;
    log_warn("watchdog", "the loop was held up", log_int("ms", us / 1000),
             log_str("slowest", watch->worst_us ? watch->worst : "many small steps"),
             log_int("slowest_ms", watch->worst_us / 1000), log_int("messages", watch->steps));
}

/*
 * How long this round of the loop was busy: since the last one ended, less what was waited. A long
 * one is logged with the slowest step in it.
 */
void
server_note_round(struct server *server)
{
    uint64_t now_ns = uv_hrtime(), idle_ns = uv_metrics_idle_time(&server->loop);
    int64_t us = (int64_t)((now_ns - server->round_end_ns) - (idle_ns - server->idle_ns)) / 1000;

    if (server->round_end_ns) {
        histogram_add(&server->round_us, us > 0 ? us : 0);
        if (us > LONG_ROUND_US)
            log_long_round(server, us, now_ns);
    }
    server->round_end_ns = now_ns;
    server->idle_ns = idle_ns;
    watch_reset(hub_watch(server->hub));
}

static double
resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;

    if (file) {
        if (fscanf(file, "%*s %ld", &pages) != 1)
            pages = 0;
        fclose(file);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double
open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;

    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count > 3 ? count - 3 : 0; /* ".", ".." and the one that reads */
}

static double
seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

static void
append_process(struct buf *out)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    metric_one(out, "process_cpu_seconds_total", "counter", "User and system time.",
               seconds(usage.ru_utime) + seconds(usage.ru_stime));
    metric_one(out, "process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes());
    metric_one(out, "process_open_fds", "gauge", "Open descriptors.", open_descriptors());
}

void
server_append_metrics(void *ctx, struct buf *out)
{
    struct server *server = ctx;

    metric_family(out, "hd1_build_info", "gauge", "The version that runs.");
    metric_value(out, "hd1_build_info", "version=\"" HD1_VERSION "\"", 1);
    append_process(out);
    metric_family(out, "hd1_round_seconds", "histogram", "Busy time of one round of the loop.");
    metric_histogram(out, "hd1_round_seconds", NULL, &server->round_us, 1e-6);
    metric_one(out, "hd1_long_rounds_total", "counter", "Rounds over 50 ms, see the log.",
               (double)server->long_rounds);
    metric_one(out, "hd1_storage_ready", "gauge", "Did the last commit work?",
               store_is_ready(server->store) ? 1 : 0);
    metric_family(out, "hd1_plugin_reloads_total", "counter", "Reloads, by what became of them.");
    metric_value(out, "hd1_plugin_reloads_total", "result=\"ok\"", (double)server->reloads_ok);
    metric_value(out, "hd1_plugin_reloads_total", "result=\"failed\"",
                 (double)server->reloads_failed);
    hub_append_metrics(server->hub, out);
    if (server->plugins)
        plugins_append_metrics(server->plugins, out);
    if (server->net)
        net_append_metrics(server->net, out);
}
