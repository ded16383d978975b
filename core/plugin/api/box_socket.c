/*
 * socket in a plugin's own WebSocket endpoints: id, address, path, identity, user, is_gone,
 * send(self, text), send(self, bytes, "binary"), close(self, code, reason). One box per connection,
 * so that it can be a key and outlive the call; once the connection is gone its fields raise, but
 * for is_gone, and send answers nil, message, code. What is sent goes out when the call has
 * succeeded and what it rests on is on disk (outbox.h).
 */
#include "plugin/api/box.h"

#include "err.h"
#include "hub/client.h"
#include "plugin/plugin_state.h"
#include "utf8.h"

#include <lauxlib.h>

#define NAME "hd1.socket"
#define CLOSE_NORMAL 1000
#define REASON_MAX 123 /* bytes, RFC 6455 5.5 */

struct socket_box {
    struct plugin_socket *socket; /* NULL: it is gone */
};

static bool
is_utf8(struct span text)
{
    const char *at = text.at, *end = text.at + text.len;
    size_t n = 1;

    while (at < end && n > 0) {
        n = utf8_len(at, end);
        at += n;
    }
    return n > 0;
}

/* --- methods --- */

static int
answer(lua_State *L, int err)
{
    if (err == 0) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushnil(L);
    if (err == HD1_EFULL) {
        lua_pushliteral(L, "the other side is too slow: the socket is closed");
        lua_pushliteral(L, "slow");
    } else if (err == HD1_EBUSY) {
        lua_pushliteral(L, "too much is waiting to be sent");
        lua_pushliteral(L, "too_many");
    } else {
        lua_pushliteral(L, "the socket is closed");
        lua_pushliteral(L, "closed");
    }
    return 3;
}

static int
send_message(lua_State *L)
{
    static const char *const kinds[] = {"text", "binary", NULL};
    const struct socket_box *box = luaL_checkudata(L, 1, NAME);
    const struct plugin *plugin = vm_owner(L);
    struct span bytes;
    bool is_binary;

    luaL_argcheck(L, lua_type(L, 2) == LUA_TSTRING, 2, "a message is a string");
    bytes.at = lua_tolstring(L, 2, &bytes.len);
    is_binary = luaL_checkoption(L, 3, "text", kinds) == 1;
    luaL_argcheck(L, bytes.len <= hub_limits(plugin->all->hub)->queue_bytes, 2,
                  "longer than queue_bytes");
    vm_charge(L, (int64_t)bytes.len / 64 + 100); /* a write costs more than it looks */
    luaL_argcheck(L, is_binary || is_utf8(bytes), 2,
                  "text must be UTF-8; for bytes: send(bytes, \"binary\")");
    if (!box->socket)
        return answer(L, HD1_ECLOSED);
    return answer(L, outbox_send(box->socket, bytes, is_binary));
}

static bool
is_close_code(lua_Integer code)
{
    return code == CLOSE_NORMAL || code == 1001 || code == 1003 || (code >= 1007 && code <= 1013) ||
           (code >= 3000 && code <= 4999);
}

static int
close_socket(lua_State *L)
{
    const struct socket_box *box = luaL_checkudata(L, 1, NAME);
    lua_Integer code = luaL_optinteger(L, 2, CLOSE_NORMAL);
    struct span reason;

    reason.at = luaL_optlstring(L, 3, "", &reason.len);
    luaL_argcheck(L, is_close_code(code), 2, "must be 1000, 1001, 1003, 1007..1013 or 3000..4999");
    luaL_argcheck(L, reason.len <= REASON_MAX && is_utf8(reason), 3,
                  "must be UTF-8 of at most 123 bytes");
    if (box->socket)
        outbox_close(box->socket, (int)code, reason);
    return 0;
}

/* --- fields --- */

/* False: no such field. [-0, +1] */
static bool
push_field(lua_State *L, const struct plugin_socket *socket, const char *key)
{
    if (strcmp(key, "id") == 0)
        lua_pushstring(L, client_id(socket->client));
    else if (strcmp(key, "address") == 0)
        lua_pushstring(L, client_address(socket->client));
    else if (strcmp(key, "path") == 0)
        lua_pushstring(L, socket->endpoint->path);
    else if (strcmp(key, "identity") == 0)
        box_push_identity(L, client_identity(socket->client));
    else if (strcmp(key, "user") == 0)
        box_push_user(L, client_identity(socket->client));
    else
        return false;
    return true;
}

static int
index_socket(lua_State *L)
{
    const struct socket_box *box = lua_touserdata(L, 1);
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";

    if (strcmp(key, "send") == 0)
        lua_pushcfunction(L, send_message);
    else if (strcmp(key, "close") == 0)
        lua_pushcfunction(L, close_socket);
    else if (strcmp(key, "is_gone") == 0)
        lua_pushboolean(L, box->socket == NULL);
    else if (!box->socket)
        return luaL_error(L, "the socket is gone");
    else if (!push_field(L, box->socket, key))
        return box_no_field(L, "socket");
    return 1;
}

void
box_socket_open(lua_State *L, struct plugin *plugin)
{
    box_push_metatable(L, NAME, index_socket);
    lua_pop(L, 1);
    lua_newtable(L);
    plugin->sockets_ref = vm_ref(L);
}

void
box_push_socket(lua_State *L, struct plugin_socket *socket)
{
    struct socket_box *box;

    vm_push_ref(L, socket->plugin->sockets_ref);
    if (lua_rawgetp(L, -1, socket) == LUA_TNIL) {
        lua_pop(L, 1);
        box = lua_newuserdatauv(L, sizeof(*box), 0);
        box->socket = NULL;
        luaL_setmetatable(L, NAME);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, -3, socket);
        box->socket = socket;
        socket->box = box;
    }
    lua_replace(L, -2);
}

/* --- the end --- */

static void
drop_box(lua_State *L, void *ctx)
{
    const struct plugin_socket *socket = ctx;

    vm_push_ref(L, socket->plugin->sockets_ref);
    lua_pushnil(L);
    lua_rawsetp(L, -2, socket); /* it is there: nothing is allocated */
}

void
box_forget_socket(struct plugin_socket *socket)
{
    if (!socket->box)
        return;
    socket->box->socket = NULL;
    socket->box = NULL;
    vm_call(socket->plugin->vm, drop_box, socket);
}
