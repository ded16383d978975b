/*
 * identity in hooks: user, name (or nil), roles (a list), data (a table or nil), has_role(self,
 * role). A copy of its text, so it stays good; read-only.
 */
#include "plugin/api/box.h"

#include "plugin/vm/lua_json.h"
#include "json/json.h"

#include <lauxlib.h>

#define NAME "hd1.identity"

/* The text of the identity at 1. */
static struct span
text_of(lua_State *L)
{
    struct span text;

    lua_getiuservalue(L, 1, 1);
    text.at = lua_tolstring(L, -1, &text.len);
    lua_pop(L, 1); /* the box keeps it */
    return text;
}

/* identity:has_role(role) */
static int
has_role(lua_State *L)
{
    struct span roles, role;
    struct json_iter iter;
    bool is_found = false;
    const char *wanted;

    luaL_checkudata(L, 1, NAME);
    wanted = luaL_checkstring(L, 2);
    if (json_member(text_of(L), "roles", &roles)) {
        json_iter_init(&iter, roles);
        while (!is_found && json_next_element(&iter, &role))
            is_found = json_key_is((struct span){role.at + 1, role.len - 2}, wanted);
    }
    lua_pushboolean(L, is_found);
    return 1;
}

static void
push_member(lua_State *L, struct span identity, const char *key)
{
    struct span value;

    if (identity.at && json_member(identity, key, &value))
        lua_json_push(L, value);
    else
        lua_pushnil(L);
}

static int
index_identity(lua_State *L)
{
    static const char *const members[] = {"user", "name", "roles", "data"};
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";

    if (strcmp(key, "has_role") == 0) {
        lua_pushcfunction(L, has_role);
        return 1;
    }
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (strcmp(members[i], key) == 0) {
            push_member(L, text_of(L), key);
            return 1;
        }
    }
    return box_no_field(L, "identity");
}

void
box_identity_open(lua_State *L)
{
    box_push_metatable(L, NAME, index_identity);
    lua_pop(L, 1);
}

void
box_push_identity(lua_State *L, struct span identity)
{
    if (!identity.at) {
        lua_pushnil(L);
        return;
    }
    lua_newuserdatauv(L, 0, 1);
    lua_pushlstring(L, identity.at, identity.len);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, NAME);
}

void
box_push_user(lua_State *L, struct span identity)
{
    push_member(L, identity, "user");
}
