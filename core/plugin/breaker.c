/* When a plugin fails too often, it is left alone for a while. */
#include "plugin/breaker.h"

#include <string.h>

bool
breaker_allows(const struct breaker *breaker, int64_t now_ms)
{
    return !breaker->is_tripped || now_ms >= breaker->rests_until_ms;
}

void
breaker_success(struct breaker *breaker)
{
    if (breaker->is_tripped)
        memset(breaker, 0, sizeof(*breaker));
}

bool
breaker_failure(struct breaker *breaker, int64_t now_ms)
{
    breaker->failed_ms[breaker->next] = now_ms;
    breaker->next = (breaker->next + 1) % BREAKER_FAILURES;
    if (breaker->count < BREAKER_FAILURES)
        breaker->count++;
    if (breaker->count == BREAKER_FAILURES &&
        now_ms - breaker->failed_ms[breaker->next] <= BREAKER_WINDOW_MS) /* the oldest of them */
        breaker->is_tripped = true;
    if (breaker->is_tripped)
        breaker->rests_until_ms = now_ms + BREAKER_REST_MS;
    return breaker->is_tripped;
}
