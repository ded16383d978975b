/* The N smallest of many that are seen one by one, without keeping or sorting all of them. */
#ifndef HD1_HUB_SMALLEST_H
#define HD1_HUB_SMALLEST_H

#include <stddef.h>

/* As qsort() wants it: a and b point to the pointers that were added. */
typedef int smallest_cmp_fn(const void *a, const void *b);

/* Borrows what is added. */
struct smallest {
    const void **found;
    size_t count;
    size_t limit;
    smallest_cmp_fn *cmp;
};

void smallest_init(struct smallest *smallest, size_t limit, smallest_cmp_fn *cmp);
void smallest_fini(struct smallest *smallest);
void smallest_add(struct smallest *smallest, const void *item);
/* Copies the pointers that are left, in order, to `items` (room for the limit); how many. */
size_t smallest_copy(struct smallest *smallest, void *items);

#endif
