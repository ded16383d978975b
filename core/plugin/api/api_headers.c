/*
 * The headers that a plugin adds to an HTTP answer, { NAME = VALUE }: names are tokens, values hold
 * no control characters (a line break would begin a header of somebody else's), and what frames the
 * answer is the server's to say.
 */
#include "plugin/api/api.h"

#include "span.h"
#include "utf8.h"

#include <ctype.h>
#include <lauxlib.h>
#include <strings.h>

#define HEADERS_MAX 32
#define HEADERS_BYTES_MAX 8192

static bool
is_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!isalnum((unsigned char)name.at[i]) &&
            (!name.at[i] || !strchr("!#$%&'*+-.^_`|~", name.at[i])))
            return false;
    return name.len > 0 && name.len <= 64;
}

static bool
is_value(struct span value)
{
    const char *at = value.at, *end = value.at + value.len;

    while (at < end) {
        size_t n = utf8_len(at, end);

        if (n == 0 || (n == 1 && ((unsigned char)*at < ' ' || *at == 0x7f) && *at != '\t'))
            return false;
        at += n;
    }
    return true;
}

static bool
is_ours(const char *name)
{
    static const char *const ours[] = {"connection", "content-length",        "date",
                                       "keep-alive", "transfer-encoding",     "trailer",
                                       "upgrade",    "x-content-type-options"};

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (strcasecmp(ours[i], name) == 0)
            return true;
    return strncasecmp(name, "access-control-", 15) == 0 ||
           strncasecmp(name, "sec-websocket-", 14) == 0;
}

/* Pushes the line of the header whose name and value are on top. [-0, +1] */
static void
push_line(lua_State *L)
{
    struct span name = {"?", 1}, value = SPAN_NONE;

    if (lua_type(L, -2) == LUA_TSTRING)
        name.at = lua_tolstring(L, -2, &name.len);
    if (lua_type(L, -1) == LUA_TSTRING || lua_isinteger(L, -1)) {
        lua_pushvalue(L, -1); /* lua_tolstring would change it in the table */
        value.at = lua_tolstring(L, -1, &value.len);
        lua_replace(L, -2);
    }
    if (!is_name(name))
        luaL_error(L, "header '%s': that is no name of a header", name.at);
    if (is_ours(name.at))
        luaL_error(L, "header '%s' is the server's to say", name.at);
    if (!value.at)
        luaL_error(L, "header '%s' must be a string or an integer", name.at);
    if (!is_value(value))
        luaL_error(L, "header '%s' must be UTF-8 without control characters", name.at);
    lua_pushfstring(L, "%s: %s\r\n", name.at, value.at);
}

void
api_headers_push(lua_State *L, int index)
{
    int count = 0, lines = lua_gettop(L) + 1;

    lua_pushliteral(L, "");
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (++count > HEADERS_MAX)
            luaL_error(L, "at most %d headers", HEADERS_MAX);
        push_line(L);
        lua_pushvalue(L, lines);
        lua_insert(L, -2);
        lua_concat(L, 2);
        lua_replace(L, lines);
        lua_pop(L, 1);
        if (lua_rawlen(L, lines) > HEADERS_BYTES_MAX)
            luaL_error(L, "at most %d bytes of headers", HEADERS_BYTES_MAX);
    }
}
