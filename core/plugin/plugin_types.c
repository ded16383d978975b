/* The event types that a plugin declares: events = { NAME = { doc=, lane=, schema=, sendable= } }.
 */
#include "plugin/api/api.h"
#include "plugin/plugin_state.h"

#include "err.h"
#include "hub/event.h"
#include "plugin/vm/lua_json.h"

#include <lauxlib.h>
#include <stdlib.h>

#define SCHEMA_MAX (64 * 1024)

static bool
is_known(const char *key)
{
    static const char *const known[] = {"doc", "lane", "schema", "sendable"};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i], key) == 0)
            return true;
    return false;
}

static bool
check_entry(lua_State *L, struct plugin *plugin, const char *name)
{
    if (lua_type(L, -1) != LUA_TTABLE) {
        plugin_fault_at(plugin, name, "event %s must be a table", name);
        return false;
    }
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";

        if (!is_known(key))
            plugin_fault_at(plugin, key,
                            "event %s: unknown key '%s'; known: doc, lane, schema, sendable", name,
                            key);
        lua_pop(L, 1);
    }
    return true;
}

static enum lane
read_lane(lua_State *L, struct plugin *plugin, const char *name)
{
    const char *text;
    enum lane lane = LANE_DURABLE;

    if (lua_getfield(L, -1, "lane") != LUA_TNIL) {
        text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
        if (strcmp(text, "volatile") == 0)
            lane = LANE_VOLATILE;
        else if (strcmp(text, "durable") != 0)
            plugin_fault_at(plugin, name, "event %s: lane must be \"durable\" or \"volatile\"",
                            name);
    }
    lua_pop(L, 1);
    return lane;
}

static bool
read_sendable(lua_State *L)
{
    bool is_sendable;

    lua_getfield(L, -1, "sendable");
    is_sendable = lua_isnil(L, -1) || lua_toboolean(L, -1);
    lua_pop(L, 1);
    return is_sendable;
}

/* Pushes the doc [-0, +1]; lent by the stack. */
static char *
push_doc(lua_State *L, struct plugin *plugin, const char *name)
{
    int type = lua_getfield(L, -1, "doc");

    if (type != LUA_TNIL && type != LUA_TSTRING)
        plugin_fault_at(plugin, name, "event %s: doc must be a string", name);
    if (type != LUA_TSTRING) {
        lua_pop(L, 1);
        lua_pushliteral(L, "");
    }
    return (char *)lua_tostring(L, -1);
}

/* Pushes the schema as JSON text, or nil: then NULL [-0, +1]. The entry is at index. */
static char *
push_schema(lua_State *L, struct plugin *plugin, const char *name, int index)
{
    struct lua_json_options options = {.bytes_max = SCHEMA_MAX};
    struct buf *out = vm_scratch(L);
    char why[LUA_JSON_WHY_MAX];
    int type = lua_getfield(L, index, "schema");

    if (type == LUA_TNIL)
        return NULL;
    buf_clear(out);
    if (type != LUA_TTABLE) {
        plugin_fault_at(plugin, name, "event %s: schema must be a table", name);
        return NULL;
    }
    if (lua_json_append(L, -1, &options, out, why) != 0) {
        plugin_fault_at(plugin, name, "event %s: schema: %s", name, why);
        return NULL;
    }
    lua_pop(L, 1);
    return (char *)lua_pushlstring(L, out->data, out->len);
}

static void
add_type(struct plugin *plugin, const char *name, const struct event_type *type)
{
    int err = event_types_add(plugin->all->types, type);

    if (err == HD1_EEXIST)
        plugin_fault_at(plugin, name, "event type %s exists already (of %s); choose another name",
                        name, event_types_find(plugin->all->types, span_of(name))->owner);
    else if (err)
        plugin_fault_at(plugin, name, "an event type is named [a-z][a-z0-9_]{0,63}, not '%s'",
                        name);
    if (err)
        return;
    plugin->types = mem_realloc(plugin->types, (plugin->type_count + 1) * sizeof(char *));
    plugin->types[plugin->type_count++] = mem_strndup(name, strlen(name));
}

/* The entry is on top, its name below. [-0, +0] */
static void
declare(lua_State *L, struct plugin *plugin)
{
    int entry = lua_gettop(L);
    struct event_type type = {.owner = plugin->name, .is_declared = true};
    const char *name;

    if (lua_type(L, -2) != LUA_TSTRING) {
        plugin_fault_at(plugin, "events", "events must be keyed by their names");
        return;
    }
    name = lua_tostring(L, -2);
    if (!check_entry(L, plugin, name))
        return;
    if (strlen(name) < sizeof(type.name))
        memcpy(type.name, name, strlen(name));
    type.lane = read_lane(L, plugin, name);
    type.is_sendable = read_sendable(L);
    type.doc = push_doc(L, plugin, name);
    type.schema = push_schema(L, plugin, name, entry);
    add_type(plugin, name, &type);
    lua_settop(L, entry);
}

void
plugin_declare_types(lua_State *L, struct plugin *plugin, int index)
{
    lua_pushnil(L);
    while (lua_next(L, index)) {
        declare(L, plugin);
        lua_pop(L, 1);
    }
}
