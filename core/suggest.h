/* "Did you mean ...?": the nearest of some known words. Leaf; any thread. */
#ifndef HD1_SUGGEST_H
#define HD1_SUGGEST_H

#include "span.h"

struct suggest {
    struct span word; /* what somebody wrote */
    const char
        *best;       /* the nearest so far, NULL if nothing is near; lent by suggest_try's caller */
    size_t distance; /* of best */
};

void suggest_init(struct suggest *suggest, struct span word);
/* Is this one nearer than what there was? Of two as near it is the first in the alphabet, so that
 * the order in which they are tried does not matter. */
void suggest_try(struct suggest *suggest, const char *known);

#endif
