/*
 * request in before_connect, routes and a socket's connect: kind ("websocket" or "rest"), method,
 * path, address, origin, token, identity, client, headers (by name), query (a table; of a repeated
 * key the first), query_all(self, key) (a list), params (of the route's {names}), body (bytes),
 * json (the body, parsed). Good while the hook runs. What is built is kept with the box, which is
 * made anew for each call.
 */
#include "plugin/api/box.h"

#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"
#include "utf8.h"

#include <ctype.h>
#include <lauxlib.h>

#define NAME "hd1.request"
#define HEADERS_NAME "hd1.headers"

enum { QUERY_FIRST = 1, QUERY_ALL, JSON_VALUE, USER_VALUES = JSON_VALUE };

struct box {
    uint64_t call; /* plugin->call_count when it was made */
    bool has_json;
};

void
box_push_text(lua_State *L, struct span text)
{
    const char *at = text.at, *end = text.at + text.len;
    luaL_Buffer out;

    if (!text.at) {
        lua_pushnil(L);
        return;
    }
    luaL_buffinit(L, &out);
    while (at < end) {
        size_t n = utf8_len(at, end);

        if (n > 0)
            luaL_addlstring(&out, at, n);
        else
            luaL_addchar(&out, '?');
        at += n > 0 ? n : 1;
    }
    luaL_pushresult(&out);
}

/* The request of the box, if it is good still. */
static const struct web_request *
request_of(lua_State *L, const struct box *box)
{
    const struct plugin *plugin = vm_owner(L);

    if (box->call != plugin->call_count)
        luaL_error(L, "the request is gone: it is good only inside the hook");
    return plugin->now.request;
}

/* --- headers --- */

static int
index_headers(lua_State *L)
{
    const struct web_request *request = request_of(L, lua_touserdata(L, 1));
    struct span name;
    char lower[64];

    name.at = luaL_checklstring(L, 2, &name.len);
    if (name.len > sizeof(lower)) {
        lua_pushnil(L);
        return 1;
    }
    for (size_t i = 0; i < name.len; i++)
        lower[i] = (char)tolower((unsigned char)name.at[i]);
    box_push_text(L, request->header(request->ctx, (struct span){lower, name.len}));
    return 1;
}

static void
push_box(lua_State *L, const struct plugin *plugin, const char *name, int values)
{
    struct box *box = lua_newuserdatauv(L, sizeof(*box), values);

    *box = (struct box){.call = plugin->call_count};
    luaL_setmetatable(L, name);
}

/* --- query --- */

/* Adds key and value, on top, to the tables at first and all. [-2, +0] */
static void
add_parameter(lua_State *L, int first, int all)
{
    lua_pushvalue(L, -2);
    if (lua_rawget(L, all) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, first);
        lua_newtable(L);
        lua_json_mark_array(L, -1);
        lua_pushvalue(L, -3);
        lua_pushvalue(L, -2);
        lua_rawset(L, all);
    }
    lua_insert(L, -2);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 2);
}

/* Builds both tables, once, and keeps them with the box at 1. [-0, +0] */
static void
build_query(lua_State *L, const struct web_request *request)
{
    int first = lua_gettop(L) + 1, all = first + 1;
    struct span key, value;
    size_t pos = 0;

    lua_newtable(L);
    lua_newtable(L);
    while (request->next_query(request->ctx, &pos, &key, &value)) {
        box_push_text(L, key);
        box_push_text(L, value);
        add_parameter(L, first, all);
    }
    lua_setiuservalue(L, 1, QUERY_ALL);
    lua_setiuservalue(L, 1, QUERY_FIRST);
}

/* Pushes one of the two. [-0, +1] */
static void
push_query(lua_State *L, const struct web_request *request, int which)
{
    if (lua_getiuservalue(L, 1, which) == LUA_TNIL) {
        lua_pop(L, 1);
        build_query(L, request);
        lua_getiuservalue(L, 1, which);
    }
}

/* request:query_all(key): all its values; empty if there is none. */
static int
query_all(lua_State *L)
{
    const struct web_request *request = request_of(L, luaL_checkudata(L, 1, NAME));

    luaL_checkstring(L, 2);
    push_query(L, request, QUERY_ALL);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        lua_newtable(L);
        lua_json_mark_array(L, -1);
    }
    return 1;
}

