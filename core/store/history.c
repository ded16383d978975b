/* A page of a session's log, for a client that catches up or asks for it. */
#include "store/lookup.h"

struct history {
    struct lookup lookup;
    int64_t session, since, until;
    size_t limit, max_bytes;
    store_history_fn fn;
    void *ctx;
    struct store_event *events;
    size_t count;
};

static int
run(struct lookup *lookup, struct db *db)
{
    struct history *history = (struct history *)lookup;
    struct query query = query_start(db, STMT_EVENT_LIST);
    size_t bytes = 0;
    size_t cap = 0;

    history->events = NULL;
    history->count = 0;
    query_int(&query, history->session);
    query_int(&query, history->since);
    query_int(&query, history->until);
    query_int(&query, history->limit < INT64_MAX ? (int64_t)history->limit : INT64_MAX);
    while (query_row(&query)) {
        bytes += query_col_text(&query, 5).len;
        if (history->count && bytes > history->max_bytes)
            break;
        history->events =
            lookup_grow(lookup, history->events, history->count, &cap, sizeof(*history->events));
        history->events[history->count++] = lookup_copy_event(lookup, &query);
    }
    return query_end(&query);
}

static void
answer(struct lookup *lookup)
{
    struct history *history = (struct history *)lookup;
    bool is_good = lookup->status == 0;

    history->fn(history->ctx, lookup->status, is_good ? history->events : NULL,
                is_good ? history->count : 0);
}

struct lookup *
lookup_history(int64_t session, int64_t since, int64_t until, size_t limit, size_t max_bytes,
               store_history_fn fn, void *ctx)
{
    struct history *history = lookup_new(sizeof(*history), run, answer);

    history->session = session;
    history->since = since;
    history->until = until;
    history->limit = limit;
    history->max_bytes = max_bytes;
    history->fn = fn;
    history->ctx = ctx;
    return &history->lookup;
}
