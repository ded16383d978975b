/*
 * Guards for Lua's table functions, whose loops run in C where the count hook sees nothing: each
 * pays for the elements it touches, and a table whose metamethods could make those loops endless is
 * refused.
 */
#include "plugin/vm/sandbox.h"
#include "plugin/vm/vm.h"

#include <lauxlib.h>

#define RANGE_MAX 1000000 /* elements in one call */

static void
check_plain(lua_State *L, int arg)
{
    static const char *const refused[] = {"__index", "__newindex", "__len"};

    luaL_checktype(L, arg, LUA_TTABLE);
    if (!lua_getmetatable(L, arg))
        return;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        lua_pushstring(L, refused[i]);
        luaL_argcheck(L, lua_rawget(L, -2) == LUA_TNIL, arg,
                      "a table with __index, __newindex or __len is not allowed here");
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void
charge_elements(lua_State *L, int arg, lua_Integer count)
{
    luaL_argcheck(L, count <= RANGE_MAX, arg, "too many elements");
    if (count > 16)
        vm_charge(L, count / 8);
}

/* How many elements from first to last, without overflow. */
static lua_Integer
range_count(lua_Integer first, lua_Integer last)
{
    lua_Unsigned count;

    if (first > last)
        return 0;
    count = (lua_Unsigned)last - (lua_Unsigned)first;
    return count >= RANGE_MAX ? RANGE_MAX + 1 : (lua_Integer)count + 1;
}

static int
guard_insert(lua_State *L)
{
    check_plain(L, 1);
    if (lua_gettop(L) > 2)
        charge_elements(L, 1, (lua_Integer)lua_rawlen(L, 1));
    return guard_pass(L);
}

static int
guard_remove(lua_State *L)
{
    check_plain(L, 1);
    if (lua_gettop(L) > 1)
        charge_elements(L, 1, (lua_Integer)lua_rawlen(L, 1));
    return guard_pass(L);
}

static int
guard_concat(lua_State *L)
{
    check_plain(L, 1);
    charge_elements(L, 1,
                    range_count(luaL_optinteger(L, 3, 1),
                                luaL_optinteger(L, 4, (lua_Integer)lua_rawlen(L, 1))));
    return guard_pass(L);
}

static int
guard_unpack(lua_State *L)
{
    check_plain(L, 1);
    charge_elements(L, 1,
                    range_count(luaL_optinteger(L, 2, 1),
                                luaL_optinteger(L, 3, (lua_Integer)lua_rawlen(L, 1))));
    return guard_pass(L);
}

static int
guard_move(lua_State *L)
{
    check_plain(L, 1);
    if (!lua_isnoneornil(L, 5))
        check_plain(L, 5);
    charge_elements(L, 3, range_count(luaL_checkinteger(L, 2), luaL_checkinteger(L, 3)));
    return guard_pass(L);
}

static int
guard_sort(lua_State *L)
{
    lua_Integer count, work;

    check_plain(L, 1);
    count = work = (lua_Integer)lua_rawlen(L, 1);
    luaL_argcheck(L, count <= RANGE_MAX, 1, "too many elements");
    while (count > 1) { /* n log n */
        work += (lua_Integer)lua_rawlen(L, 1);
        count /= 2;
    }
    if (work > 64)
        vm_charge(L, work / 4);
    return guard_pass(L);
}

void
natives_table_open(lua_State *L)
{
    lua_getglobal(L, "table");
    guard_wrap(L, "concat", guard_concat);
    guard_wrap(L, "insert", guard_insert);
    guard_wrap(L, "move", guard_move);
    guard_wrap(L, "remove", guard_remove);
    guard_wrap(L, "sort", guard_sort);
    guard_wrap(L, "unpack", guard_unpack);
    lua_pop(L, 1);
}
