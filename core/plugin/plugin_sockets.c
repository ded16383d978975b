/*
 * The `sockets` of what setup returns: { ["/ws/x/PLUGIN/..."] = function(socket, message,
 * is_binary) or { subprotocol=, connect=, resume=, message=, close= } }.
 */
#include "plugin/plugin_state.h"

#include "plugin/api/api.h"
#include "plugin/api/box.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#define ENDPOINTS_MAX 64
#define PATH_BYTES_MAX 256
#define SUBPROTOCOL_MAX 64

static bool
is_of(const char *text, const char *also)
{
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr(also, *text))
            return false;
    return true;
}

static bool
check_path(struct plugin *plugin, const char *path)
{
    char prefix[96];
    size_t len = (size_t)snprintf(prefix, sizeof(prefix), "/ws/x/%s", plugin->name);

    if (strncmp(path, prefix, len) != 0 || (path[len] != '\0' && path[len] != '/') ||
        strlen(path) > PATH_BYTES_MAX || !is_of(path, "/_.~-") || strstr(path, "//") ||
        path[strlen(path) - 1] == '/')
        plugin_fault_at(plugin, path,
                        "socket '%s': its path must be %s, or below it, of [A-Za-z0-9_.~-] and /",
                        path, prefix);
    else
        return true;
    return false;
}

/* The function at key of the table on top, or LUA_NOREF. [-0, +0] */
static int
take_function(lua_State *L, struct plugin *plugin, const char *path, const char *key)
{
    int type = lua_getfield(L, -1, key);

    if (type == LUA_TFUNCTION)
        return vm_ref(L);
    if (type != LUA_TNIL)
        plugin_fault_at(plugin, key, "socket '%s': %s must be a function", path, key);
    lua_pop(L, 1);
    return LUA_NOREF;
}

/* Of the table on top. [-0, +0] */
static void
take_subprotocol(lua_State *L, struct plugin *plugin, struct endpoint *endpoint)
{
    const char *text = NULL;
    int type = lua_getfield(L, -1, "subprotocol");

    if (type == LUA_TSTRING)
        text = lua_tostring(L, -1);
    if (type != LUA_TNIL && (!text || !*text || strlen(text) > SUBPROTOCOL_MAX ||
                             !is_of(text, "_.+-") || strncmp(text, "hd1.", 4) == 0))
        plugin_fault_at(plugin, "subprotocol",
                        "socket '%s': subprotocol must be 1 to %d of [A-Za-z0-9_.+-], not hd1.*",
                        endpoint->path, SUBPROTOCOL_MAX);
    if (text)
        endpoint->subprotocol = mem_strndup(text, strlen(text));
    lua_pop(L, 1);
}

/* The table is on top. [-0, +0] */
static void
take_table(lua_State *L, struct plugin *plugin, struct endpoint *endpoint)
{
    static const char *const known[] = {"subprotocol", "connect", "resume",
                                        "message",     "close",   NULL};

    lua_pushnil(L);
    while (lua_next(L, -2)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        size_t i = 0;

        while (known[i] && strcmp(known[i], key) != 0)
            i++;
        if (!known[i])
            plugin_fault_at(plugin, key,
                            "socket '%s': unknown key '%s'; known: subprotocol, connect, resume, "
                            "message, close",
                            endpoint->path, key);
        lua_pop(L, 1);
    }
    take_subprotocol(L, plugin, endpoint);
    endpoint->connect_ref = take_function(L, plugin, endpoint->path, "connect");
    endpoint->resume_ref = take_function(L, plugin, endpoint->path, "resume");
    endpoint->message_ref = take_function(L, plugin, endpoint->path, "message");
    endpoint->close_ref = take_function(L, plugin, endpoint->path, "close");
}

/* The value is on top, its path at index -2. [-1, +0] */
static void
add_endpoint(lua_State *L, struct plugin *plugin)
{
    const char *path = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    struct endpoint *endpoint;

    if (!check_path(plugin, path) || plugin->endpoint_count == ENDPOINTS_MAX) {
        if (plugin->endpoint_count == ENDPOINTS_MAX)
            plugin_fault_at(plugin, "sockets", "at most %d sockets", ENDPOINTS_MAX);
        lua_pop(L, 1);
        return;
    }
    plugin->endpoints =
        mem_realloc(plugin->endpoints, (plugin->endpoint_count + 1) * sizeof(*plugin->endpoints));
    endpoint = &plugin->endpoints[plugin->endpoint_count++];
    *endpoint = (struct endpoint){.path = mem_strndup(path, strlen(path)),
                                  .connect_ref = LUA_NOREF,
                                  .resume_ref = LUA_NOREF,
                                  .message_ref = LUA_NOREF,
                                  .close_ref = LUA_NOREF};
    if (lua_isfunction(L, -1)) {
        endpoint->message_ref = vm_ref(L);
        return;
    }
    if (lua_istable(L, -1))
        take_table(L, plugin, endpoint);
    if (endpoint->message_ref == LUA_NOREF)
        plugin_fault_at(plugin, path,
                        "sockets['%s'] must be a function, or a table with the function message",
                        path);
    lua_pop(L, 1);
}

void
plugin_take_sockets(lua_State *L, struct plugin *plugin)
{
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    if (!lua_istable(L, -1)) {
        plugin_fault_at(plugin, "sockets", "sockets must be a table by path");
        lua_pop(L, 1);
        return;
    }
    lua_pushnil(L);
    while (lua_next(L, -2))
        add_endpoint(L, plugin);
    lua_pop(L, 1);
}

/* Those that are open stay with the network until they are closed; only the plugin is gone. What
 * was sent to them still goes out. */
void
plugin_free_sockets(struct plugin *plugin)
{
    while (plugin->sockets) {
        struct plugin_socket *socket = plugin->sockets;

        plugin->sockets = socket->next;
        box_forget_socket(socket);
        socket->plugin = NULL;
        outbox_end(socket, 1012, "the plugin is replaced");
    }
    for (size_t i = 0; i < plugin->endpoint_count; i++) {
        free(plugin->endpoints[i].path);
        free(plugin->endpoints[i].subprotocol);
    }
    free(plugin->endpoints);
}
