/* See report.h. */
#include "report.h"

#include "load.h"
#include "run.h"

#include <inttypes.h>
#include <stdio.h>

/* --- figures --- */

static double
per(double count, double of)
{
    return of > 0 ? count / of : 0;
}

static double
quantile_ms(const struct histogram *histogram, double quantile)
{
    return histogram_quantile(histogram, quantile) / 1e6;
}

static double
max_ms(const struct histogram *histogram)
{
    return (double)histogram->max / 1e6;
}

/* The server's, in the window. */
static struct cpu_time
server_cpu(const struct run *run)
{
    return (struct cpu_time){run->until.server.user_s - run->from.server.user_s,
                             run->until.server.system_s - run->from.server.system_s};
}

static double
server_cpu_s(const struct run *run)
{
    struct cpu_time cpu = server_cpu(run);

    return cpu.user_s + cpu.system_s;
}

static double
bytes_per_client(const struct run *run, long before_kb, long after_kb)
{
    return (double)(after_kb - before_kb) * 1024 / run->connected;
}

/* --- for people --- */

static void
print_memory(const struct run *run)
{
    printf("  memory: rss %ld -> %ld kB, pss %ld -> %ld kB: %.0f B rss / %.0f B pss per "
           "connection; after run rss %ld kB\n",
           run->before.rss_kb, run->settled.rss_kb, run->before.pss_kb, run->settled.pss_kb,
           bytes_per_client(run, run->before.rss_kb, run->settled.rss_kb),
           bytes_per_client(run, run->before.pss_kb, run->settled.pss_kb), run->after.rss_kb);
}

static void
print_messages(const struct load *load, const struct run *run)
{
    const struct stats *stats = &load->stats;
    const struct histogram *latency = &stats->latency;

    printf("  sent %" PRIu64 " (%.0f/s)  received %" PRIu64 " of %" PRIu64 " (lost %" PRId64
           ")  %.0f deliveries/s  %.1f MB/s  %.2f events/frame\n",
           stats->sent, per((double)stats->sent, run->duration_s), stats->received, stats->expected,
           stats_lost(stats), per((double)stats->received_meanwhile, run->duration_s),
           per((double)stats->bytes_meanwhile, run->duration_s) / 1e6,
           per((double)stats->received_meanwhile, (double)stats->frames_meanwhile));
    printf("  latency ms: p50 %.3f p90 %.3f p99 %.3f p99.9 %.3f max %.3f mean %.3f | send lag p99 "
           "%.3f max %.3f\n",
           quantile_ms(latency, .5), quantile_ms(latency, .9), quantile_ms(latency, .99),
           quantile_ms(latency, .999), max_ms(latency), histogram_mean(latency) / 1e6,
           quantile_ms(&stats->lag, .99), max_ms(&stats->lag));
}

static void
print_cpu(const struct load *load, const struct run *run)
{
    struct cpu_time cpu = server_cpu(run);

    printf("  cpu over %.2f s: server %.2f s (user %.2f sys %.2f)  client %.2f s  all processes "
           "%.2f s  -> %.0f deliveries per server-CPU-s\n",
           run->duration_s, server_cpu_s(run), cpu.user_s, cpu.system_s,
           run->until.own_s - run->from.own_s, run->until.machine_s - run->from.machine_s,
           per((double)load->stats.received_meanwhile, server_cpu_s(run)));
}

static void
print_troubles(const struct load *load, const struct run *run)
{
    const struct stats *stats = &load->stats;
    bool has_error = load->first_error[0] && (run->disconnected || run->failed);

    printf("  disconnects %d  failed connects %d  skipped sends %" PRIu64 "  blocked sends %" PRIu64
           "  pings %" PRIu64 "%s%s\n",
           run->disconnected, run->failed, stats->skipped_sends, stats->blocked_sends, stats->pings,
           has_error ? "  first error: " : "", has_error ? load->first_error : "");
}

void
report_text(const struct load *load, const struct run *run)
{
    const struct options *options = &load->options;

    printf("%s%sclients %d/%d rooms %d publishers %d  connect %.2f s (%.0f/s, server cpu %.2f s)\n",
           options->label, options->label[0] ? ": " : "", run->connected, options->clients,
           options->rooms, options->publishers, run->connect_s, run->connected / run->connect_s,
           run->connect_cpu_s);
    if (load->processes.count > 0)
        print_memory(run);
    if (options->publishers > 0)
        print_messages(load, run);
    print_cpu(load, run);
    print_troubles(load, run);
}

