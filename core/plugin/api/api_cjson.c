/*
 * cjson for the plugins' own use: encode, decode, null. Its buffers are outside of Lua's allocator
 * and it ends the process when memory is short, so what goes in is bounded: a text by its length, a
 * table by what our own encoder finds in it.
 */
#include "plugin/vm/lua_json.h"
#include "plugin/vm/sandbox.h"
#include "plugin/vm/vm.h"

#include <lauxlib.h>
#include <lua-cjson.h>

static int
guard_decode(lua_State *L)
{
    size_t len;

    luaL_checklstring(L, 1, &len);
    luaL_argcheck(L, len <= LUA_JSON_BYTES_MAX, 1, "too long");
    vm_charge(L, (int64_t)len / 16);
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static int
guard_encode(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    vm_charge(L, (int64_t)lua_json_encode(L, 1, LUA_JSON_BYTES_MAX).len / 16);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

/* Calls cjson's setting of that name with an integer. The module is on top. [-0, +0] */
static void
set_integer(lua_State *L, const char *name, int value)
{
    lua_getfield(L, -1, name);
    lua_pushinteger(L, value);
    lua_call(L, 1, 0);
}

void
cjson_open(lua_State *L)
{
    luaL_requiref(L, "cjson", luaopen_cjson, 0);
    set_integer(L, "encode_max_depth", 32);
    set_integer(L, "decode_max_depth", 32);
    lua_getfield(L, -1, "decode_invalid_numbers");
    lua_pushboolean(L, 0);
    lua_call(L, 1, 0);
    lua_createtable(L, 0, 3);
    lua_getfield(L, -2, "encode");
    lua_pushcclosure(L, guard_encode, 1);
    lua_setfield(L, -2, "encode");
    lua_getfield(L, -2, "decode");
    lua_pushcclosure(L, guard_decode, 1);
    lua_setfield(L, -2, "decode");
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    lua_setglobal(L, "cjson");
    lua_pop(L, 1);
    lua_pushnil(L); /* its full table is not to be found through the registry either */
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_insert(L, -2);
    lua_setfield(L, -2, "cjson");
    lua_pop(L, 1);
}
