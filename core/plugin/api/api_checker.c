/*
 * hd1.checker(schema): compiles a JSON Schema (its keywords: json/json_schema.h), given as a table.
 * In setup only, since what is compiled stays until the plugin goes. It gives a function:
 *
 *   check(value)      nil if the value keeps to the schema; else path, message: what is wrong, as a
 *                     JSON Pointer and as words that go on behind it ("must be a number")
 *
 * An event stands for its data, and then nothing is built of its bytes.
 */
#include "plugin/api/api.h"

#include "plugin/api/box.h"
#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"
#include "json/json_schema.h"

#include <lauxlib.h>
#include <stdlib.h>

#define BYTES_MAX (4 * 1024 * 1024) /* of a plugin's compiled schemas */

static int
check(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);
    const struct json_schema *schema = lua_touserdata(L, lua_upvalueindex(1));
    struct json_schema_fault *fault = &plugin->schema_fault;
    struct span value;

    luaL_checkany(L, 1);
    if (!box_event_data(L, 1, &value))
        value = lua_json_encode(L, 1, LUA_JSON_BYTES_MAX);
    vm_charge(L, (int64_t)value.len / LUA_JSON_BYTES_PER_INSTRUCTION);
    if (json_schema_accepts(schema, value, fault))
        return 0;
    lua_pushlstring(L, buf_cstr(&fault->path), fault->path.len);
    lua_pushstring(L, fault->message);
    return 2;
}

static void
keep(struct plugin *plugin, struct json_schema *schema)
{
    plugin->schemas = mem_grow(plugin->schemas, plugin->schema_count, &plugin->schema_cap,
                               sizeof(struct json_schema *));
    plugin->schemas[plugin->schema_count++] = schema;
    plugin->schema_bytes += json_schema_bytes(schema);
}

static int
checker(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);
    struct json_schema *schema;
    struct span text;

    luaL_checktype(L, 1, LUA_TTABLE);
    if (!plugin->all->is_staged)
        return luaL_error(L, "hd1.checker is for setup: keep the function it gives");
    text = lua_json_encode(L, 1, LUA_JSON_BYTES_MAX);
    vm_charge(L, (int64_t)text.len / LUA_JSON_BYTES_PER_INSTRUCTION);
    buf_clear(&plugin->schema_fault.path);
    schema = json_schema_new(text, &plugin->schema_fault.path);
    if (!schema)
        return luaL_error(L, "%s", buf_cstr(&plugin->schema_fault.path));
    keep(plugin, schema);
    if (plugin->schema_bytes > BYTES_MAX)
        return luaL_error(L, "the schemas of a plugin may take %d bytes", BYTES_MAX);
    lua_pushlightuserdata(L, schema);
    lua_pushcclosure(L, check, 1);
    return 1;
}

void
api_checker_open(lua_State *L)
{
    lua_pushcfunction(L, checker);
    lua_setfield(L, -2, "checker");
}

void
api_checker_free(struct plugin *plugin)
{
    for (size_t i = 0; i < plugin->schema_count; i++)
        json_schema_free(plugin->schemas[i]);
    free(plugin->schemas);
    buf_fini(&plugin->schema_fault.path);
}
