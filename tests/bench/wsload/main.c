/*
 * wsload: a small, cheap WebSocket fan-out load generator.
 *
 * One thread, epoll, non-blocking sockets, a minimal RFC 6455 client. Clients are spread over
 * rooms; publishers send a templated message that carries a monotonic timestamp; every client
 * counts the messages that come back by looking for a marker in the payload (so a server may batch
 * several events into one frame), and the latency is taken from the embedded timestamp.
 *
 * Every run is bounded in time. Linux only. No dependency beyond libc.
 */
#include "fatal.h"
#include "load.h"
#include "options.h"
#include "report.h"
#include "run.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define OTHER_FILES 64
#define TIMER_SLACK_NS 1000ul

static void
raise_file_limit(int clients)
{
    struct rlimit limit;
    rlim_t need = (rlim_t)clients + OTHER_FILES;

    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= need)
        return;
    limit.rlim_cur = need;
    if (limit.rlim_max < need)
        limit.rlim_max = need;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        die("cannot raise the open-file limit to %lu", (unsigned long)need);
}

int
main(int argc, char **argv)
{
    struct options options;
    struct load *load;
    struct run run;
    bool is_good;

    options_read(&options, argc, argv);
    raise_file_limit(options.clients);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
    load = load_new(&options);
    run_load(load, &run);
    if (!options.is_json_only)
        report_text(load, &run);
    report_json(load, &run);
    is_good = run.disconnected == 0 && run.failed == 0 && stats_lost(&load->stats) == 0;
    load_free(load);
    return is_good ? 0 : 1;
}
