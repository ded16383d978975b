/* The `routes` of what setup returns: { ["METHOD /api/x/PLUGIN/..."] = function(request) }. */
#include "plugin/plugin_state.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUTES_MAX 256

/* The function is on top, its pattern's text at index -2. [-1, +0] */
static void
add_route(lua_State *L, struct plugin *plugin)
{
    const char *text = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    struct route *route;
    const char *fault;
    char prefix[96];

    if (!lua_isfunction(L, -1) || plugin->route_count == ROUTES_MAX) {
        if (plugin->route_count == ROUTES_MAX)
            plugin_fault_at(plugin, "routes", "at most %d routes", ROUTES_MAX);
        else
            plugin_fault_at(plugin, text, "routes['%s'] must be a function", text);
        lua_pop(L, 1);
        return;
    }
    snprintf(prefix, sizeof(prefix), "/api/x/%s", plugin->name);
    plugin->routes =
        mem_realloc(plugin->routes, (plugin->route_count + 1) * sizeof(*plugin->routes));
    route = &plugin->routes[plugin->route_count++];
    route->plugin = plugin;
    route->ref = LUA_NOREF;
    fault = route_pattern_init(&route->pattern, text, prefix);
    if (fault) {
        plugin_fault_at(plugin, text, "route '%s': %s; such as \"GET %s/...\"", text, fault,
                        prefix);
        route_pattern_fini(&route->pattern);
        plugin->route_count--;
        lua_pop(L, 1);
        return;
    }
    route->ref = vm_ref(L);
}

static int
compare(const void *a, const void *b)
{
    return route_pattern_compare(&((const struct route *)a)->pattern,
                                 &((const struct route *)b)->pattern);
}

static void
sort_routes(struct plugin *plugin)
{
    struct route *routes = plugin->routes;

    if (plugin->route_count == 0)
        return;
    qsort(routes, plugin->route_count, sizeof(*routes), compare);
    for (size_t i = 1; i < plugin->route_count; i++)
        if (compare(&routes[i - 1], &routes[i]) == 0)
            plugin_fault_at(plugin, routes[i].pattern.text, "routes '%s' and '%s' are the same",
                            routes[i - 1].pattern.text, routes[i].pattern.text);
}

void
plugin_take_routes(lua_State *L, struct plugin *plugin)
{
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    if (!lua_istable(L, -1)) {
        plugin_fault_at(plugin, "routes",
                        "routes must be a table of functions by \"METHOD /path\"");
        lua_pop(L, 1);
        return;
    }
    lua_pushnil(L);
    while (lua_next(L, -2))
        add_route(L, plugin);
    lua_pop(L, 1);
    sort_routes(plugin);
}

void
plugin_free_routes(struct plugin *plugin)
{
    for (size_t i = 0; i < plugin->route_count; i++)
        route_pattern_fini(&plugin->routes[i].pattern);
    free(plugin->routes);
}
