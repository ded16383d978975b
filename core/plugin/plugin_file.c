/*
 * One plugin's file: run in a state of its own, what it returns checked, its types declared, its
 * setup called. Two phases, so that a setup sees the event types of all plugins.
 */
#include "plugin/api/api.h"
#include "plugin/api/box.h"
#include "plugin/plugin_state.h"

#include "err.h"
#include "idgen.h"

#include <lauxlib.h>
#include <stdio.h>
#include <unistd.h>

#define LEFT_MIN 1000 /* instructions: enough to say what went wrong */

struct opening {
    struct plugin *plugin;
    struct span options;
};

/* Checks the keys of what the file returned, at index 1. */
static void
check_keys(lua_State *L, struct plugin *plugin)
{
    static const char *const known[] = {"name",   "version", "api", "config",
                                        "events", "setup",   "doc"};
    bool is_known;

    if (!lua_istable(L, 1))
        plugin_fail_at(L, plugin, "return", "must return a table, not a %s", luaL_typename(L, 1));
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lua_pop(L, 1);
        is_known = false;
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            is_known |=
                lua_type(L, -1) == LUA_TSTRING && strcmp(known[i], lua_tostring(L, -1)) == 0;
        if (!is_known) {
            const char *key = luaL_tolstring(L, -1, NULL);

            plugin_fault_at(
                plugin, key,
                "unknown key '%s'; known: name, version, api, config, events, setup, doc", key);
            lua_pop(L, 1);
        }
    }
}

static void
check_name(lua_State *L, struct plugin *plugin)
{
    const char *name, *version;

    lua_getfield(L, 1, "name");
    name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    if (strcmp(name, plugin->name) != 0)
        plugin_fault_at(plugin, "name", "name must be \"%s\", like the file's", plugin->name);
    lua_getfield(L, 1, "version");
    version = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    if (!version)
        plugin_fault_at(plugin, "version", "version must be a string");
    plugin->version = mem_strndup(version ? version : "", version ? strnlen(version, 64) : 0);
    lua_getfield(L, 1, "api");
    if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) != 1)
        plugin_fault_at(plugin, "api", "api must be 1");
    lua_settop(L, 1);
}

/* Pushes field key, which must be of that type, or nil [-0, +1]. */
static void
push_typed(lua_State *L, struct plugin *plugin, const char *key, int type)
{
    int found = lua_getfield(L, 1, key);

    if (found == LUA_TNIL || found == type)
        return;
    plugin_fault_at(plugin, key, "%s must be a %s", key, lua_typename(L, type));
    lua_pop(L, 1);
    lua_pushnil(L);
}

static void
open_body(lua_State *L, void *ctx)
{
    const struct opening *opening = ctx;
    struct plugin *plugin = opening->plugin;

    box_event_open(L, plugin);
    box_message_open(L, plugin);
    box_session_open(L, plugin);
    box_client_open(L, plugin);
    api_timer_open(L);
    box_identity_open(L);
    box_request_open(L);
    box_socket_open(L, plugin);
    vm_load_file(L, plugin->path);
    lua_call(L, 0, 1);
    check_keys(L, plugin);
    check_name(L, plugin);
    push_typed(L, plugin, "events", LUA_TTABLE);
    if (!lua_isnil(L, 2))
        plugin_declare_types(L, plugin, 2);
    lua_settop(L, 1);
    push_typed(L, plugin, "config", LUA_TTABLE);
    plugin->is_open = plugin_push_config(L, plugin, 2, opening->options);
    plugin->config_ref = vm_ref(L);
    lua_settop(L, 1);
    push_typed(L, plugin, "setup", LUA_TFUNCTION);
    if (lua_isnil(L, 2) && lua_getfield(L, 1, "setup") == LUA_TNIL)
        plugin_fault_at(plugin, "return",
                        "setup is missing: setup = function(hd1, config) ... end");
    lua_settop(L, 2);
    plugin->is_open &= !lua_isnil(L, 2);
    plugin->setup_ref = vm_ref(L);
}

