/* Reading the tables of named arguments that our functions take. */
#include "plugin/api/api.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 1000

static int
is_known(const char *const *known, const char *key)
{
    for (; *known; known++)
        if (strcmp(*known, key) == 0)
            return 1;
    return 0;
}

static void
fail_unknown(lua_State *L, int arg, const char *key, const char *const *known)
{
    luaL_Buffer text;

    luaL_buffinit(L, &text);
    luaL_addstring(&text, "unknown key '");
    luaL_addstring(&text, key);
    luaL_addstring(&text, "'; known: ");
    for (size_t i = 0; known[i]; i++) {
        luaL_addstring(&text, i > 0 ? ", " : "");
        luaL_addstring(&text, known[i]);
    }
    luaL_pushresult(&text);
    luaL_argerror(L, arg, lua_tostring(L, -1));
}

void
api_check_keys(lua_State *L, int arg, const char *const *known)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    lua_pushnil(L);
    while (lua_next(L, arg)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_argerror(L, arg, "a key that is not a name");
        if (!is_known(known, lua_tostring(L, -1)))
            fail_unknown(L, arg, lua_tostring(L, -1), known);
    }
}

/* Pushes the field raw and returns its type. [-0, +1] */
static int
push_field(lua_State *L, int arg, const char *key)
{
    lua_pushstring(L, key);
    return lua_rawget(L, arg);
}

const char *
api_string_field(lua_State *L, int arg, const char *key, size_t *len)
{
    const char *text = NULL;
    int type = push_field(L, arg, key);

    *len = 0;
    if (type == LUA_TSTRING)
        text = lua_tolstring(L, -1, len);
    else if (type != LUA_TNIL)
        luaL_argerror(L, arg, lua_pushfstring(L, "%s must be a string", key));
    lua_pop(L, 1);
    return text;
}

lua_Integer
api_integer_field(lua_State *L, int arg, const char *key, lua_Integer fallback)
{
    lua_Integer number = fallback;
    int is_integer;

    if (push_field(L, arg, key) != LUA_TNIL) {
        number = lua_tointegerx(L, -1, &is_integer);
        if (!is_integer || lua_type(L, -1) != LUA_TNUMBER)
            luaL_argerror(L, arg, lua_pushfstring(L, "%s must be an integer", key));
    }
    lua_pop(L, 1);
    return number;
}

lua_Number
api_number_field(lua_State *L, int arg, const char *key)
{
    lua_Number number;

    if (push_field(L, arg, key) != LUA_TNUMBER)
        luaL_argerror(L, arg, lua_pushfstring(L, "%s must be a number", key));
    number = lua_tonumber(L, -1);
    if (!isfinite(number))
        luaL_argerror(L, arg, lua_pushfstring(L, "%s must be finite", key));
    lua_pop(L, 1);
    return number;
}

size_t
api_limit_field(lua_State *L, int arg)
{
    lua_Integer limit = api_integer_field(L, arg, "limit", LIMIT_DEFAULT);

    luaL_argcheck(L, limit >= 1 && limit <= LIMIT_MAX, arg, "limit must be 1 to 1000");
    return (size_t)limit;
}
