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
#include "json/json.h"
#include "json/json_schema.h"

#include <lauxlib.h>
#include <stdlib.h>

#define SCHEMA_BYTES_MAX (64 * 1024) /* of the text of one */
#define BYTES_MAX (4 * 1024 * 1024)  /* of all that a plugin compiled */

/* The value at index as checked JSON, lent by the VM; raises if it is too crowded or deep for that.
 * [-0, +0] */
static struct span
encode(lua_State *L, int index, size_t bytes_max)
{
    struct span text = lua_json_encode(L, index, bytes_max);
    struct json_error error;

    vm_charge(L, (int64_t)text.len / LUA_JSON_BYTES_PER_INSTRUCTION);
    if (json_check(text, NULL, &error) != 0)
        luaL_error(L, "cannot be JSON: %s", error.what);
    return text;
}

static int
check_value(lua_State *L, struct plugin *plugin, struct span value)
{
    const struct json_schema *schema = lua_touserdata(L, lua_upvalueindex(1));
    struct json_schema_fault *fault = &plugin->schema_fault;

    if (json_schema_accepts(schema, value, fault))
        return 0;
    lua_pushlstring(L, buf_cstr(&fault->path), fault->path.len);
    lua_pushstring(L, fault->message);
    return 2;
}

static int
check(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);
    struct span data;
    int count;

    luaL_checkany(L, 1);
    if (!box_event_data(L, 1, &data))
        return check_value(L, plugin, encode(L, 1, LUA_JSON_BYTES_MAX));
    plugin->now.reading = "event";
    count = check_value(L, plugin, data);
    plugin->now.reading = NULL;
    return count;
}

/* False: then it is freed. */
static bool
keep(struct plugin *plugin, struct json_schema *schema)
{
    size_t bytes = json_schema_bytes(schema);

    if (plugin->schema_bytes + bytes > BYTES_MAX) {
        json_schema_free(schema);
        return false;
    }
    plugin->schemas = mem_grow(plugin->schemas, plugin->schema_count, &plugin->schema_cap,
                               sizeof(struct json_schema *));
    plugin->schemas[plugin->schema_count++] = schema;
    plugin->schema_bytes += bytes;
    return true;
}

static int
checker(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);
    struct buf *why = &plugin->schema_fault.path;
    struct json_schema *schema;
    struct span text;

    luaL_checktype(L, 1, LUA_TTABLE);
    if (!plugin->all->is_staged)
        return luaL_error(L, "hd1.checker is for setup: keep the function it gives");
    text = encode(L, 1, SCHEMA_BYTES_MAX);
    buf_clear(why);
    schema = json_schema_new(text, why);
    if (!schema) {
        luaL_where(L, 1);
        lua_pushlstring(L, buf_cstr(why), why->len);
        lua_concat(L, 2);
        return lua_error(L);
    }
    if (!keep(plugin, schema))
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
