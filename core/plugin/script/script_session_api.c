/*
 * session in world scripts: id, now (Unix ms), clients and objects (how many), world (a table),
 * emit(type, data), move(name, {x=, y=, z=, rotation=, scale=}), update(name, {...}), object(name).
 */
#include "plugin/api/envelope.h"
#include "plugin/script/script_state.h"
#include "plugin/vm/lua_json.h"
#include "plugin/vm/vm.h"

#include "clock.h"
#include "err.h"

#include <lauxlib.h>

#define DATA_MAX 65536
#define EMITS_PER_CALL 1024

/* The data is on top [-1, +n]. true, or nil and why not. */
static int
emit_top(lua_State *L, const char *type)
{
    struct script *script = vm_owner(L);
    struct span text = envelope_push(L, span_of(type), lua_gettop(L), DATA_MAX);
    int err = 0; /* a check, without a hub, takes it as a session would */

    if (script->emits++ >= EMITS_PER_CALL)
        err = HD1_EFULL;
    else if (script->client)
        err = hub_emit(script->all->hub, script->client, SOURCE_SCRIPT, span_of(script->session_id),
                       text);
    if (err == 0) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, err_text(err));
    return 2;
}

/* session.emit(type, data) */
static int
emit(lua_State *L)
{
    const char *type = luaL_checkstring(L, 1);

    lua_settop(L, 2);
    return emit_top(L, type);
}

/* Pushes a copy of the table at 2 with the name at 1 in it [-0, +1]. */
static void
push_named(lua_State *L)
{
    luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, 2)) {
        vm_charge(L, 1);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, 3);
    }
    lua_pushvalue(L, 1);
    lua_setfield(L, 3, "name");
}

/* session.move(name, place): motion in flight; end it with an update. */
static int
move(lua_State *L)
{
    push_named(L);
    return emit_top(L, "object_moved");
}

/* session.update(name, changed) */
static int
update(lua_State *L)
{
    push_named(L);
    lua_createtable(L, 0, 1);
    lua_insert(L, -2);
    lua_setfield(L, -2, "object");
    return emit_top(L, "object_updated");
}

/* session.object(name): its state as a table, or nil. */
static int
object(lua_State *L)
{
    const struct script *script = vm_owner(L);
    const struct object *found;
    struct span text;

    text.at = luaL_checklstring(L, 1, &text.len);
    found = script->session ? session_object(script->session, text) : NULL;
    if (!found) {
        lua_pushnil(L);
        return 1;
    }
    buf_clear(vm_scratch(L));
    object_append(vm_scratch(L), found);
    text = buf_span(vm_scratch(L));
    vm_charge(L, (int64_t)text.len / LUA_JSON_BYTES_PER_INSTRUCTION);
    text.at = lua_pushlstring(L, text.at, text.len); /* decoding uses the buffer too */
    lua_json_push(L, text);
    return 1;
}

/* A table, as it is now. [-0, +1] */
static void
push_world(lua_State *L, const struct session *session)
{
    struct span world = session ? session_world(session) : SPAN("{}");

    vm_charge(L, (int64_t)world.len / LUA_JSON_BYTES_PER_INSTRUCTION);
    lua_json_push(L, world);
}

/* What changes by itself is read through the metatable. */
static int
index_session(lua_State *L)
{
    const struct script *script = vm_owner(L);
    const struct session *session = script->session;
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";

    if (strcmp(key, "id") == 0)
        lua_pushstring(L, script->session_id);
    else if (strcmp(key, "now") == 0)
        lua_pushinteger(L, script->all->hub ? hub_unix_ms(script->all->hub) : clock_unix_ms());
    else if (strcmp(key, "clients") == 0)
        lua_pushinteger(L, session ? (lua_Integer)session_client_count(session) : 0);
    else if (strcmp(key, "objects") == 0)
        lua_pushinteger(L, session ? (lua_Integer)session_object_count(session) : 0);
    else if (strcmp(key, "world") == 0)
        push_world(L, session);
    else
        return luaL_error(L, "session has no field '%s'", key);
    return 1;
}

static const luaL_Reg functions[] = {
    {"emit", emit}, {"move", move}, {"update", update}, {"object", object}, {NULL, NULL},
};

void
script_session_open(lua_State *L)
{
    luaL_newlib(L, functions);
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, index_session);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_setglobal(L, "session");
}
