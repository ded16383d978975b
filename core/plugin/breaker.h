/*
 * A circuit breaker: after BREAKER_FAILURES failures within BREAKER_WINDOW_MS it says no for
 * BREAKER_REST_MS, then lets one call through: if that fails it rests again, otherwise all is
 * forgotten. Pure; it is told the time.
 */
#ifndef HD1_PLUGIN_BREAKER_H
#define HD1_PLUGIN_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#define BREAKER_FAILURES 20
#define BREAKER_WINDOW_MS 10000
#define BREAKER_REST_MS 30000

/* A zeroed struct is a breaker that lets through. */
struct breaker {
    int64_t failed_ms[BREAKER_FAILURES]; /* a ring; the oldest is at next */
    int next;
    int count;
    bool is_tripped;
    int64_t rests_until_ms;
};

/* May a call be made? now_ms is looked at only when tripped. */
bool breaker_allows(const struct breaker *breaker, int64_t now_ms);
void breaker_success(struct breaker *breaker);
/* True if this failure tripped it (or kept it tripped after the trial). */
bool breaker_failure(struct breaker *breaker, int64_t now_ms);

#endif
