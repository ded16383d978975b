/* Guards for what could get round the budget: new coroutines, xpcall's handler, finalizers. */
#include "plugin/vm/sandbox.h"
#include "plugin/vm/vm.h"

#include <lauxlib.h>

#define COROUTINE_COST 250 /* a new coroutine's count hook starts from zero: paid in advance */

static int
guard_create(lua_State *L)
{
    int results;

    vm_charge(L, COROUTINE_COST);
    luaL_checktype(L, 1, LUA_TFUNCTION);
    vm_look_often(L, true);
    results = guard_pass(L);
    vm_look_often(L, false);
    return results;
}

/*
 * The hook raises with hooks switched off, and a message handler runs before they are on again: a
 * handler in Lua could loop for ever. So it is not called once the budget is used up. Upvalue 1:
 * the handler.
 */
static int
guarded_handler(lua_State *L)
{
    if (vm_is_over(L))
        return lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int
guard_xpcall(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, guarded_handler, 1);
    lua_replace(L, 2);
    return guard_pass(L);
}

/* Finalizers run with hooks off, at any time: there are none. */
static int
guard_setmetatable(lua_State *L)
{
    if (lua_type(L, 2) == LUA_TTABLE) {
        lua_pushliteral(L, "__gc");
        luaL_argcheck(L, lua_rawget(L, 2) == LUA_TNIL, 2, "__gc is not allowed");
        lua_pop(L, 1);
    }
    return guard_pass(L);
}

void
natives_control_open(lua_State *L)
{
    lua_getglobal(L, "coroutine");
    guard_wrap(L, "create", guard_create);
    guard_wrap(L, "wrap", guard_create);
    lua_pop(L, 1);
    lua_pushglobaltable(L);
    guard_wrap(L, "xpcall", guard_xpcall);
    guard_wrap(L, "setmetatable", guard_setmetatable);
    lua_pop(L, 1);
}
