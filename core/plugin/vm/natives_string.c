/* Guards for Lua's string functions, whose loops run in C where the count hook sees nothing. */
#include "plugin/vm/sandbox.h"
#include "plugin/vm/vm.h"

#include <lauxlib.h>

#define REP_MAX (1024 * 1024)  /* bytes that string.rep makes */
#define FORMAT_MAX (64 * 1024) /* bytes of a format string */

static int
guard_rep(lua_State *L)
{
    size_t len, separator;
    lua_Integer count;

    luaL_checklstring(L, 1, &len);
    count = luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &separator);
    if (count > 0) {
        luaL_argcheck(L, count <= REP_MAX, 2, "resulting string too long");
        luaL_argcheck(L, len <= REP_MAX && separator <= REP_MAX, 1, "string too long");
        luaL_argcheck(L, (len + separator) * (size_t)count <= REP_MAX, 2,
                      "resulting string too long");
        vm_charge(L, count / 8 + (lua_Integer)(len + separator) * count / 64);
    }
    return guard_pass(L);
}

static int
guard_format(lua_State *L)
{
    size_t len;

    luaL_checklstring(L, 1, &len);
    luaL_argcheck(L, len <= FORMAT_MAX, 1, "format too long");
    return guard_pass(L);
}

/* What copies or walks a whole string pays for its length. */
static int
guard_whole(lua_State *L)
{
    size_t len;

    luaL_checklstring(L, 1, &len);
    if (len > 1024)
        vm_charge(L, (int64_t)len / 64);
    return guard_pass(L);
}

void
natives_string_open(lua_State *L)
{
    static const char *const whole[] = {"byte", "lower", "reverse", "upper"};

    lua_getglobal(L, "string");
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        guard_wrap(L, whole[i], guard_whole);
    guard_wrap(L, "rep", guard_rep);
    guard_wrap(L, "format", guard_format);
    lua_pop(L, 1);
}