static void
setup_body(lua_State *L, void *ctx)
{
    struct plugin *plugin = ctx;

    vm_push_ref(L, plugin->setup_ref);
    api_hd1_push(L, plugin);
    vm_push_ref(L, plugin->config_ref);
    lua_call(L, 2, 1);
    plugin_take_hooks(L, plugin);
}

/* A phase of loading is over: all its faults. */
static int
finish(struct plugin *plugin, int err, bool is_setting_up, struct buf *why)
{
    if (err)
        plugin->is_open = false;
    if (plugin->faults.len > 0)
        buf_append_span(why, buf_span(&plugin->faults));
    if (err)
        plugin_report(plugin, is_setting_up, why);
    plugin_end_loading(plugin, plugin);
    err = err || plugin->faults.len > 0 ? HD1_EINVAL : 0;
    buf_clear(&plugin->faults);
    return err;
}

void
plugin_begin_loading(struct plugin *plugin, struct plugin *called)
{
    int64_t whole = plugin->limits.instructions;

    vm_set_instructions(called->vm,
                        plugin->all->old ? plugin->load_left : PLUGIN_LOAD_FACTOR * whole);
}

void
plugin_end_loading(struct plugin *plugin, struct plugin *called)
{
    int64_t left = plugin->load_left - vm_instructions_used(called->vm);

    plugin->load_left = left > LEFT_MIN ? left : LEFT_MIN;
    vm_set_instructions(called->vm, called->limits.instructions);
}

/* What the plugin may require: the lib folder beside it, or, if there is none, the one that ships.
 */
static void
append_lib_path(const struct plugin *plugin, struct buf *lib)
{
    const struct plugins_options *options = &plugin->all->options;

    buf_appendf(lib, "%s/lib", plugin->is_shipped ? options->shipped : options->path);
    if (options->shipped && access(buf_cstr(lib), F_OK) != 0) {
        buf_clear(lib);
        buf_appendf(lib, "%s/lib", options->shipped);
    }
}

/* Makes its state and runs its file. options: its own. */
static int
open_state(struct plugin *plugin, struct span options, struct buf *why)
{
    struct opening opening = {plugin, options};
    struct buf lib = BUF_INIT;
    struct vm_options vm = {.name = plugin->name,
                            .memory_bytes = (size_t)plugin->limits.memory_bytes,
                            .instructions = plugin->limits.instructions,
                            .owner = plugin};

    append_lib_path(plugin, &lib);
    vm.lib_path = buf_cstr(&lib);
    plugin->vm = vm_new(&vm);
    buf_fini(&lib);
    if (!plugin->vm) {
        buf_appendf(why, "%s: memory_bytes is too small for a Lua state\n", plugin->where);
        return HD1_EINVAL;
    }
    plugin->file_hash = plugin_hash_file(plugin->path);
    plugin->load_left = plugin->limits.instructions > VM_INSTRUCTIONS_DEFAULT
                            ? plugin->limits.instructions
                            : VM_INSTRUCTIONS_DEFAULT;
    plugin_begin_loading(plugin, plugin);
    return finish(plugin, vm_call(plugin->vm, open_body, &opening), false, why);
}

int
plugin_open(struct plugin *plugin, struct span options, struct buf *why)
{
    struct buf own = BUF_INIT;
    int err;

    if (plugin_check_file(plugin, why) != 0)
        return HD1_EINVAL;
    err = plugin_read_limits(plugin, options, &own, why);
    if (own.len > 0 && open_state(plugin, buf_span(&own), why) != 0)
        err = HD1_EINVAL;
    buf_fini(&own);
    return err;
}

int
plugin_setup(struct plugin *plugin, struct buf *why)
{
    plugin_begin_loading(plugin, plugin);
    return finish(plugin, vm_call(plugin->vm, setup_body, plugin), true, why);
}
