/*
 * hd1.identity{user=, roles={...}, name=, data={...}}: what before_connect answers when it knows
 * who that is. user: 1 to 128 characters; roles: up to 32 strings; in all 4 KiB as JSON.
 */
#include "plugin/api/api.h"

#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"

#include <lauxlib.h>

#define IDENTITY_BYTES_MAX 4096
#define TEXT_MAX 128 /* bytes of user, name, one role */
#define ROLES_MAX 32

static bool
is_text(const char *text, size_t len)
{
    return text && len > 0 && len <= TEXT_MAX && !memchr(text, '\0', len);
}

/* Adds a checked copy of roles to the table on top. [-0, +0] */
static void
copy_roles(lua_State *L)
{
    size_t len, count;
    const char *role;
    int type = lua_getfield(L, 1, "roles");

    luaL_argcheck(L, type == LUA_TTABLE || type == LUA_TNIL, 1, "roles must be a list");
    count = type == LUA_TTABLE ? lua_rawlen(L, -1) : 0;
    luaL_argcheck(L, count <= ROLES_MAX, 1, "at most 32 roles");
    lua_createtable(L, (int)count, 0);
    lua_json_mark_array(L, -1);
    for (size_t i = 1; i <= count; i++) {
        luaL_argcheck(L, lua_rawgeti(L, -2, (lua_Integer)i) == LUA_TSTRING, 1,
                      "roles must be a list of strings");
        role = lua_tolstring(L, -1, &len);
        luaL_argcheck(L, is_text(role, len), 1, "a role is 1 to 128 bytes");
        lua_rawseti(L, -2, (lua_Integer)i);
    }
    lua_setfield(L, -3, "roles");
    lua_pop(L, 1);
}

static int
make_identity(lua_State *L)
{
    static const char *const known[] = {"user", "roles", "name", "data", NULL};
    size_t user_len, name_len;
    const char *user, *name;
    struct span text;

    api_check_keys(L, 1, known);
    lua_settop(L, 1);
    user = api_string_field(L, 1, "user", &user_len);
    name = api_string_field(L, 1, "name", &name_len);
    luaL_argcheck(L, is_text(user, user_len), 1, "user must be a string of 1 to 128 bytes");
    luaL_argcheck(L, !name || is_text(name, name_len), 1, "name must be of 1 to 128 bytes");
    lua_createtable(L, 0, 4);
    lua_getfield(L, 1, "user");
    lua_setfield(L, -2, "user");
    lua_getfield(L, 1, "name");
    lua_setfield(L, -2, "name");
    copy_roles(L);
    luaL_argcheck(L, lua_getfield(L, 1, "data") == LUA_TTABLE || lua_isnil(L, -1), 1,
                  "data must be a table");
    lua_setfield(L, -2, "data");
    text = lua_json_encode(L, 2, IDENTITY_BYTES_MAX);
    lua_pushlstring(L, text.at, text.len);
    api_answer_push(L, ANSWER_IDENTITY, true);
    return 1;
}

void
api_identity_open(lua_State *L)
{
    lua_pushcfunction(L, make_identity);
    lua_setfield(L, -2, "identity");
}
