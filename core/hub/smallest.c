/* The N smallest: twice as many are kept, and the greater half of them is dropped when that is
 * full. */
#include "hub/smallest.h"

#include "buf.h"

#include <stdlib.h>
#include <string.h>

static size_t
room(const struct smallest *smallest)
{
    return smallest->limit * 2 + 1;
}

void
smallest_init(struct smallest *smallest, size_t limit, smallest_cmp_fn *cmp)
{
    *smallest = (struct smallest){.limit = limit, .cmp = cmp};
    smallest->found = mem_alloc(room(smallest) * sizeof(*smallest->found));
}

void
smallest_fini(struct smallest *smallest)
{
    free(smallest->found);
    smallest->found = NULL;
}

static void
drop_greater(struct smallest *smallest)
{
    qsort(smallest->found, smallest->count, sizeof(*smallest->found), smallest->cmp);
    if (smallest->count > smallest->limit)
        smallest->count = smallest->limit;
}

void
smallest_add(struct smallest *smallest, const void *item)
{
    smallest->found[smallest->count++] = item;
    if (smallest->count == room(smallest))
        drop_greater(smallest);
}

size_t
smallest_copy(struct smallest *smallest, void *items)
{
    drop_greater(smallest);
    memcpy(items, smallest->found, smallest->count * sizeof(*smallest->found));
    return smallest->count;
}
