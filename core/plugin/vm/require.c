/* require("json_schema"): PATH/lib/json_schema.lua, once per state, and nothing else. */
#include "plugin/vm/sandbox.h"
#include "plugin/vm/vm.h"

#include <lauxlib.h>
#include <string.h>

#define NAME_MAX_BYTES 64

static bool
is_library_name(const char *name, size_t len)
{
    if (len == 0 || len > NAME_MAX_BYTES || strlen(name) != len)
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

/* Upvalues: 1 the folder, 2 the table of what was loaded; false in it: being loaded. */
static int
require(lua_State *L)
{
    size_t len;
    const char *name = luaL_checklstring(L, 1, &len);

    luaL_argcheck(L, is_library_name(name, len), 1, "a library's name is [a-z0-9_]{1,64}");
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, lua_upvalueindex(2)) == LUA_TBOOLEAN && !lua_toboolean(L, -1))
        return luaL_error(L, "library '%s' requires itself, or failed before", name);
    if (!lua_isnil(L, -1))
        return 1;
    lua_pushvalue(L, 1);
    lua_pushboolean(L, 0);
    lua_rawset(L, lua_upvalueindex(2));
    vm_load_file(L, lua_pushfstring(L, "%s/%s.lua", lua_tostring(L, lua_upvalueindex(1)), name));
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1))
        luaL_error(L, "library '%s' returns nothing", name);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, lua_upvalueindex(2));
    return 1;
}

void
require_preload(lua_State *L, const char *name)
{
    lua_getglobal(L, "require");
    lua_getupvalue(L, -1, 2);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, name);
    lua_pop(L, 3);
}

void
require_open(lua_State *L, const char *lib_path)
{
    lua_pushstring(L, lib_path);
    lua_newtable(L);
    lua_pushcclosure(L, require, 2);
    lua_setglobal(L, "require");
}
