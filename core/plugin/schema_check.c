/* The schemas of event types that plugins declare, compiled for trial, whether or not anybody
 * checks events by them yet. */
#include "plugin/api/api.h"
#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"

#include "err.h"
#include "hub/event.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <unistd.h>

static void
compile_body(lua_State *L, void *ctx)
{
    lua_getglobal(L, "require");
    lua_pushliteral(L, "json_schema");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "compile");
    lua_json_push(L, span_of(((const struct event_type *)ctx)->schema));
    api_json_push(L); /* null, is_array */
    lua_call(L, 2, 0);
}

/* A state in which require finds json_schema; NULL if there is no such file. */
static struct vm *
make_vm(const struct plugins *plugins)
{
    struct buf path = BUF_INIT;
    struct vm_options options = {.name = "schemas", .instructions = 10 * VM_INSTRUCTIONS_DEFAULT};
    const char *folder =
        plugins->options.shipped ? plugins->options.shipped : plugins->options.path;
    struct vm *vm = NULL;

    buf_appendf(&path, "%s/lib/json_schema.lua", folder);
    if (access(buf_cstr(&path), R_OK) == 0) {
        path.len -= strlen("/json_schema.lua");
        options.lib_path = buf_cstr(&path);
        vm = vm_new(&options);
    }
    buf_fini(&path);
    return vm;
}

static int
check(struct plugin *plugin, struct vm *vm, struct event_type *type, struct buf *why)
{
    if (!type || !type->schema || vm_call(vm, compile_body, type) == 0)
        return 0;
    plugin_append_where(plugin, type->name, why);
    buf_appendf(why, ": event %s: %s\n", type->name, vm_error_line(vm));
    plugin->is_faulty = true;
    free(type->schema);
    type->schema = NULL;
    return HD1_EINVAL;
}

int
plugins_check_schemas(struct plugins *plugins, struct buf *why)
{
    struct vm *vm = make_vm(plugins);
    int err = 0;

    for (size_t i = 0; vm && i < plugins->count; i++) {
        struct plugin *plugin = plugins->items[i];

        for (size_t j = 0; j < plugin->type_count; j++)
            if (check(plugin, vm, event_types_find(plugins->types, span_of(plugin->types[j])),
                      why) != 0)
                err = HD1_EINVAL;
    }
    vm_free(vm);
    return err;
}
