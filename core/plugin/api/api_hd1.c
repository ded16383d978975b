/*
 * hd1: what setup gets. name, emit, log, json, now() and mono_ms() in milliseconds, event_types(),
 * schema(type), checker(schema), reject, patch, replace, drop, identity, after, every, session,
 * open, store, metrics, random, random_bytes, uuid, sha256, hmac_sha256, equal, base64url.
 */
#include "plugin/api/api.h"

#include "hub/event.h"
#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"

#include <lauxlib.h>

/* hd1.now(): Unix time in ms, as events are stamped with; may jump. */
static int
now(lua_State *L)
{
    const struct plugin *plugin = vm_owner(L);

    lua_pushinteger(L, plugins_unix_ms(plugin->all));
    return 1;
}

/* hd1.mono_ms(): for durations. */
static int
mono_ms(lua_State *L)
{
    const struct plugin *plugin = vm_owner(L);

    lua_pushinteger(L, plugins_mono_ms(plugin->all));
    return 1;
}

/* hd1.schema(type): its JSON Schema as a table; nil if there is no such type, or it has none. */
static int
schema(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);
    const struct event_type *type;
    struct span name;
    const char *why;
    size_t offset;

    name.at = luaL_checklstring(L, 1, &name.len);
    plugin->has_read_schemas = true;
    type = event_types_find(plugin->all->types, name);
    if (!type || !type->schema)
        lua_pushnil(L);
    else if (!lua_json_push_text(L, span_of(type->schema), &why, &offset))
        return luaL_error(L, "schema of '%s': %s at byte %I", type->name, why, (LUAI_UACINT)offset);
    return 1;
}

/* hd1.event_types(): the names of all of them, sorted. */
static int
event_types(lua_State *L)
{
    const struct plugin *plugin = vm_owner(L);
    lua_Integer count = 0;
    struct span name;
    size_t pos = 0;

    lua_newtable(L);
    while (table_next(&plugin->all->types->by_name, &pos, &name, NULL)) {
        lua_pushlstring(L, name.at, name.len);
        lua_rawseti(L, -2, ++count);
    }
    lua_getglobal(L, "table");
    lua_getfield(L, -1, "sort");
    lua_pushvalue(L, -3);
    lua_call(L, 1, 0);
    lua_pop(L, 1);
    return 1;
}

static const luaL_Reg functions[] = {
    {"now", now}, {"mono_ms", mono_ms}, {"schema", schema}, {"event_types", event_types},
    {NULL, NULL},
};

void
api_hd1_push(lua_State *L, struct plugin *plugin)
{
    luaL_newlib(L, functions);
    lua_pushstring(L, plugin->name);
    lua_setfield(L, -2, "name");
    api_log_push(L);
    lua_setfield(L, -2, "log");
    api_json_push(L);
    lua_setfield(L, -2, "json");
    api_store_push(L);
    lua_setfield(L, -2, "store");
    api_metrics_push(L);
    lua_setfield(L, -2, "metrics");
    api_base64url_push(L);
    lua_setfield(L, -2, "base64url");
    api_answer_open(L);
    api_identity_open(L);
    api_emit_open(L);
    api_timer_add(L);
    api_session_open(L);
    api_random_open(L);
    api_crypto_open(L);
    api_checker_open(L);
}
