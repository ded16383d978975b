/* What all lookups share. */
#include "store/lookup.h"

#include "buf.h"
#include "err.h"

#include <stdlib.h>

static void
deliver(struct delivery *delivery)
{
    struct lookup *lookup = (struct lookup *)delivery;

    lookup->answer(lookup);
    lookup_free(lookup);
}

void *
lookup_new(size_t size, int (*run)(struct lookup *lookup, struct db *db),
           void (*answer)(struct lookup *lookup))
{
    struct lookup *lookup = mem_zalloc(size);

    lookup->delivery.deliver = deliver;
    lookup->run = run;
    lookup->answer = answer;
    return lookup;
}

void
lookup_free(struct lookup *lookup)
{
    arena_fini(&lookup->arena);
    free(lookup);
}

void *
lookup_grow(struct lookup *lookup, void *items, size_t count, size_t *cap, size_t size)
{
    void *more;

    if (count < *cap)
        return items;
    *cap = *cap ? 2 * *cap : 64;
    more = arena_alloc(&lookup->arena, *cap * size);
    if (count)
        memcpy(more, items, count * size);
    return more;
}

struct span
lookup_copy_text(struct lookup *lookup, const struct query *query, int col)
{
    struct span text = query_col_text(query, col);

    return text.at ? arena_copy(&lookup->arena, text) : SPAN_NONE;
}

struct span
lookup_copy_object(struct lookup *lookup, const struct query *query, int col)
{
    struct span text = lookup_copy_text(lookup, query, col);

    if (text.len > 0 && text.at[0] == '{')
        return text;
    lookup->status = HD1_ECORRUPT;
    return SPAN_NONE;
}

struct store_event
lookup_copy_event(struct lookup *lookup, const struct query *query)
{
    return (struct store_event){
        .seq = query_col_int(query, 0),
        .time_ms = query_col_int(query, 1),
        .type = lookup_copy_text(lookup, query, 2),
        .client_id = lookup_copy_text(lookup, query, 3),
        .client_msg_id = query_col_int(query, 4),
        .body = lookup_copy_object(lookup, query, 5),
    };
}
