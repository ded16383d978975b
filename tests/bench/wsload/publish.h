/* The messages that publishers send: at a rate, or as many as are outstanding (closed loop). */
#ifndef HD1_BENCH_WSLOAD_PUBLISH_H
#define HD1_BENCH_WSLOAD_PUBLISH_H

#include <stdint.h>

struct load;

/* When messages are due, at a rate over all publishers. */
struct schedule {
    uint64_t start_ns;
    uint64_t next; /* the number of the next one */
};

/* Sends what is due now. Returns how long nothing is due after that, wait_ns at most. */
uint64_t publish_due(struct load *load, struct schedule *schedule, uint64_t now_ns,
                     uint64_t wait_ns);

#endif
