/*
 * event in hooks: type, lane ("durable" or "volatile"), data, source, id, seq, time_ms, session_id,
 * session, client. data is built from the bytes when it is first touched, and is the hook's own
 * copy. In before_event there is no seq yet, and time_ms is what the client said, or nil.
 *
 *   event:members(path, name, ...)    of the object at that JSON Pointer in the data as it came
 *                                     ("": the data itself), each of these members; nil for what
 *                                     is not there. Nothing else is built.
 */
#include "plugin/api/box.h"

#include "hub/client.h"
#include "hub/event.h"
#include "hub/session.h"
#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"
#include "json/json.h"
#include "json/json_pointer.h"

#include <lauxlib.h>

#define NAME "hd1.event"
#define NAMES_MAX 32 /* of members asked for in one call */
#define LOOKS_FREE 4 /* looks at the event's bytes in one call, so that it may be of any size */

/* Pushes number, or nil if it is the one that says: none. [-0, +1] */
static void
push_known(lua_State *L, int64_t number, int64_t none)
{
    if (number == none)
        lua_pushnil(L);
    else
        lua_pushinteger(L, number);
}

/* What does not fit into the plugin's memory is the sender's fault: else whoever sends it often
 * enough could put the plugin to rest for all. */
static void
push_decoded(lua_State *L, struct plugin *plugin)
{
    plugin->now.reading = "event";
    lua_json_push(L, plugin->now.event->data);
    plugin->now.reading = NULL;
}

static void
push_data(lua_State *L, struct plugin *plugin)
{
    if (plugin->now.has_data) {
        lua_getiuservalue(L, 1, 1);
        return;
    }
    push_decoded(L, plugin);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, 1);
    plugin->now.has_data = true;
}

static void
push_session(lua_State *L, struct plugin *plugin, bool is_id)
{
    struct session *session = plugin->now.event->session;

    if (!session)
        lua_pushnil(L);
    else if (is_id)
        lua_pushstring(L, session_id(session));
    else
        box_push_session(L, plugin, session);
}

/* Pushes a value for each name from index first to the top: the member's, or nil. [-0, +names] */
static void
push_members(lua_State *L, int first, struct json_iter *iter)
{
    const char *names[NAMES_MAX];
    int count = lua_gettop(L) - first + 1, left = count;
    struct span key, value;

    for (int i = 0; i < count; i++)
        names[i] = lua_tostring(L, first + i);
    lua_settop(L, lua_gettop(L) + count);
    while (left > 0 && json_next_member(iter, &key, &value)) {
        for (int i = 0; i < count; i++) {
            if (!json_key_is(key, names[i]))
                continue;
            lua_json_push(L, value);
            lua_replace(L, first + count + i);
            left--;
        }
    }
}

static int
members(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);
    int count = lua_gettop(L) - 2;
    struct span data, path;
    struct json_iter iter;

    luaL_argcheck(L, box_event_data(L, 1, &data), 1, "call it as event:members(path, name, ...)");
    path.at = luaL_checklstring(L, 2, &path.len);
    luaL_argcheck(L, path.len == 0 || path.at[0] == '/', 2,
                  "a path is \"\" for the data itself, or begins with a slash: \"/object\"");
    luaL_argcheck(L, count >= 1 && count <= NAMES_MAX, 3, "1 to 32 names of members");
    for (int i = 3; i < 3 + count; i++) {
        luaL_checktype(L, i, LUA_TSTRING);
        luaL_argcheck(L, strlen(lua_tostring(L, i)) == lua_rawlen(L, i), i, "a name with a NUL");
    }
    luaL_checkstack(L, count + LUA_MINSTACK, NULL);
    if (!json_iter_at(&iter, data, path))
        iter.at = iter.end = data.at; /* there is no such member in nothing */
    plugin->now.reading = "event";
    push_members(L, 3, &iter);
    plugin->now.reading = NULL;
    return count;
}

static int
read_field(lua_State *L, struct plugin *plugin, const char *key)
{
    const struct event *event = plugin->now.event;

    if (strcmp(key, "members") == 0)
        lua_pushcfunction(L, members);
    else if (strcmp(key, "data") == 0)
        push_data(L, plugin);
    else if (strcmp(key, "type") == 0)
        lua_pushstring(L, event->type->name);
    else if (strcmp(key, "lane") == 0)
        lua_pushstring(L, event->type->lane == LANE_DURABLE ? "durable" : "volatile");
    else if (strcmp(key, "session") == 0)
        push_session(L, plugin, false);
    else if (strcmp(key, "session_id") == 0)
        push_session(L, plugin, true);
    else if (strcmp(key, "source") == 0)
        lua_pushstring(L, source_text(event->source));
    else if (strcmp(key, "client") == 0)
        box_push_client(L, plugin, event->client);
    else if (strcmp(key, "id") == 0)
        push_known(L, event->id, 0);
    else if (strcmp(key, "seq") == 0)
        push_known(L, event->seq, 0);
    else if (strcmp(key, "time_ms") == 0)
        push_known(L, event->time_ms, 0);
    else
        return box_no_field(L, "event");
    return 1;
}

static void
check_there(lua_State *L, const struct plugin *plugin)
{
    if (!plugin->now.event)
        luaL_error(L, "the event is gone: it is good only inside the hook");
}

static int
index_event(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";

    check_there(L, plugin);
    return read_field(L, plugin, key);
}

bool
box_event_data(lua_State *L, int index, struct span *data)
{
    struct plugin *plugin = vm_owner(L);

    if (lua_touserdata(L, index) != plugin->event_box_at)
        return false;
    check_there(L, plugin);
    *data = plugin->now.event->data;
    if (++plugin->now.looks > LOOKS_FREE)
        vm_charge(L, (int64_t)data->len / LUA_JSON_BYTES_PER_INSTRUCTION);
    return true;
}

void
box_event_open(lua_State *L, struct plugin *plugin)
{
    plugin->event_box_at = lua_newuserdatauv(L, 0, 1);
    box_push_metatable(L, NAME, index_event);
    lua_setmetatable(L, -2);
    plugin->event_box = vm_ref(L);
}

void
box_push_event(lua_State *L, struct plugin *plugin)
{
    vm_push_ref(L, plugin->event_box);
}

void
box_clear_event(lua_State *L, struct plugin *plugin)
{
    vm_push_ref(L, plugin->event_box);
    lua_pushnil(L);
    lua_setiuservalue(L, -2, 1);
    lua_pop(L, 1);
}
