/* Which of Lua's own names a plugin sees. */
#include "plugin/vm/sandbox.h"

#include "idgen.h"
#include "log.h"
#include "plugin/vm/vm.h"

#include <lauxlib.h>
#include <lualib.h>

void
guard_wrap(lua_State *L, const char *name, lua_CFunction guard)
{
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, guard, 1);
    lua_setfield(L, -2, name);
}

int
guard_pass(lua_State *L)
{
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static void
open_library(lua_State *L, const char *name, lua_CFunction open)
{
    luaL_requiref(L, name, open, 1);
    lua_pop(L, 1);
}

static void
remove_global(lua_State *L, const char *name)
{
    lua_pushnil(L);
    lua_setglobal(L, name);
}

static void
open_os(lua_State *L)
{
    static const char *const kept[] = {"clock", "date", "time"};

    lua_pushcfunction(L, luaopen_os);
    lua_call(L, 0, 1);
    lua_createtable(L, 0, 3);
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        lua_getfield(L, -2, kept[i]);
        lua_setfield(L, -2, kept[i]);
    }
    lua_setglobal(L, "os");
    lua_pop(L, 1);
}

/* getmetatable("") answers false, and the table of strings' methods is safe from setmetatable. */
static void
protect_strings(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

static void
remove_field(lua_State *L, const char *library, const char *name)
{
    lua_getglobal(L, library);
    lua_pushnil(L);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
}

/* Lua seeds it from the clock and addresses: who knows one plugin's numbers is to know nothing of
 * another's. */
static void
seed_random(lua_State *L)
{
    lua_Integer seed[2];

    idgen_bytes(seed, sizeof(seed));
    lua_getglobal(L, "math");
    lua_getfield(L, -1, "randomseed");
    lua_pushinteger(L, seed[0]);
    lua_pushinteger(L, seed[1]);
    lua_call(L, 2, 0);
    lua_pop(L, 1);
}

/* What a build of Lua may still have of older versions. */
static void
remove_old(lua_State *L)
{
    static const char *const removed[] = {"atan2", "cosh", "frexp", "ldexp",
                                          "log10", "pow",  "sinh",  "tanh"};

    for (size_t i = 0; i < sizeof(removed) / sizeof(removed[0]); i++)
        remove_field(L, "math", removed[i]);
    remove_global(L, "loadstring");
    remove_global(L, "unpack");
}

static void
remove_dangerous(lua_State *L)
{
    static const char *const removed[] = {"collectgarbage", "dofile", "load", "loadfile", "warn"};

    for (size_t i = 0; i < sizeof(removed) / sizeof(removed[0]); i++)
        remove_global(L, removed[i]);
    remove_field(L, "string", "dump");
}

/* print(...) writes a debug line under the plugin's name. */
static int
print(lua_State *L)
{
    int count = lua_gettop(L);
    luaL_Buffer text;

    luaL_buffinit(L, &text);
    for (int i = 1; i <= count; i++) {
        if (i > 1)
            luaL_addchar(&text, ' ');
        luaL_tolstring(L, i, NULL);
        luaL_addvalue(&text);
    }
    luaL_pushresult(&text);
    vm_charge(L, (int64_t)lua_rawlen(L, -1) / TEXT_BYTES_PER_INSTRUCTION);
    log_debug(vm_name(vm_of(L)), lua_tostring(L, -1));
    return 0;
}

void
sandbox_open(lua_State *L, const char *lib_path)
{
    open_library(L, "_G", luaopen_base);
    open_library(L, LUA_COLIBNAME, luaopen_coroutine);
    open_library(L, LUA_MATHLIBNAME, luaopen_math);
    open_library(L, LUA_STRLIBNAME, luaopen_string);
    open_library(L, LUA_TABLIBNAME, luaopen_table);
    open_library(L, LUA_UTF8LIBNAME, luaopen_utf8);
    open_os(L);
    remove_dangerous(L);
    remove_old(L);
    seed_random(L);
    protect_strings(L);
    natives_string_open(L);
    natives_pattern_open(L);
    natives_text_open(L);
    natives_table_open(L);
    natives_control_open(L);
    cjson_open(L);
    lua_register(L, "print", print);
    if (lib_path)
        require_open(L, lib_path);
}
