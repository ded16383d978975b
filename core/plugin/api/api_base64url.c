/*
 * hd1.base64url.encode(bytes) and decode(text): RFC 4648, section 5, without padding. decode
 * answers nil, message, "malformed" for what is not such a text.
 */
#include "plugin/api/api.h"

#include "plugin/api/base64url.h"
#include "plugin/vm/lua_json.h"
#include "plugin/vm/vm.h"

#include <lauxlib.h>

static int
encode(lua_State *L)
{
    struct span bytes;
    luaL_Buffer out;

    bytes.at = luaL_checklstring(L, 1, &bytes.len);
    luaL_argcheck(L, bytes.len <= LUA_JSON_BYTES_MAX, 1, "too long");
    vm_charge(L, (int64_t)bytes.len / 16 + 1);
    luaL_pushresultsize(
        &out, base64url_encode(luaL_buffinitsize(L, &out, BASE64URL_LEN(bytes.len)), bytes));
    return 1;
}

static int
decode(lua_State *L)
{
    struct span text;
    luaL_Buffer out;
    long count;

    text.at = luaL_checklstring(L, 1, &text.len);
    luaL_argcheck(L, text.len <= 2 * LUA_JSON_BYTES_MAX, 1, "too long");
    vm_charge(L, (int64_t)text.len / 16 + 1);
    count = base64url_decode(luaL_buffinitsize(L, &out, text.len / 4 * 3 + 2), text);
    if (count >= 0) {
        luaL_pushresultsize(&out, (size_t)count);
        return 1;
    }
    lua_settop(L, 1);
    lua_pushnil(L);
    lua_pushliteral(L, "not base64url (without padding)");
    lua_pushliteral(L, "malformed");
    return 3;
}

static const luaL_Reg functions[] = {{"encode", encode}, {"decode", decode}, {NULL, NULL}};

void
api_base64url_push(lua_State *L)
{
    luaL_newlib(L, functions);
}
