/*
 * sockets: WebSocket endpoints of plugins. A function that fails ends its connection: with 1011, or
 * 1013 (come back later) while the plugin rests.
 */
#include "plugin/plugin_state.h"

#include "err.h"
#include "plugin/api/box.h"
#include "plugin/case/case_parts.h"
#include "plugin/case/case_text.h"

#include <lauxlib.h>
#include <stdlib.h>

/* What happens on a socket. */
struct happening {
    struct plugin_socket *socket;
    struct span bytes; /* a message */
    bool is_binary;
    int code; /* of the end */
};

/* --- the arguments --- */

static int
push_connect(lua_State *L, struct plugin *plugin)
{
    const struct happening *happening = plugin->now.ctx;

    box_push_socket(L, happening->socket);
    box_push_request(L, plugin);
    return 2;
}

static int
push_resume(lua_State *L, struct plugin *plugin)
{
    const struct happening *happening = plugin->now.ctx;

    box_push_socket(L, happening->socket);
    return 1;
}

static int
push_message(lua_State *L, struct plugin *plugin)
{
    const struct happening *happening = plugin->now.ctx;

    box_push_socket(L, happening->socket);
    lua_pushlstring(L, happening->bytes.at, happening->bytes.len);
    lua_pushboolean(L, happening->is_binary);
    return 3;
}

static int
push_close(lua_State *L, struct plugin *plugin)
{
    const struct happening *happening = plugin->now.ctx;

    box_push_socket(L, happening->socket);
    lua_pushinteger(L, happening->code);
    return 2;
}

/* 0, or negative as plugin_tell(). */
static int
tell(struct happening *happening, int ref, const struct web_request *request,
     int (*push)(lua_State *L, struct plugin *plugin))
{
    struct plugin_socket *socket = happening->socket;
    struct hook_call call = {.moment = SOCKETS,
                             .ref = ref,
                             .what = socket->endpoint->path,
                             .push = push,
                             .ctx = happening,
                             .request = request,
                             .client = socket->client};

    return ref == LUA_NOREF ? 0 : plugin_tell(socket->plugin, &call);
}

static int
close_code_of(int err)
{
    return err == HD1_ECLOSED ? 1013 : 1011;
}

void
case_append_socket(struct buf *out, const struct plugin *plugin, const struct hook_call *now)
{
    const struct happening *happening = now->ctx;
    bool is_message = now->push == push_message;

    (void)plugin;
    if (now->moment != SOCKETS)
        return;
    buf_append_char(out, '{');
    case_append_text(out, "path", span_of(happening->socket->endpoint->path));
    case_append_text(out, "call",
                     is_message                  ? SPAN("message")
                     : now->push == push_connect ? SPAN("connect")
                     : now->push == push_resume  ? SPAN("resume")
                                                 : SPAN("close"));
    if (is_message) {
        case_append_bytes(out, "message", happening->bytes);
        case_append_int(out, "is_binary", happening->is_binary);
    }
    case_append_int(out, "code", happening->code);
    buf_append_char(out, '}');
}

/* --- life --- */

void
plugin_list_socket(struct plugin_socket *socket, struct plugin *plugin, struct endpoint *endpoint)
{
    socket->plugin = plugin;
    socket->endpoint = endpoint;
    socket->prev = NULL;
    socket->next = plugin->sockets;
    if (socket->next)
        socket->next->prev = socket;
    plugin->sockets = socket;
    endpoint->open_count++;
}

void
plugin_unlist_socket(struct plugin_socket *socket)
{
    struct plugin *plugin = socket->plugin;

    box_forget_socket(socket);
    if (plugin->resuming == socket)
        plugin->resuming = socket->next;
    *(socket->prev ? &socket->prev->next : &plugin->sockets) = socket->next;
    if (socket->next)
        socket->next->prev = socket->prev;
    socket->endpoint->open_count--;
    socket->plugin = NULL;
}

/* Lets go of the plugin, if it is still there, and of the memory. */
static void
free_socket(struct plugin_socket *socket)
{
    outbox_fini(socket);
    if (socket->plugin)
        plugin_unlist_socket(socket);
    free(socket);
}

static struct endpoint *
find_endpoint(const struct plugins *plugins, struct span path, struct plugin **plugin)
{
    for (size_t i = 0; i < plugins->count; i++) {
        *plugin = plugins->items[i];
        for (size_t j = 0; j < (*plugin)->endpoint_count; j++)
            if (span_is(path, (*plugin)->endpoints[j].path))
                return &(*plugin)->endpoints[j];
    }
    return NULL;
}

static bool
find_socket(void *ctx, struct span path, const char **subprotocol)
{
    struct plugin *plugin;
    const struct endpoint *endpoint = find_endpoint(ctx, path, &plugin);

    if (endpoint)
        *subprotocol = endpoint->subprotocol;
    return endpoint != NULL;
}

static void *
open_socket(void *ctx, const struct web_request *request, const struct web_port *port, void *conn,
            int *code)
{
    struct plugin *plugin;
    struct endpoint *endpoint = find_endpoint(ctx, request->path, &plugin);
    struct happening happening;
    struct plugin_socket *socket;
    int err;

    if (!endpoint) { /* the plugins were replaced since the handshake */
        *code = 1012;
        return NULL;
    }
    socket = mem_zalloc(sizeof(*socket));
    *socket = (struct plugin_socket){.client = request->client, .port = port, .conn = conn};
    plugin_list_socket(socket, plugin, endpoint);
    happening = (struct happening){.socket = socket};
    err = tell(&happening, endpoint->connect_ref, request, push_connect);
    if (!err)
        return socket;
    *code = close_code_of(err);
    free_socket(socket);
    return NULL;
}

static int
tell_resume(struct plugin_socket *socket)
{
    struct happening happening = {.socket = socket};

    if (!socket->awaits_resume)
        return 0;
    socket->awaits_resume = false;
    return tell(&happening, socket->endpoint->resume_ref, NULL, push_resume);
}

void
plugin_resume_socket(struct plugin_socket *socket)
{
    int err = tell_resume(socket);

    if (err)
        outbox_end(socket, close_code_of(err), "the plugin failed");
}

static void
receive(void *ctx, struct span bytes, bool is_binary)
{
    struct plugin_socket *socket = ctx;
    struct happening happening = {.socket = socket, .bytes = bytes, .is_binary = is_binary};
    int err;

    if (socket->plugin)
        plugin_resume_socket(socket);
    if (!socket->plugin || socket->is_ending)
        return;
    err = tell(&happening, socket->endpoint->message_ref, NULL, push_message);
    if (err)
        outbox_end(socket, close_code_of(err), "the plugin failed");
}

static void
closed(void *ctx, int code)
{
    struct plugin_socket *socket = ctx;
    struct happening happening = {.socket = socket, .code = code};

    if (socket->plugin) {
        tell_resume(socket);
        tell(&happening, socket->endpoint->close_ref, NULL, push_close);
    }
    free_socket(socket);
}

void
moment_socket_init(struct plugins *plugins)
{
    for (size_t i = 0; i < plugins->count; i++)
        if (plugins->items[i]->endpoint_count > 0)
            plugins->web.find_socket = find_socket;
    plugins->web.open_socket = open_socket;
    plugins->web.receive = receive;
    plugins->web.closed = closed;
}
