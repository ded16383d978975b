/* hd1.json: encode(value), decode(text), null, array(table) marks a table as an array,
 * is_array(table). */
#include "plugin/api/api.h"

#include "plugin/vm/lua_json.h"
#include "plugin/vm/vm.h"

#include <lauxlib.h>

static int
encode(lua_State *L)
{
    struct span text;

    luaL_checkany(L, 1);
    text = lua_json_encode(L, 1, LUA_JSON_BYTES_MAX);
    lua_pushlstring(L, text.at, text.len);
    return 1;
}

/* nil, message if the text is not JSON: that is the world's fault, not the caller's. */
static int
decode(lua_State *L)
{
    struct span text;
    const char *why;
    size_t offset;

    text.at = luaL_checklstring(L, 1, &text.len);
    luaL_argcheck(L, text.len <= LUA_JSON_BYTES_MAX, 1, "too long");
    vm_charge(L, (int64_t)text.len / LUA_JSON_BYTES_PER_INSTRUCTION);
    if (lua_json_push_text(L, text, &why, &offset))
        return 1;
    lua_pushnil(L);
    lua_pushfstring(L, "%s at byte %I", why, (LUAI_UACINT)offset);
    return 2;
}

static int
array(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (lua_getmetatable(L, 1) && !lua_json_is_array(L, 1))
        return luaL_argerror(L, 1, "a table with a metatable of its own");
    lua_settop(L, 1);
    lua_json_mark_array(L, 1);
    return 1;
}

static int
is_array(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushboolean(L, lua_type(L, 1) == LUA_TTABLE && lua_json_is_array(L, 1));
    return 1;
}

static const luaL_Reg functions[] = {
    {"encode", encode}, {"decode", decode}, {"array", array}, {"is_array", is_array}, {NULL, NULL},
};

void
api_json_push(lua_State *L)
{
    luaL_newlib(L, functions);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
}