/* --- body --- */

/* A body that does not fit into the plugin's memory is the client's fault. */
static void
push_body(lua_State *L, struct plugin *plugin, struct span body)
{
    plugin->now.reading = "body";
    lua_pushlstring(L, body.at ? body.at : "", body.len);
    plugin->now.reading = NULL;
}

/* What is no JSON is refused with 400: the route does not come back from here. */
static int
fail_json(lua_State *L, struct plugin *plugin, const char *why, size_t offset)
{
    plugin_blame_client(plugin, REFUSE_MALFORMED, "the body is not JSON: %s at byte %zu", why,
                        offset);
    return luaL_error(L, "%s", plugin->answer.message);
}

static int
push_json(lua_State *L, struct plugin *plugin, struct box *box, struct span body)
{
    const char *why;
    size_t offset;
    bool is_json;

    if (box->has_json) {
        lua_getiuservalue(L, 1, JSON_VALUE);
        return 1;
    }
    vm_charge(L, (int64_t)body.len / 16);
    plugin->now.reading = "body";
    is_json = lua_json_push_text(L, body.at ? body : SPAN(""), &why, &offset);
    plugin->now.reading = NULL;
    if (!is_json)
        return fail_json(L, plugin, why, offset);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, JSON_VALUE);
    box->has_json = true;
    return 1;
}

/* --- the rest --- */

static void
push_params(lua_State *L, const struct plugin *plugin)
{
    const struct web_match *match = plugin->now.match;
    const struct route *route = match ? match->route : NULL;
    size_t count = 0;

    lua_newtable(L);
    for (size_t i = 0; route && i < route->pattern.count; i++) {
        const struct route_segment *segment = &route->pattern.segments[i];

        if (!segment->is_param)
            continue;
        lua_pushlstring(L, segment->text.at, segment->text.len);
        box_push_text(L, match->params[count++]);
        lua_rawset(L, -3);
    }
}

static void
push_client(lua_State *L, struct plugin *plugin, const struct web_request *request)
{
    if (request->client)
        box_push_client(L, plugin, request->client);
    else
        lua_pushnil(L);
}

/* What is built from the request; false: no such field. [-0, +1] */
static bool
push_built(lua_State *L, struct plugin *plugin, const struct web_request *request, const char *key)
{
    if (strcmp(key, "headers") == 0)
        push_box(L, plugin, HEADERS_NAME, 0);
    else if (strcmp(key, "query") == 0)
        push_query(L, request, QUERY_FIRST);
    else if (strcmp(key, "query_all") == 0)
        lua_pushcfunction(L, query_all);
    else if (strcmp(key, "params") == 0)
        push_params(L, plugin);
    else if (strcmp(key, "body") == 0)
        push_body(L, plugin, request->body);
    else if (strcmp(key, "json") == 0)
        push_json(L, plugin, lua_touserdata(L, 1), request->body);
    else if (strcmp(key, "identity") == 0)
        box_push_identity(L, request->identity);
    else if (strcmp(key, "client") == 0)
        push_client(L, plugin, request);
    else
        return false;
    return true;
}

/* Nothing but a box has this as its __index, and nobody can get hold of it: the box needs no check.
 */
static int
index_request(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);
    const struct web_request *request = request_of(L, lua_touserdata(L, 1));
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";

    if (strcmp(key, "method") == 0)
        lua_pushstring(L, method_text(request->method));
    else if (strcmp(key, "path") == 0)
        box_push_text(L, request->path);
    else if (strcmp(key, "kind") == 0)
        lua_pushstring(L, request->is_websocket ? "websocket" : "rest");
    else if (strcmp(key, "address") == 0)
        lua_pushstring(L, request->address);
    else if (strcmp(key, "origin") == 0)
        box_push_text(L, request->origin);
    else if (strcmp(key, "token") == 0)
        box_push_text(L, request->token);
    else if (!push_built(L, plugin, request, key))
        return box_no_field(L, "request");
    return 1;
}

void
box_request_open(lua_State *L)
{
    box_push_metatable(L, NAME, index_request);
    box_push_metatable(L, HEADERS_NAME, index_headers);
    lua_pop(L, 2);
}

void
box_push_request(lua_State *L, struct plugin *plugin)
{
    push_box(L, plugin, NAME, USER_VALUES);
}
