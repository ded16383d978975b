/* Guards for Lua's string functions, whose loops run in C where the count hook sees nothing. */
#include "plugin/vm/sandbox.h"
#include "plugin/vm/vm.h"

#include <ctype.h>
#include <lauxlib.h>
#include <math.h>
#include <string.h>

#define REP_MAX (1024 * 1024)  /* bytes that string.rep makes */
#define FORMAT_MAX (64 * 1024) /* bytes of a format string */
#define ITEM_COST 4            /* instructions, of a formatted item */
#define EXTREME_COST 128       /* of 1e308 as %f */

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
        vm_charge(L,
                  count / 8 + (lua_Integer)(len + separator) * count / TEXT_BYTES_PER_INSTRUCTION);
    }
    return guard_pass(L);
}

/* The digits of the largest and smallest numbers take their time. A text may be one as well. */
static bool
is_extreme(lua_State *L, int arg)
{
    int type = lua_type(L, arg);
    double size;

    if (type == LUA_TSTRING && isalpha((unsigned char)*lua_tostring(L, arg)))
        return false;
    if (type == LUA_TSTRING && lua_rawlen(L, arg) > 64)
        return true;
    size = type == LUA_TSTRING || type == LUA_TNUMBER ? fabs(lua_tonumber(L, arg)) : 0;
    return size > 1e30 || (size > 0 && size < 1e-30);
}

/* What the format's items and all arguments cost. %q spells out each control character. */
static int64_t
format_cost(lua_State *L, const char *format, size_t len)
{
    int count = lua_gettop(L);
    bool is_quoting = memchr(format, 'q', len);
    int64_t cost = (int64_t)len / TEXT_BYTES_PER_INSTRUCTION;
    size_t text_len;

    for (int i = 2; i <= count; i++) {
        cost += is_extreme(L, i) ? EXTREME_COST : ITEM_COST;
        if (lua_type(L, i) != LUA_TSTRING)
            continue;
        format = lua_tolstring(L, i, &text_len);
        cost += (int64_t)text_len / TEXT_BYTES_PER_INSTRUCTION;
        for (size_t k = 0; is_quoting && k < text_len; k++)
            cost += iscntrl((unsigned char)format[k]) != 0;
    }
    return cost;
}

static int
guard_format(lua_State *L)
{
    size_t len;
    const char *format = luaL_checklstring(L, 1, &len);

    luaL_argcheck(L, len <= FORMAT_MAX, 1, "format too long (64 KiB at most)");
    vm_charge(L, format_cost(L, format, len));
    return guard_pass(L);
}

/* Pays for the values that it gives. */
static int
guard_byte(lua_State *L)
{
    size_t len;

    luaL_checklstring(L, 1, &len);
    vm_charge(L, guard_range(L, len, 0) / 8);
    return guard_pass(L);
}

/* pack, packsize and unpack: pays for each option, for the texts, and for what is made of them. */
static int
guard_pack(lua_State *L)
{
    size_t len;
    int results;

    luaL_checklstring(L, 1, &len);
    vm_charge(L, (int64_t)len / 8);
    results = guard_texts(L);
    if (lua_type(L, -1) == LUA_TSTRING)
        vm_charge(L, (int64_t)lua_rawlen(L, -1) / TEXT_BYTES_PER_INSTRUCTION);
    return results;
}

void
natives_string_open(lua_State *L)
{
    static const char *const whole[] = {"char", "lower", "reverse", "upper"};
    static const char *const packing[] = {"pack", "packsize", "unpack"};

    lua_getglobal(L, "string");
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        guard_wrap(L, whole[i], guard_texts);
    for (size_t i = 0; i < sizeof(packing) / sizeof(packing[0]); i++)
        guard_wrap(L, packing[i], guard_pack);
    guard_wrap(L, "byte", guard_byte);
    guard_wrap(L, "rep", guard_rep);
    guard_wrap(L, "format", guard_format);
    lua_pop(L, 1);
}
