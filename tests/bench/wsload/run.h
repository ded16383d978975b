/* The run, in four phases, each bounded in time: connect, settle, measure, drain. */
#ifndef HD1_BENCH_WSLOAD_RUN_H
#define HD1_BENCH_WSLOAD_RUN_H

#include "process.h"

#include <stdint.h>

struct load;

/* CPU time so far. */
struct usage {
    struct cpu_time server;
    double machine_s, own_s;
};

/* What it took, besides what load->stats has counted. */
struct run {
    int connected, failed; /* clients: ready after the first phase, or not */
    double connect_s, connect_cpu_s;
    struct memory before, settled, after; /* the server's */
    struct usage from, until;             /* the measuring window */
    double duration_s;                    /* of the window, as it was */
    int disconnected;                     /* clients, before they were told to go */
};

/* Dies if no client becomes ready. */
void run_load(struct load *load, struct run *run);

#endif
