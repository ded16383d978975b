/*
 * Guards for what reads whole texts outside of the string library: utf8, tonumber, mathematics with
 * numbers that are texts, os.date. Each pays for what it reads.
 */
#include "plugin/vm/sandbox.h"
#include "plugin/vm/vm.h"

#include <lauxlib.h>

#define VALUES_PER_INSTRUCTION 8

int
guard_texts(lua_State *L)
{
    int count = lua_gettop(L);
    int64_t bytes = 0;

    for (int i = 1; i <= count; i++)
        if (lua_type(L, i) == LUA_TSTRING)
            bytes += (int64_t)lua_rawlen(L, i);
    if (bytes >= TEXT_BYTES_PER_INSTRUCTION || count >= VALUES_PER_INSTRUCTION)
        vm_charge(L, bytes / TEXT_BYTES_PER_INSTRUCTION + count / VALUES_PER_INSTRUCTION);
    return guard_pass(L);
}

int64_t
guard_range(lua_State *L, size_t len, lua_Integer last)
{
    lua_Integer from = luaL_optinteger(L, 2, 1), end = (lua_Integer)len, to;

    if (from < 0)
        from = from < -end ? 1 : end + from + 1;
    to = luaL_optinteger(L, 3, last ? last : from);
    if (to < 0)
        to = to < -end ? 0 : end + to + 1;
    from = from < 1 ? 1 : from;
    to = to > end ? end : to;
    return to >= from ? to - from + 1 : 0;
}

/* --- utf8 --- */

static int
guard_utf8_len(lua_State *L)
{
    size_t len;

    luaL_checklstring(L, 1, &len);
    vm_charge(L, guard_range(L, len, -1) / TEXT_BYTES_PER_INSTRUCTION);
    return guard_pass(L);
}

/* Gives a value for each character. */
static int
guard_codepoint(lua_State *L)
{
    size_t len;

    luaL_checklstring(L, 1, &len);
    vm_charge(L, guard_range(L, len, 0) / VALUES_PER_INSTRUCTION);
    return guard_pass(L);
}

/* Walks over so many characters, at most the text. */
static int
guard_offset(lua_State *L)
{
    size_t len;
    lua_Integer count;

    luaL_checklstring(L, 1, &len);
    count = luaL_checkinteger(L, 2);
    if (count > (lua_Integer)len || count < -(lua_Integer)len)
        count = (lua_Integer)len;
    vm_charge(L, (count < 0 ? -count : count) / (TEXT_BYTES_PER_INSTRUCTION / 4));
    return guard_pass(L);
}

static void
open_utf8(lua_State *L)
{
    lua_getglobal(L, "utf8");
    guard_wrap(L, "char", guard_texts);
    guard_wrap(L, "codepoint", guard_codepoint);
    guard_wrap(L, "len", guard_utf8_len);
    guard_wrap(L, "offset", guard_offset);
    lua_pop(L, 1);
}

/* --- numbers --- */

/* The operators that read a text as a number are fields of the strings' metatable. */
static void
open_numbers(lua_State *L)
{
    static const char *const operators[] = {"__add", "__sub",  "__mul", "__mod",
                                            "__pow", "__idiv", "__div", "__unm"};
    static const char *const functions[] = {"abs",  "ceil", "floor", "fmod",      "max", "min",
                                            "modf", "sqrt", "ult",   "tointeger", "exp", "log"};

    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
        guard_wrap(L, operators[i], guard_texts);
    lua_getglobal(L, "math");
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        guard_wrap(L, functions[i], guard_texts);
    lua_pushglobaltable(L);
    guard_wrap(L, "tonumber", guard_texts);
    lua_pop(L, 4);
}

/* --- os --- */

/* A conversion takes the time of an instruction for each of its letters. */
static int
guard_date(lua_State *L)
{
    size_t len;

    luaL_optlstring(L, 1, "", &len);
    vm_charge(L, (int64_t)len);
    return guard_pass(L);
}

void
natives_text_open(lua_State *L)
{
    open_utf8(L);
    open_numbers(L);
    lua_getglobal(L, "os");
    guard_wrap(L, "date", guard_date);
    lua_pop(L, 1);
}
