/* The schemas of event types that plugins declare, compiled for trial, whether or not anybody
 * checks events by them yet. */
#include "plugin/plugin_state.h"

#include "err.h"
#include "hub/event.h"
#include "json/json_schema.h"

#include <stdlib.h>

static int
check(struct plugin *plugin, struct event_type *type, struct buf *why)
{
    struct buf fault = BUF_INIT;
    struct json_schema *schema = json_schema_new(span_of(type->schema), &fault);
    int err = schema ? 0 : HD1_EINVAL;

    if (err) {
        plugin_append_where(plugin, type->name, why);
        buf_appendf(why, ": event %s: %s\n", type->name, buf_cstr(&fault));
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
