/* What plugins and scripts emit becomes a message like anybody's. */
#include "plugin/api/envelope.h"

#include "idgen.h"
#include "plugin/vm/lua_json.h"
#include "json/json.h"

#include <lauxlib.h>

/* Lent by the scratch buffer. */
static struct span
encode_data(lua_State *L, int index, size_t bytes_max)
{
    struct span data = SPAN("{}");

    if (lua_isnoneornil(L, index))
        return data;
    if (!lua_istable(L, index))
        luaL_error(L, "data must be a table");
    data = lua_json_encode(L, index, bytes_max);
    if (data.at[0] != '{')
        luaL_error(L, "data must be an object, not an array");
    return data;
}

struct span
envelope_push_data(lua_State *L, const char *session_id, int index, size_t bytes_max)
{
    struct span data = encode_data(L, index, bytes_max), id, text;
    luaL_Buffer out;

    text.at = lua_pushlstring(L, data.at, data.len);
    text.len = data.len;
    if (json_check(text, NULL, NULL) != 0)
        luaL_error(L, "data has too many members or levels");
    if (json_member(text, "session_id", &id)) {
        if (!json_plain_string(id, &id) || !span_is(id, session_id))
            luaL_error(L, "data.session_id is another session's");
        return text;
    }
    luaL_buffinit(L, &out);
    luaL_addstring(&out, "{\"session_id\":\"");
    luaL_addstring(&out, session_id);
    luaL_addstring(&out, text.len > 2 ? "\"," : "\"");
    luaL_addlstring(&out, text.at + 1, text.len - 1);
    luaL_pushresult(&out);
    lua_replace(L, -2);
    text.at = lua_tolstring(L, -1, &text.len);
    return text;
}

struct span
envelope_push(lua_State *L, struct span type, int index, size_t bytes_max)
{
    struct span data, text;
    luaL_Buffer out;

    if (!id_is_valid(type)) /* so there is nothing to escape */
        luaL_error(L, "an event type is named [a-z][a-z0-9_]{0,63}");
    data = encode_data(L, index, bytes_max);
    luaL_buffinit(L, &out);
    luaL_addstring(&out, "{\"type\":\"");
    luaL_addlstring(&out, type.at, type.len);
    luaL_addstring(&out, "\",\"data\":");
    luaL_addlstring(&out, data.at, data.len);
    luaL_addchar(&out, '}');
    luaL_pushresult(&out);
    text.at = lua_tolstring(L, -1, &text.len);
    if (json_check(text, NULL, NULL) != 0)
        luaL_error(L, "data has too many members or levels");
    return text;
}
