/* The schemas of event types that plugins declare, compiled for trial, whether or not anybody
 * checks events by them yet. */
#include "plugin/plugin_state.h"

#include "err.h"
#include "hub/event.h"
#include "json/json.h"
#include "json/json_schema.h"

#include <stdlib.h>

static int
check(struct plugin *plugin, struct event_type *type, struct buf *why)
{
    struct span text = span_of(type->schema);
    struct json_schema *schema = NULL;
    struct buf fault = BUF_INIT;
    struct json_error error;
    int err;

    if (json_check(text, NULL, &error) == 0)
        schema = json_schema_new(text, &fault);
    else
        buf_appendf(&fault, "schema: %s", error.what);
    /* Each event that comes has one, though its sender need not write it. */
    if (schema && type->is_sendable && !json_schema_admits(schema, SPAN("session_id")))
        buf_append_str(&fault, "schema: would refuse every event: session_id, which each has, must "
                               "be among its properties");
    err = fault.len == 0 ? 0 : HD1_EINVAL;
    if (err) {
        plugin_append_where(plugin, type->name, why);
        buf_appendf(why, ": event %s: ", type->name);
        buf_append_span(why, buf_span(&fault));
        buf_append_char(why, '\n');
        plugin->is_faulty = true;
        free(type->schema);
        type->schema = NULL;
    }
    json_schema_free(schema);
    buf_fini(&fault);
    return err;
}

int
plugins_check_schemas(struct plugins *plugins, struct buf *why)
{
    int err = 0;

    for (size_t i = 0; i < plugins->count; i++) {
        struct plugin *plugin = plugins->items[i];

        for (size_t j = 0; j < plugin->type_count; j++) {
            struct event_type *type = event_types_find(plugins->types, span_of(plugin->types[j]));

            if (type && type->schema && check(plugin, type, why) != 0)
                err = HD1_EINVAL;
        }
    }
    return err;
}
