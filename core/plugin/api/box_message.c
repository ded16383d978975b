/* message in before_message: type, session_id (nil if there is none), bytes, count, source. */
#include "plugin/api/box.h"

#include "hub/hooks.h"
#include "plugin/plugin_state.h"

#include <lauxlib.h>

#define NAME "hd1.message"

static void
push_span(lua_State *L, struct span text)
{
    if (text.at)
        lua_pushlstring(L, text.at, text.len);
    else
        lua_pushnil(L);
}

static int
index_message(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);
    const struct message_facts *facts = plugin->now.facts;
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";

    if (!facts)
        return luaL_error(L, "the message is gone: it is good only inside the hook");
    if (strcmp(key, "count") == 0)
        lua_pushinteger(L, (lua_Integer)facts->count);
    else if (strcmp(key, "session_id") == 0)
        push_span(L, facts->session_id);
    else if (strcmp(key, "type") == 0)
        push_span(L, facts->type);
    else if (strcmp(key, "bytes") == 0)
        lua_pushinteger(L, (lua_Integer)facts->bytes);
    else if (strcmp(key, "source") == 0)
        lua_pushstring(L, source_text(facts->source));
    else
        return box_no_field(L, "message");
    return 1;
}

void
box_message_open(lua_State *L, struct plugin *plugin)
{
    lua_newuserdatauv(L, 0, 0);
    box_push_metatable(L, NAME, index_message);
    lua_setmetatable(L, -2);
    plugin->message_box = vm_ref(L);
}

void
box_push_message(lua_State *L, struct plugin *plugin)
{
    vm_push_ref(L, plugin->message_box);
}
