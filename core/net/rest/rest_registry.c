/* What this server knows: event types, world scripts, plugins. Registries change at a reload only.
 */
#include "net/rest/rest_page.h"
#include "net/rest/rest_routes.h"
#include "json/json.h"

#include <stdlib.h>

static int
compare_types(const void *a, const void *b)
{
    const struct event_type *const *x = a;
    const struct event_type *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static void
append_text(struct buf *out, const char *key, const char *text)
{
    buf_appendf(out, ",\"%s\":", key);
    json_append_string(out, span_of(text ? text : ""));
}

/* Without the white space that it is written with. */
static void
append_schema(struct buf *out, const char *schema)
{
    struct span value;

    if (schema && json_check(span_of(schema), &value, NULL) == 0)
        json_append_compact(out, value);
    else
        buf_append_str(out, "null");
}

static void
append_type(struct buf *out, const struct event_type *type)
{
    rest_page_item(out);
    buf_append_str(out, "{\"name\":");
    json_append_string(out, span_of(type->name));
    append_text(out, "lane", type->lane == LANE_DURABLE ? "durable" : "volatile");
    buf_appendf(out, ",\"sendable\":%s", type->is_sendable ? "true" : "false");
    append_text(out, "owner", type->owner);
    append_text(out, "doc", type->doc);
    buf_append_str(out, ",\"schema\":");
    append_schema(out, type->schema);
    buf_append_char(out, '}');
}

void
rest_event_types(struct rest_call *call)
{
    const struct table *table = &hub_types(rest_hub(call->rest))->by_name;
    const struct event_type **types = mem_alloc((table->count + 1) * sizeof(*types));
    size_t pos = 0, count = 0;
    struct span key;
    void *value;

    while (table_next(table, &pos, &key, &value))
        types[count++] = value;
    qsort(types, count, sizeof(*types), compare_types);
    rest_page_begin(&call->body);
    for (size_t i = 0; i < count; i++)
        append_type(&call->body, types[i]);
    rest_page_end(&call->body, SPAN_NONE);
    free(types);
    rest_answer(call, 200);
}

/* {"items":ARRAY,"next":null} with an array that somebody else makes. */
static void
answer_array(struct rest_call *call, void (*append)(void *ctx, struct buf *out))
{
    buf_append_str(&call->body, "{\"items\":");
    if (append)
        append(rest_registry(call->rest)->ctx, &call->body);
    else
        buf_append_str(&call->body, "[]");
    buf_append_str(&call->body, ",\"next\":null}");
    rest_answer(call, 200);
}

void
rest_scripts(struct rest_call *call)
{
    answer_array(call, rest_registry(call->rest)->append_scripts);
}

void
rest_plugins(struct rest_call *call)
{
    answer_array(call, rest_registry(call->rest)->append_plugins);
}
