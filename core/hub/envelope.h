/* The envelope of a message: {"type":T,"data":{...},"id":N,"time_ms":M}. Private to hub/. */
#ifndef HD1_HUB_ENVELOPE_H
#define HD1_HUB_ENVELOPE_H

#include "hub/refusal.h"
#include "span.h"

#include <stdint.h>

struct envelope {
    struct span type; /* unquoted; SPAN_NONE if missing or no string */
    struct span data;
    int64_t id;
    int64_t time_ms;
};

/* Reads one event's envelope from checked JSON. 0, or HD1_EINVAL with a refusal; what could be read
 * (the id, say) is there even then. */
int envelope_read(struct span value, struct envelope *envelope, struct refusal *refusal);
/* The first of an array, or the value itself; SPAN_NONE for an empty array. */
struct span envelope_first(struct span value);
/* The first envelope as far as it can be read, for whom it does not matter why it cannot. */
void envelope_peek(struct span value, struct envelope *envelope);
/* How many events a message holds: the length of an array, else 1. */
size_t envelope_count(struct span value);

#endif
