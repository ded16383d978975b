/* GET /metrics: every layer's figures, and the process's own. */
#include "server/server_state.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

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
    server_append_rounds(server, out);
    metric_one(out, "hd1_storage_ready", "gauge", "Did the last commit work?",
               store_is_ready(server->store) ? 1 : 0);
    metric_family(out, "hd1_plugin_reloads_total", "counter", "Reloads, by what became of them.");
    metric_value(out, "hd1_plugin_reloads_total", "result=\"ok\"", (double)server->reloads_ok);
    metric_value(out, "hd1_plugin_reloads_total", "result=\"failed\"",
                 (double)server->reloads_failed);
    hub_append_metrics(server->hub, out);
    if (server->plugins)
        plugins_append_metrics(server->plugins, out);
    if (server->scripts)
        scripts_append_metrics(server->scripts, out);
    if (server->net)
        net_append_metrics(server->net, out);
}