/* --- JSON --- */

static void
json_options(const struct options *options, const struct run *run)
{
    bool is_time_actual = options->rate <= 0 || options->is_time_actual;

    printf("\"tool\":\"wsload " VERSION "\",\"label\":\"%s\",\"clients\":%d,\"rooms\":%d,"
           "\"publishers\":%d,\"rate\":%.0f,",
           options->label, run->connected, options->rooms, options->publishers, options->rate);
    printf("\"window\":%d,\"payload\":%d,\"mask\":%d,\"ts_mode\":\"%s\",\"duration_s\":%.3f,",
           options->rate > 0 ? 0 : options->window, options->payload, options->mask,
           is_time_actual ? "actual" : "intended", run->duration_s);
}

static void
json_connect(const struct load *load, const struct run *run)
{
    const struct histogram *connecting = &load->stats.connecting;

    printf("\"connect\":{\"ok\":%d,\"failed\":%d,\"seconds\":%.3f,\"per_s\":%.0f,"
           "\"server_cpu_s\":%.2f,\"p50_ms\":%.3f,\"p99_ms\":%.3f},",
           run->connected, run->failed, run->connect_s, run->connected / run->connect_s,
           run->connect_cpu_s, quantile_ms(connecting, .5), quantile_ms(connecting, .99));
}

static void
json_memory(const struct run *run)
{
    printf("\"mem\":{\"rss_before_kb\":%ld,\"rss_after_kb\":%ld,\"rss_end_kb\":%ld,"
           "\"pss_before_kb\":%ld,\"pss_after_kb\":%ld,\"rss_per_conn_b\":%.0f,"
           "\"pss_per_conn_b\":%.0f},",
           run->before.rss_kb, run->settled.rss_kb, run->after.rss_kb, run->before.pss_kb,
           run->settled.pss_kb, bytes_per_client(run, run->before.rss_kb, run->settled.rss_kb),
           bytes_per_client(run, run->before.pss_kb, run->settled.pss_kb));
}

static void
json_messages(const struct load *load, const struct run *run)
{
    const struct stats *stats = &load->stats;
    const struct histogram *latency = &stats->latency;

    printf("\"sent\":%" PRIu64 ",\"expected\":%" PRIu64 ",\"received\":%" PRIu64
           ",\"lost\":%" PRId64 ",\"frames\":%" PRIu64
           ",\"deliveries_per_s\":%.0f,\"msgs_per_s\":%.0f,",
           stats->sent, stats->expected, stats->received, stats_lost(stats), stats->frames,
           per((double)stats->received_meanwhile, run->duration_s),
           per((double)stats->sent, run->duration_s));
    printf("\"latency_ms\":{\"p50\":%.4f,\"p90\":%.4f,\"p99\":%.4f,\"p999\":%.4f,\"max\":%.4f,"
           "\"mean\":%.4f},",
           quantile_ms(latency, .5), quantile_ms(latency, .9), quantile_ms(latency, .99),
           quantile_ms(latency, .999), max_ms(latency), histogram_mean(latency) / 1e6);
    printf("\"send_lag_ms\":{\"p99\":%.4f,\"max\":%.4f},", quantile_ms(&stats->lag, .99),
           max_ms(&stats->lag));
}

static void
json_cpu(const struct load *load, const struct run *run)
{
    struct cpu_time cpu = server_cpu(run);

    printf("\"cpu\":{\"server_s\":%.2f,\"server_user_s\":%.2f,\"server_sys_s\":%.2f,"
           "\"client_s\":%.2f,\"all_processes_s\":%.2f,\"server_pct\":%.1f,"
           "\"deliveries_per_server_cpu_s\":%.0f},",
           server_cpu_s(run), cpu.user_s, cpu.system_s, run->until.own_s - run->from.own_s,
           run->until.machine_s - run->from.machine_s,
           per(server_cpu_s(run), run->duration_s) * 100,
           per((double)load->stats.received_meanwhile, server_cpu_s(run)));
}

void
report_json(const struct load *load, const struct run *run)
{
    const struct stats *stats = &load->stats;

    printf("{");
    json_options(&load->options, run);
    json_connect(load, run);
    json_memory(run);
    json_messages(load, run);
    json_cpu(load, run);
    printf("\"disconnects\":%d,\"skipped_sends\":%" PRIu64 ",\"blocked_sends\":%" PRIu64
           ",\"other_msgs\":%" PRIu64 "}\n",
           run->disconnected, stats->skipped_sends, stats->blocked_sends, stats->other_messages);
}
