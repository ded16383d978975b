/* What all boxes have in common: fields are read by a C function, and never written. */
#include "plugin/api/box.h"

#include <lauxlib.h>

static int
refuse_write(lua_State *L)
{
    return luaL_error(L, "this is read-only: answer with hd1.patch, hd1.replace or hd1.reject");
}

void
box_push_metatable(lua_State *L, const char *name, lua_CFunction index)
{
    luaL_newmetatable(L, name);
    lua_pushcfunction(L, index);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
}

int
box_no_field(lua_State *L, const char *name)
{
    return luaL_error(L, "%s has no field '%s'", name,
                      lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2));
}
