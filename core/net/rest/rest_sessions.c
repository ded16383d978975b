/* /api/sessions: create, list, detail, delete, who is in, run a script. */
#include "net/rest/rest_body.h"
#include "net/rest/rest_page.h"
#include "net/rest/rest_routes.h"
#include "json/json.h"

#include "idgen.h"

#include <stdio.h>
#include <stdlib.h>

static void
append_listing(struct buf *out, const struct store_listing *item)
{
    rest_page_item(out);
    buf_append_str(out, "{\"session_id\":");
    json_append_string(out, item->id);
    buf_append_str(out, ",\"script\":");
    if (item->script.at)
        json_append_string(out, item->script);
    else
        buf_append_str(out, "null");
    buf_appendf(out, ",\"created_ms\":%lld,\"seq\":%lld}", (long long)item->created_ms,
                (long long)item->last_seq);
}

static void
on_list(void *ctx, int status, const struct store_listing *items, size_t count)
{
    struct rest_call *call = ctx;

    if (status) {
        refuse_storage(&call->refusal, status);
        rest_refuse_as(call, &call->refusal);
        return;
    }
    rest_page_begin(&call->body);
    for (size_t i = 0; i < count; i++)
        append_listing(&call->body, &items[i]);
    /* A full page may be the last one: then the next is empty. */
    rest_page_end(&call->body, count == call->count ? items[count - 1].id : SPAN_NONE);
    rest_answer(call, 200);
}

void
rest_sessions_list(struct rest_call *call)
{
    if (rest_query_limit(call, &call->count) && rest_query_cursor(call, &call->cursor))
        store_list(rest_store(call->rest), call->cursor, call->count, on_list, call);
}

static void
on_created(struct rest_call *call, const struct outcome *outcome)
{
    char location[32 + ID_SIZE];

    snprintf(location, sizeof(location), "/api/sessions/%.*s", (int)outcome->session_id.len,
             outcome->session_id.at);
    request_set_header(call->request, "location", location);
    buf_append_span(&call->body, outcome->result);
    rest_answer(call, call->body.len ? 201 : 204); /* 204: a plugin dropped it */
}

/* The body's `id` is the event's `session_id`; everything else goes on as it is. */
void
rest_sessions_create(struct rest_call *call)
{
    static const char *const skip[] = {"id", NULL};
    struct buf text = BUF_INIT;
    struct span id;
    size_t start;

    if (!rest_body_object_or_none(call))
        return;
    buf_append_str(&text, "{\"type\":\"session_created\",\"data\":{");
    start = text.len;
    if (json_member(call->value, "id", &id) && json_type_of(id) != JSON_NULL) {
        buf_append_str(&text, ",\"session_id\":");
        buf_append_span(&text, id);
    }
    rest_append_members(&text, call->value, skip);
    if (text.len > start)
        text.data[start] = ' '; /* the first comma */
    buf_append_str(&text, "}}");
    rest_change(call, &text, on_created);
}

static void
read_detail(struct rest_call *call, struct session *session)
{
    session_append_detail(&call->body, session);
}

void
rest_session_get(struct rest_call *call)
{
    rest_read(call, read_detail);
}

void
rest_session_delete(struct rest_call *call)
{
    struct buf text = BUF_INIT;

    buf_append_str(&text, "{\"type\":\"session_deleted\",\"data\":{}}");
    rest_change(call, &text, rest_done_empty);
}

static int
compare_clients(const void *a, const void *b)
{
    struct client *const *x = a;
    struct client *const *y = b;

    return strcmp(client_id(*x), client_id(*y));
}

/* All whose id comes after the cursor, in order. The caller frees. */
static struct client **
clients_after(const struct session *session, struct span cursor, size_t *count)
{
    struct client **clients =
        mem_alloc((session_client_count(session) + 1) * sizeof(struct client *));
    struct client *client;
    size_t pos = 0;

    *count = 0;
    while ((client = session_next_client(session, &pos)))
        if (span_cmp(span_of(client_id(client)), cursor) > 0)
            clients[(*count)++] = client;
    qsort(clients, *count, sizeof(struct client *), compare_clients);
    return clients;
}

static void
read_clients(struct rest_call *call, struct session *session)
{
    size_t count, i;
    struct client **clients = clients_after(session, call->cursor, &count);

    rest_page_begin(&call->body);
    for (i = 0; i < count && i < call->count && !rest_page_is_full(&call->body); i++) {
        rest_page_item(&call->body);
        session_append_client(&call->body, session, clients[i]);
    }
    rest_page_end(&call->body, i < count ? span_of(client_id(clients[i - 1])) : SPAN_NONE);
    free(clients);
}

void
rest_session_clients(struct rest_call *call)
{
    if (rest_query_limit(call, &call->count) && rest_query_cursor(call, &call->cursor))
        rest_read(call, read_clients);
}

static void
append_seq(struct buf *out, const char *key, int64_t seq)
{
    if (seq)
        buf_appendf(out, ",\"%s\":%lld", key, (long long)seq);
    else
        buf_appendf(out, ",\"%s\":null", key);
}

static void
on_script(void *ctx, const struct outcome *outcome)
{
    struct rest_call *call = ctx;

    if (outcome->refusal) {
        rest_refuse_as(call, outcome->refusal);
        return;
    }
    buf_append_str(&call->body, "{\"script\":");
    json_append_string(&call->body, call->name);
    append_seq(&call->body, "first_seq", outcome->first_seq);
    append_seq(&call->body, "last_seq", outcome->first_seq ? outcome->last_seq : 0);
    buf_append_char(&call->body, '}');
    rest_answer(call, 200);
}

void
rest_session_script(struct rest_call *call)
{
    struct span script, name;

    if (!rest_body_object(call))
        return;
    if (!json_member(call->value, "script", &script) || json_type_of(script) != JSON_STRING ||
        !json_plain_string(script, &name) || !id_is_valid(name)) {
        rest_refuse(call, REFUSE_INVALID_EVENT,
                    "the body must be {\"script\": NAME}; GET /api/scripts lists the names");
        return;
    }
    call->name = name; /* lent by the body */
    struct client *client = request_client(call->request);

    call->is_change = client != NULL;
    if (client)
        hub_run_script(rest_hub(call->rest), client, call->session_id, name, on_script, call);
    else
        rest_refuse(call, REFUSE_STOPPING, "the connection is gone");
}
