/*
 * routes: REST endpoints of plugins. The function answers nothing (204), a table (200), status[,
 * body[, headers]] with a table (JSON) or a string (as it is) for a body, or hd1.reject{...}.
 */
#include "plugin/plugin_state.h"

#include "plugin/api/api.h"
#include "plugin/api/box.h"
#include "plugin/vm/lua_json.h"

#include <lauxlib.h>
#include <strings.h>

#define MAY "nothing, status[, body[, headers]], a table or hd1.reject{...}"

static int
push_request(lua_State *L, struct plugin *plugin)
{
    box_push_request(L, plugin);
    return 1;
}

/* --- the answer; its three values begin at FIRST --- */

/* The body is at index. */
static void
take_body(lua_State *L, struct plugin *plugin, int index)
{
    struct web_answer *answer = plugin->now.answer;
    struct lua_json_options options = {.bytes_max = hub_limits(plugin->all->hub)->body_bytes};
    char why[LUA_JSON_WHY_MAX];
    size_t len;
    const char *text;

    answer->is_text = lua_type(L, index) == LUA_TSTRING;
    if (lua_istable(L, index)) {
        if (lua_json_append(L, index, &options, &answer->body, why) != 0)
            api_fail_answer(L, plugin, lua_pushfstring(L, "a body that is no JSON (%s)", why), MAY);
    } else if (answer->is_text) {
        text = lua_tolstring(L, index, &len);
        if (len > options.bytes_max)
            api_fail_answer(L, plugin, "a body longer than limits.body_bytes", MAY);
        buf_append(&answer->body, text, len);
    } else if (!lua_isnil(L, index)) {
        api_fail_answer(L, plugin, lua_pushfstring(L, "a %s as body", luaL_typename(L, index)),
                        MAY);
    }
}

static bool
has_header(const struct buf *headers, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i + len < headers->len; i++)
        if ((i == 0 || headers->data[i - 1] == '\n') && headers->data[i + len] == ':' &&
            strncasecmp(headers->data + i, name, len) == 0)
            return true;
    return false;
}

/* The headers are at index. */
static void
take_headers(lua_State *L, struct plugin *plugin, int index)
{
    struct buf *headers = &plugin->now.answer->headers;
    size_t len;
    const char *lines;

    if (lua_istable(L, index)) {
        api_headers_push(L, index);
        lines = lua_tolstring(L, -1, &len);
        buf_append(headers, lines, len);
        lua_pop(L, 1);
    } else if (!lua_isnil(L, index)) {
        api_fail_answer(L, plugin, lua_pushfstring(L, "a %s as headers", luaL_typename(L, index)),
                        MAY);
    }
    if (plugin->now.answer->is_text && !has_header(headers, "content-type"))
        buf_append_str(headers, "content-type: text/plain; charset=utf-8\r\n");
}

/* Of the integer at index. */
static int
take_status(lua_State *L, struct plugin *plugin, int index)
{
    lua_Integer status = lua_tointeger(L, index);

    if (status < 200 || status > 599)
        api_fail_answer(L, plugin, "a status that is not 200..599", MAY);
    if ((status == 204 || status == 304) && !lua_isnil(L, index + 1))
        api_fail_answer(L, plugin, "a body where the status says there is none", MAY);
    return (int)status;
}

static void
take_route(lua_State *L, struct plugin *plugin)
{
    struct web_answer *answer = plugin->now.answer;
    int first = lua_gettop(L) - 2;

    if (api_is_answer(L, first)) {
        lua_settop(L, first);
        api_answer_take(L, plugin);
        return;
    }
    if (lua_isinteger(L, first)) {
        answer->status = take_status(L, plugin, first);
        take_body(L, plugin, first + 1);
        take_headers(L, plugin, first + 2);
    } else if (!lua_isnil(L, first + 1) || !lua_isnil(L, first + 2)) {
        api_fail_answer(L, plugin, "a second value, but no status as the first", MAY);
    } else if (lua_isnil(L, first)) {
        answer->status = 204;
    } else if (lua_istable(L, first)) {
        answer->status = 200;
        take_body(L, plugin, first);
    } else {
        api_fail_answer(L, plugin, luaL_typename(L, first), MAY);
    }
    lua_settop(L, first - 1);
}

/* --- finding and calling --- */

static void
find_in(const struct plugin *plugin, enum method method, struct span path, struct web_match *match)
{
    struct span params[WEB_PARAMS_MAX];

    for (size_t i = 0; i < plugin->route_count; i++) {
        const struct route *route = &plugin->routes[i];

        if (!route_pattern_matches(&route->pattern, path, params))
            continue;
        match->allowed |= 1u << route->pattern.method;
        if (route->pattern.method == method && !match->route) {
            match->route = route;
            memcpy(match->params, params, sizeof(params));
        }
    }
}

static void
find_route(void *ctx, enum method method, struct span path, struct web_match *match)
{
    const struct plugins *plugins = ctx;

    *match = (struct web_match){.route = NULL};
    for (size_t i = 0; i < plugins->count; i++)
        find_in(plugins->items[i], method, path, match);
}

static bool
call_route(void *ctx, const struct web_match *match, const struct web_request *request,
           struct web_answer *answer, struct refusal *refusal)
{
    const struct route *route = match->route;
    struct hook_call call = {.moment = ROUTES,
                             .ref = route->ref,
                             .what = route->pattern.text,
                             .push = push_request,
                             .take = take_route,
                             .more = 2,
                             .client = request->client,
                             .request = request,
                             .match = match,
                             .answer = answer};

    (void)ctx;
    if (plugin_ask(route->plugin, &call, NULL, refusal) == VERDICT_PASS) {
        route->plugin->basis.space = route->plugin->store; /* it may know of it from before */
        answer->basis = &route->plugin->basis;
        return true;
    }
    buf_clear(&answer->headers);
    buf_append_span(&answer->headers, buf_span(&route->plugin->answer_headers));
    return false;
}

void
moment_route_init(struct plugins *plugins)
{
    for (size_t i = 0; i < plugins->count; i++)
        if (plugins->items[i]->route_count > 0)
            plugins->web.find_route = find_route;
    plugins->web.call_route = call_route;
}
