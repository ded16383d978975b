/* See run.h. */
#include "run.h"

#include "client.h"
#include "fatal.h"
#include "load.h"
#include "mono.h"
#include "publish.h"

#define TURN_NS UINT64_C(50000000)
#define LAST_TURN_NS UINT64_C(20000000)
#define FAILED_MAX 1000

static uint64_t
ns_of(double seconds)
{
    return (uint64_t)(seconds * 1e9);
}

static double
server_cpu_s(const struct load *load)
{
    struct cpu_time time = processes_cpu_time(&load->processes);

    return time.user_s + time.system_s;
}

/* --- connect --- */

/* As many as may be under way, at the rate. Returns how long to wait for the next one. */
static uint64_t
start_clients(struct load *load, int *next, uint64_t start_ns, uint64_t now_ns)
{
    const struct options *options = &load->options;

    while (*next < options->clients && load->pending < options->connect_inflight) {
        if (options->connect_rate > 0) {
            uint64_t due_ns = start_ns + ns_of((double)*next / options->connect_rate);

            if (due_ns > now_ns)
                return due_ns - now_ns;
        }
        client_start(&load->clients[(*next)++]);
        if (load->failed > FAILED_MAX)
            die("too many failed connections: %s", load->first_error);
    }
    return TURN_NS;
}

static void
connect_clients(struct load *load, struct run *run)
{
    double cpu_s;
    uint64_t start_ns, end_ns, now_ns;
    int next = 0;

    run->before = processes_memory(&load->processes);
    cpu_s = server_cpu_s(load);
    start_ns = mono_ns();
    end_ns = start_ns + ns_of(load->options.connect_timeout_s);
    while ((next < load->options.clients || load->pending > 0) && (now_ns = mono_ns()) < end_ns)
        load_turn(load, start_clients(load, &next, start_ns, now_ns));
    run->connect_s = (double)(mono_ns() - start_ns) / 1e9;
    run->connected = load->ready;
    run->failed = load->options.clients - load->ready;
    run->connect_cpu_s = server_cpu_s(load) - cpu_s;
    if (load->ready == 0)
        die("no connection became ready: %s", load->first_error);
}

/* --- settle --- */

static void
settle(struct load *load, struct run *run)
{
    uint64_t now_ns, end_ns = mono_ns() + ns_of(load->options.settle_s);

    while ((now_ns = mono_ns()) < end_ns)
        load_turn(load, end_ns - now_ns < TURN_NS ? end_ns - now_ns : TURN_NS);
    processes_add_descendants(&load->processes);
    run->settled = processes_memory(&load->processes);
}

/* --- measure --- */

static struct usage
take_usage(const struct load *load)
{
    struct usage usage;

    usage.server = processes_cpu_time(&load->processes);
    usage.machine_s = machine_cpu_s();
    usage.own_s = own_cpu_s();
    return usage;
}

/* Returns when it began. */
static uint64_t
begin_window(struct load *load, struct run *run, uint64_t stop_ns)
{
    run->from = take_usage(load);
    load->stats.until_ns = load->stats.due_until_ns = stop_ns;
    return load->stats.from_ns = mono_ns();
}

static void
end_window(struct load *load, struct run *run, uint64_t from_ns)
{
    uint64_t now_ns = mono_ns();

    run->duration_s = (double)(now_ns - from_ns) / 1e9;
    load->stats.until_ns = now_ns;
    run->until = take_usage(load);
    run->after = processes_memory(&load->processes);
}

static void
measure(struct load *load, struct run *run)
{
    uint64_t start_ns = mono_ns(), warm_ns = start_ns + ns_of(load->options.warmup_s);
    uint64_t stop_ns = warm_ns + ns_of(load->options.duration_s), from_ns = 0, now_ns;
    struct schedule schedule = {start_ns, 0};

    while ((now_ns = mono_ns()) < stop_ns && load->ready > 0) {
        uint64_t wait_ns;

        if (from_ns == 0 && now_ns >= warm_ns)
            now_ns = from_ns = begin_window(load, run, stop_ns);
        wait_ns = stop_ns > now_ns ? stop_ns - now_ns : 0;
        if (from_ns == 0 && warm_ns - now_ns < wait_ns)
            wait_ns = warm_ns - now_ns;
        if (wait_ns > TURN_NS)
            wait_ns = TURN_NS;
        load_turn(load, publish_due(load, &schedule, now_ns, wait_ns));
    }
    end_window(load, run, from_ns);
}

/* --- drain --- */

/* What was sent in the window may come back; then all are told to go. */
static void
drain(struct load *load, struct run *run)
{
    uint64_t end_ns = mono_ns() + ns_of(load->options.drain_s);

    while (load->stats.received < load->stats.expected && mono_ns() < end_ns && load->ready > 0)
        load_turn(load, LAST_TURN_NS);
    load->is_stopping = true;
    run->disconnected = load->disconnected;
    for (int i = 0; i < load->options.clients; i++)
        if (load->clients[i].state == CLIENT_READY)
            client_send(&load->clients[i], OPCODE_CLOSE, "\x03\xe8", 2);
    end_ns = mono_ns() + NS_PER_S;
    while (load->open > 0 && mono_ns() < end_ns)
        load_turn(load, LAST_TURN_NS);
}

void
run_load(struct load *load, struct run *run)
{
    *run = (struct run){0};
    connect_clients(load, run);
    settle(load, run);
    measure(load, run);
    drain(load, run);
}
