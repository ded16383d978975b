/* Reading all that a plugin keeps. */
#include "store/lookup.h"

struct kv_load {
    struct lookup lookup;
    struct span owner; /* behind the struct */
    store_kv_fn fn;
    void *ctx;
    struct store_kv *items;
    size_t count;
};

static int
run(struct lookup *lookup, struct db *db)
{
    struct kv_load *load = (struct kv_load *)lookup;
    struct query query = query_start(db, STMT_KV_LIST);
    size_t cap = 0;

    load->items = NULL;
    load->count = 0;
    query_text(&query, load->owner);
    while (query_row(&query)) {
        load->items = lookup_grow(lookup, load->items, load->count, &cap, sizeof(*load->items));
        load->items[load->count++] = (struct store_kv){lookup_copy_text(lookup, &query, 0),
                                                       lookup_copy_text(lookup, &query, 1)};
    }
    return query_end(&query);
}

static void
answer(struct lookup *lookup)
{
    struct kv_load *load = (struct kv_load *)lookup;
    bool is_read = lookup->status == 0;

    load->fn(load->ctx, lookup->status, is_read ? load->items : NULL, is_read ? load->count : 0);
}

struct lookup *
lookup_kv(struct span owner, store_kv_fn fn, void *ctx)
{
    struct kv_load *load = lookup_new(sizeof(*load) + owner.len, run, answer);

    memcpy(load + 1, owner.at, owner.len);
    load->owner = (struct span){(const char *)(load + 1), owner.len};
    load->fn = fn;
    load->ctx = ctx;
    return &load->lookup;
}
