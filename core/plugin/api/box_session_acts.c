/*
 * What plugins tell and do to one member of a session:
 *
 *   session:send(client, type, data)
 *                              a message to one member (its box or id): of a type that a plugin
 *                              declares, or a volatile one of the core
 *   session:presence(client, members)
 *                              puts members (a table) over what the client says of itself by
 *                              `presence` in this session; the others see it as presence_updated,
 *                              paced like the client's own. It stays there whatever the client
 *                              says, until it leaves; hd1.json.null takes a member back. 4 KiB in
 *                              all: what does not fit besides what is there is not taken
 *   session:kick(client, {code=4500, reason=, message=, leave=false})
 *                              closes its connection (4000 to 4499: it may come back, 4500 to 4999:
 *                              not), or makes it leave this session; it is told by an error
 *                              "kicked" with that message
 *
 * All return true; nil, message, code if the client is not in the session, or too many were done in
 * this call. They happen at the end of the round, once what the session and the plugin's hd1.store
 * hold by then is on disk; in before_event, once the event is accepted. What is sent may arrive
 * before the event that it is sent for.
 */
#include "plugin/api/box.h"

#include "hub/client.h"
#include "hub/hub.h"
#include "plugin/api/api.h"
#include "plugin/api/envelope.h"
#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"
#include "utf8.h"
#include "json/json.h"

#include <lauxlib.h>

#define ACTS_PER_CALL 1000
#define REASON_MAX 123 /* of a close frame, RFC 6455, 5.5.1 */
#define MESSAGE_MAX 256

/* The member at arg, its box or its id; NULL if it is not in the session. */
static struct client *
find_client(lua_State *L, const struct session *session, int arg)
{
    struct client *client = box_test_client(L, arg);
    struct span id;

    if (client)
        return session_has_client(session, client) ? client : NULL;
    luaL_argcheck(L, lua_type(L, arg) == LUA_TSTRING, arg, "must be a client or a client's id");
    id.at = lua_tolstring(L, arg, &id.len);
    vm_charge(L, (int64_t)session_client_count(session));
    return session_find_client(session, id);
}

static int
fail(lua_State *L, const char *message, const char *code)
{
    lua_pushnil(L);
    lua_pushstring(L, message);
    lua_pushstring(L, code);
    return 3;
}

/* Does it, or says why not; the results are pushed. */
static int
act(lua_State *L, struct hub_act *wanted)
{
    struct plugin *plugin = vm_owner(L);

    if (!wanted->client)
        return fail(L, "the client is not in the session", "not_joined");
    if (plugin->acts++ >= ACTS_PER_CALL || !api_may_queue(plugin))
        return fail(L, "too many messages and kicks at once", "too_many");
    vm_charge(L, (int64_t)wanted->data.len / 16 + 50);
    wanted->plugin = plugin->client;
    api_note_queued(plugin);
    if (hub_act(plugin->all->hub, wanted) != 0)
        return fail(L, "too much is waiting to be sent", "too_many");
    lua_pushboolean(L, 1);
    return 1;
}

static void
check_type(lua_State *L, const struct plugin *plugin, struct span name)
{
    const struct event_type *type = event_types_find(plugin->all->types, name);

    if (!type)
        api_fail_type(L, 3, name);
    if (type->lane == LANE_DURABLE && strcmp(type->owner, "core") == 0)
        luaL_argerror(L, 3,
                      lua_pushfstring(L, "%s is the server's to tell: it has a seq", type->name));
}

static int
send_message(lua_State *L)
{
    struct session *session = box_check_session(L, 1);
    struct plugin *plugin = vm_owner(L);
    struct hub_act wanted = {.session = session};
    struct span name;

    lua_settop(L, 4);
    wanted.client = find_client(L, session, 2);
    name.at = luaL_checklstring(L, 3, &name.len);
    check_type(L, plugin, name);
    wanted.type = name.at;
    wanted.data =
        envelope_push_data(L, session_id(session), 4, hub_limits(plugin->all->hub)->message_bytes);
    return act(L, &wanted);
}

static int
show_presence(lua_State *L)
{
    struct session *session = box_check_session(L, 1);
    struct hub_act wanted = {.session = session, .is_presence = true};

    lua_settop(L, 3);
    wanted.client = find_client(L, session, 2);
    luaL_checktype(L, 3, LUA_TTABLE);
    wanted.data = lua_json_encode(L, 3, HUB_PRESENCE_BYTES_MAX);
    luaL_argcheck(L, wanted.data.at[0] == '{', 3, "must have members, not be a list");
    wanted.data.at = lua_pushlstring(L, wanted.data.at, wanted.data.len);
    luaL_argcheck(L, json_check(wanted.data, NULL, NULL) == 0, 3, "has too many members");
    return act(L, &wanted);
}

/* Pushes the data of the error that says so [-0, +1]. */
static struct span
push_kicked(lua_State *L, const struct session *session, struct span message)
{
    struct buf *scratch = vm_scratch(L);
    struct span data;

    buf_clear(scratch);
    buf_append_str(scratch, "{\"message\":");
    json_append_string(scratch, message);
    buf_appendf(scratch, ",\"status\":403,\"code\":\"kicked\",\"details\":{\"session_id\":\"%s\"}}",
                session_id(session));
    data.len = scratch->len;
    data.at = lua_pushlstring(L, scratch->data, scratch->len);
    return data;
}

/* A string of at most max bytes of UTF-8 without NUL, or fallback. */
static struct span
read_text(lua_State *L, const char *key, size_t max, const char *fallback)
{
    struct span text;

    text.at = api_string_field(L, 3, key, &text.len);
    if (!text.at)
        return span_of(fallback);
    if (text.len > max || memchr(text.at, '\0', text.len) || !utf8_is_valid(text))
        luaL_argerror(L, 3,
                      lua_pushfstring(L, "%s must be UTF-8 of at most %d bytes", key, (int)max));
    return text;
}

static int
kick(lua_State *L)
{
    static const char *const known[] = {"code", "reason", "message", "leave", NULL};
    struct session *session = box_check_session(L, 1);
    struct hub_act wanted = {.session = session, .type = "error"};
    lua_Integer code;
    struct span message;

    if (lua_isnoneornil(L, 3)) {
        lua_settop(L, 2);
        lua_newtable(L);
    }
    lua_settop(L, 3);
    api_check_keys(L, 3, known);
    wanted.client = find_client(L, session, 2);
    code = api_integer_field(L, 3, "code", 4500);
    luaL_argcheck(L, code >= 4000 && code <= 4999, 3, "code must be 4000 to 4999");
    wanted.reason = read_text(L, "reason", REASON_MAX, "kicked").at;
    message = read_text(L, "message", MESSAGE_MAX, "removed by the server");
    lua_pushliteral(L, "leave");
    lua_rawget(L, 3);
    wanted.is_leaving = lua_toboolean(L, -1);
    wanted.close_code = wanted.is_leaving ? 0 : (int)code;
    wanted.data = push_kicked(L, session, message);
    return act(L, &wanted);
}

lua_CFunction
box_session_act(const char *name)
{
    static const luaL_Reg methods[] = {
        {"send", send_message}, {"presence", show_presence}, {"kick", kick}};

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (strcmp(methods[i].name, name) == 0)
            return methods[i].func;
    return NULL;
}
