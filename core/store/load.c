/* Loading a session: its row, epochs and objects, and the events to replay on top of them. */
#include "err.h"
#include "store/lookup.h"

#define SEQ_MAX INT64_C(9007199254740991) /* 2^53 - 1; there would be none for the next event */

struct load {
    struct lookup lookup;
    struct span id; /* behind the struct */
    store_load_fn fn;
    void *ctx;
    struct store_session session;
};

static int
read_row(struct load *load, struct db *db)
{
    struct query query = query_start(db, STMT_SESSION_BY_ID);
    struct store_session *session = &load->session;

    query_text(&query, load->id);
    if (query_row(&query)) {
        session->key = query_col_int(&query, 0);
        session->created_ms = query_col_int(&query, 1);
        session->objects_seq = query_col_int(&query, 2);
        session->world = lookup_copy_object(&load->lookup, &query, 3);
        if (!query_col_int(&query, 4))
            session->camera = lookup_copy_object(&load->lookup, &query, 5);
        session->script = lookup_copy_text(&load->lookup, &query, 6);
        session->world_version = query_col_int(&query, 7);
    } else {
        load->lookup.status = HD1_ENOENT;
    }
    return query_end(&query);
}

static int
read_bounds(struct load *load, struct db *db)
{
    struct store_session *session = &load->session;
    struct query query = query_start(db, STMT_EVENT_LAST);
    int rc;

    query_int(&query, session->key);
    session->last_seq = session->last_time_ms = 0;
    if (query_row(&query)) {
        session->last_seq = query_col_int(&query, 0);
        session->last_time_ms = query_col_int(&query, 1);
        if (session->last_seq >= SEQ_MAX)
            load->lookup.status = HD1_ECORRUPT;
    }
    rc = query_end(&query);
    if (rc != SQLITE_OK)
        return rc;
    query = query_start(db, STMT_EVENT_FIRST);
    query_int(&query, session->key);
    session->first_seq = query_row(&query) ? query_col_int(&query, 0) : session->last_seq + 1;
    return query_end(&query);
}

static int
read_epochs(struct load *load, struct db *db)
{
    struct query query = query_start(db, STMT_EPOCH_LIST);
    struct store_session *session = &load->session;
    size_t cap = 0;

    query_int(&query, session->key);
    while (query_row(&query)) {
        struct span text = query_col_text(&query, 0);
        struct store_epoch *epoch;

        session->epochs = lookup_grow(&load->lookup, session->epochs, session->epoch_count, &cap,
                                      sizeof(*session->epochs));
        epoch = &session->epochs[session->epoch_count++];
        if (text.len >= sizeof(epoch->epoch)) {
            load->lookup.status = HD1_ECORRUPT;
            break;
        }
        memcpy(epoch->epoch, text.at, text.len);
        epoch->epoch[text.len] = '\0';
        epoch->first_seq = query_col_int(&query, 1);
    }
    return query_end(&query);
}

static int
read_objects(struct load *load, struct db *db)
{
    struct query query = query_start(db, STMT_OBJECT_LIST);
    struct store_session *session = &load->session;
    size_t cap = 0;

    query_int(&query, session->key);
    while (query_row(&query)) {
        session->objects = lookup_grow(&load->lookup, session->objects, session->object_count, &cap,
                                       sizeof(*session->objects));
        session->objects[session->object_count++] = (struct store_object){
            .name = lookup_copy_text(&load->lookup, &query, 0),
            .version = query_col_int(&query, 1),
            .time_ms = query_col_int(&query, 2),
            .body = lookup_copy_object(&load->lookup, &query, 3),
            .writer = lookup_copy_text(&load->lookup, &query, 4),
        };
    }
    return query_end(&query);
}

static int
read_events(struct load *load, struct db *db)
{
    struct query query = query_start(db, STMT_EVENT_LIST);
    struct store_session *session = &load->session;
    size_t cap = 0;

    query_int(&query, session->key);
    query_int(&query, session->objects_seq);
    query_int(&query, INT64_MAX);
    query_int(&query, -1); /* no limit */
    while (query_row(&query)) {
        session->events = lookup_grow(&load->lookup, session->events, session->event_count, &cap,
                                      sizeof(*session->events));
        session->events[session->event_count++] = lookup_copy_event(&load->lookup, &query);
    }
    return query_end(&query);
}

static int
run(struct lookup *lookup, struct db *db)
{
    static int (*const steps[])(struct load * load, struct db * db) = {
        read_row, read_bounds, read_epochs, read_objects, read_events};
    struct load *load = (struct load *)lookup;
    int rc = SQLITE_OK;

    load->session = (struct store_session){.id = load->id};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (rc == SQLITE_OK && lookup->status == 0)
            rc = steps[i](load, db);
    return rc;
}

static void
answer(struct lookup *lookup)
{
    struct load *load = (struct load *)lookup;

    load->fn(load->ctx, lookup->status, lookup->status == 0 ? &load->session : NULL);
}

struct lookup *
lookup_load(struct span id, store_load_fn fn, void *ctx)
{
    struct load *load = lookup_new(sizeof(*load) + id.len, run, answer);

    if (id.len)
        memcpy(load + 1, id.at, id.len);
    load->id = (struct span){(const char *)(load + 1), id.len};
    load->fn = fn;
    load->ctx = ctx;
    return &load->lookup;
}
