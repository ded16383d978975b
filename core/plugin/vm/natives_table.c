/*
 * Guards for Lua's table functions, whose loops run in C where the count hook sees nothing: each
 * pays for the elements it touches, and a table whose metamethods could make those loops endless is
 * refused.
 */
#include "plugin/vm/sandbox.h"
#include "plugin/vm/vm.h"

#include <lauxlib.h>

#define RANGE_MAX 1000000 /* elements in one call */
#define NUMBER_COST 2     /* instructions, of an integer's digits; a float's take longer */

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

/* What lies behind the position at 2 is moved. */
static void
charge_moved(lua_State *L)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, 1), position;
    int is_integer;

    position = lua_tointegerx(L, 2, &is_integer);
    if (is_integer && position > 0)
        count = position > count ? 0 : count - position + 1;
    charge_elements(L, 1, count);
}

static int
guard_insert(lua_State *L)
{
    check_plain(L, 1);
    if (lua_gettop(L) > 2)
        charge_moved(L);
    return guard_pass(L);
}

static int
guard_remove(lua_State *L)
{
    check_plain(L, 1);
    if (lua_gettop(L) > 1)
        charge_moved(L);
    return guard_pass(L);
}

/* What reading the elements as texts costs; number: what each integer costs that becomes one. */
static int64_t
texts_cost(lua_State *L, lua_Integer first, lua_Integer count, int64_t number)
{
    int64_t cost = 0;

    for (lua_Integer i = 0; i < count; i++) {
        int type = lua_rawgeti(L, 1, first + i);

        if (type == LUA_TSTRING)
            cost += (int64_t)lua_rawlen(L, -1) / TEXT_BYTES_PER_INSTRUCTION;
        else if (type == LUA_TNUMBER)
            cost += lua_isinteger(L, -1) ? number : 4 * number;
        lua_pop(L, 1);
    }
    return cost;
}

static int
guard_concat(lua_State *L)
{
    lua_Integer first, last, count;
    size_t separator;

    check_plain(L, 1);
    luaL_optlstring(L, 2, "", &separator);
    first = luaL_optinteger(L, 3, 1);
    last = luaL_optinteger(L, 4, (lua_Integer)lua_rawlen(L, 1));
    count = range_count(first, last);
    charge_elements(L, 1, count);
    vm_charge(L, texts_cost(L, first, count, NUMBER_COST) +
                     count * (int64_t)(separator / TEXT_BYTES_PER_INSTRUCTION));
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

/* n log n comparisons; those of texts read them, without a function at 2 in between. */
static int
guard_sort(lua_State *L)
{
    lua_Integer count;
    int64_t work, rounds = 1;

    check_plain(L, 1);
    count = (lua_Integer)lua_rawlen(L, 1);
    luaL_argcheck(L, count <= RANGE_MAX, 1, "too many elements");
    for (lua_Integer half = count; half > 1; half /= 2)
        rounds++;
    work = count / 4;
    if (lua_isnoneornil(L, 2))
        work += texts_cost(L, 1, count, 0);
    if (work > 16)
        vm_charge(L, work * rounds);
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
