/* The event types that other plugins declared, in a case file: with their schemas, if the plugin
 * ever asked for one. */
#include "plugin/case/case_parts.h"

#include "hub/event.h"
#include "plugin/case/case_text.h"
#include "plugin/plugin_state.h"

#define SCHEMAS_BYTES (64 * 1024)

static void
append_schema(struct buf *out, struct buf *left_out, const struct event_type *type)
{
    if (out->len + strlen(type->schema) <= SCHEMAS_BYTES)
        case_append_json(out, "schema", span_of(type->schema));
    else
        case_note_left_out(left_out, "schema of %s", type->name);
}

static void
append_type(struct buf *out, struct buf *left_out, const struct plugin *plugin,
            const struct event_type *type)
{
    buf_append_str(out, out->len > 1 ? ",{" : "{");
    case_append_text(out, "name", span_of(type->name));
    case_append_text(out, "lane", span_of(type->lane == LANE_DURABLE ? "durable" : "volatile"));
    if (type->schema && plugin->has_read_schemas)
        append_schema(out, left_out, type);
    buf_append_char(out, '}');
}

static bool
is_of_others(const struct plugin *plugin, const struct event_type *type)
{
    return strcmp(type->owner, "core") != 0 && strcmp(type->owner, plugin->name) != 0;
}

/* The event's own first. */
void
case_append_types(struct buf *out, struct buf *left_out, const struct plugin *plugin,
                  const struct hook_call *now)
{
    const struct table *types = &plugin->all->types->by_name;
    const struct event_type *own = now->event ? now->event->type : NULL;
    size_t pos = 0;
    void *type;

    buf_append_char(out, '[');
    if (own && is_of_others(plugin, own))
        append_type(out, left_out, plugin, own);
    while (table_next(types, &pos, NULL, &type))
        if (type != own && is_of_others(plugin, type))
            append_type(out, left_out, plugin, type);
    buf_append_char(out, ']');
}
