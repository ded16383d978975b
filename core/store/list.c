/* A page of the list of living sessions. */
#include "store/lookup.h"

#define LIST_MAX 1000

struct list {
    struct lookup lookup;
    struct span after; /* behind the struct; "" comes before all */
    size_t limit;
    store_list_fn fn;
    void *ctx;
    struct store_listing *items;
    size_t count;
};

static int
run(struct lookup *lookup, struct db *db)
{
    struct list *list = (struct list *)lookup;
    struct query query = query_start(db, STMT_SESSION_LIST);
    size_t cap = 0;

    list->items = NULL;
    list->count = 0;
    query_text(&query, list->after);
    query_int(&query, (int64_t)list->limit);
    while (query_row(&query)) {
        list->items = lookup_grow(lookup, list->items, list->count, &cap, sizeof(*list->items));
        list->items[list->count++] = (struct store_listing){
            .id = lookup_copy_text(lookup, &query, 0),
            .script = lookup_copy_text(lookup, &query, 1),
            .created_ms = query_col_int(&query, 2),
            .last_seq = query_col_int(&query, 3),
        };
    }
    return query_end(&query);
}

static void
answer(struct lookup *lookup)
{
    struct list *list = (struct list *)lookup;
    bool is_good = lookup->status == 0;

    list->fn(list->ctx, lookup->status, is_good ? list->items : NULL, is_good ? list->count : 0);
}

struct lookup *
lookup_list(struct span after, size_t limit, store_list_fn fn, void *ctx)
{
    struct list *list = lookup_new(sizeof(*list) + after.len, run, answer);

    if (after.len)
        memcpy(list + 1, after.at, after.len);
    list->after = (struct span){(const char *)(list + 1), after.len};
    list->limit = limit < LIST_MAX ? limit : LIST_MAX;
    list->fn = fn;
    list->ctx = ctx;
    return &list->lookup;
}
