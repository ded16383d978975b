/*
 * host, the part about who comes: clients, sockets of plugins, requests. Each is a number here.
 * Where it comes from is said by address and identity (JSON or nil), as struct stage_visit has it.
 */
#include "testing/test_state.h"

#include "plugin/vm/lua_json.h"

#include <lauxlib.h>

static struct stage_client *
client_of(lua_State *L)
{
    const struct test_file *file = vm_owner(L);
    lua_Integer number = luaL_checkinteger(L, 1);

    test_host_stage(L);
    if (number < 1 || (size_t)number > file->client_count || !file->clients[number - 1])
        luaL_error(L, "this client is disconnected");
    return file->clients[number - 1];
}

static struct stage_socket *
socket_of(lua_State *L)
{
    const struct test_file *file = vm_owner(L);
    lua_Integer number = luaL_checkinteger(L, 1);

    test_host_stage(L);
    luaL_argcheck(L, number >= 1 && (size_t)number <= file->socket_count, 1, "no such socket");
    return file->sockets[number - 1];
}

static struct span
bytes_of(lua_State *L, int index)
{
    struct span bytes;

    bytes.at = luaL_checklstring(L, index, &bytes.len);
    return bytes;
}

/* path, headers, address, identity from index on; lent by the stack. */
static struct stage_visit
visit_of(lua_State *L, int index)
{
    struct stage_visit visit = {.path = bytes_of(L, index),
                                .headers = bytes_of(L, index + 1),
                                .address = luaL_checkstring(L, index + 2),
                                .identity = SPAN_NONE};

    luaL_argcheck(L, strlen(visit.address) < 64, index + 2, "an address is shorter");
    if (!lua_isnoneornil(L, index + 3))
        visit.identity = bytes_of(L, index + 3);
    return visit;
}

/* [-0, +3] */
static int
push_answer(lua_State *L, const struct stage_answer *answer)
{
    lua_pushinteger(L, answer->status);
    lua_pushlstring(L, answer->headers.data ? answer->headers.data : "", answer->headers.len);
    lua_pushlstring(L, answer->body.data ? answer->body.data : "", answer->body.len);
    return 3;
}

/* nil, status, headers, body of a handshake that was refused. */
static int
push_refused(lua_State *L, const struct stage_answer *answer)
{
    if (answer->status == 0)
        return luaL_error(L, "this is no handshake: look at path and headers");
    lua_pushnil(L);
    return 1 + push_answer(L, answer);
}

/* --- clients --- */

/* connect(id, path, headers, address, identity): its number; or as push_refused(). */
static int
connect(lua_State *L)
{
    struct test_file *file = vm_owner(L);
    struct stage *stage = test_host_stage(L);
    const char *id = luaL_checkstring(L, 1);
    struct stage_visit visit = visit_of(L, 2);
    struct stage_client *client;

    stage_answer_fini(&file->answer);
    client = stage_connect(stage, id, &visit, &file->answer);
    if (!client)
        return push_refused(L, &file->answer);
    file->clients = mem_realloc(file->clients, (file->client_count + 1) * sizeof(*file->clients));
    file->clients[file->client_count++] = client;
    lua_pushinteger(L, (lua_Integer)file->client_count);
    return 1;
}

static int
disconnect(lua_State *L)
{
    struct test_file *file = vm_owner(L);
    struct stage_client *client = client_of(L);

    file->clients[lua_tointeger(L, 1) - 1] = NULL;
    stage_disconnect(file->stage, client);
    return 0;
}

/* send(number, text) */
static int
send(lua_State *L)
{
    struct stage *stage = test_host_stage(L);

    stage_send(stage, client_of(L), bytes_of(L, 2));
    test_host_check_settled(L, stage_settle(stage));
    return 0;
}

/* take(number): the messages that came, decoded. */
static int
take(lua_State *L)
{
    struct stage_client *client = client_of(L);
    struct span text;

    lua_settop(L, 1);
    lua_newtable(L);
    for (lua_Integer i = 1; stage_next_message(client, &text); i++) {
        lua_json_push(L, text);
        lua_rawseti(L, 2, i);
    }
    return 1;
}

static int
close_code(lua_State *L)
{
    lua_pushinteger(L, stage_close_code(client_of(L)));
    return 1;
}

/* --- sockets --- */

/* open_socket(path, headers, address, identity): its number and the subprotocol, or nil; or as
 * push_refused(). */
static int
open_socket(lua_State *L)
{
    struct test_file *file = vm_owner(L);
    struct stage *stage = test_host_stage(L);
    struct stage_visit visit = visit_of(L, 1);
    struct stage_socket *socket;

    stage_answer_fini(&file->answer);
    socket = stage_socket_open(stage, &visit, &file->answer);
    if (!socket)
        return push_refused(L, &file->answer);
    file->sockets = mem_realloc(file->sockets, (file->socket_count + 1) * sizeof(*file->sockets));
    file->sockets[file->socket_count++] = socket;
    lua_pushinteger(L, (lua_Integer)file->socket_count);
    lua_pushstring(L, stage_socket_subprotocol(socket));
    return 2;
}

/* socket_send(number, bytes, is_binary) */
static int
socket_send(lua_State *L)
{
    struct stage *stage = test_host_stage(L);

    stage_socket_send(stage, socket_of(L), bytes_of(L, 2), lua_toboolean(L, 3));
    test_host_check_settled(L, stage_settle(stage));
    return 0;
}

/* socket_take(number): bytes and is_binary of the next message, or nothing. */
static int
socket_take(lua_State *L)
{
    struct span bytes;
    bool is_binary;

    if (!stage_socket_next(socket_of(L), &bytes, &is_binary))
        return 0;
    lua_pushlstring(L, bytes.at ? bytes.at : "", bytes.len);
    lua_pushboolean(L, is_binary);
    return 2;
}

/* socket_close(number, code) */
static int
socket_close(lua_State *L)
{
    stage_socket_close(test_host_stage(L), socket_of(L), (int)luaL_checkinteger(L, 2));
    return 0;
}

static int
socket_close_code(lua_State *L)
{
    lua_pushinteger(L, stage_socket_close_code(socket_of(L)));
    return 1;
}

/* --- REST --- */

/* request(head, body, address, identity): status, headers, body. */
static int
request(lua_State *L)
{
    struct test_file *file = vm_owner(L);
    struct span head = bytes_of(L, 1);
    struct stage_visit visit = visit_of(L, 1);

    stage_answer_fini(&file->answer);
    if (stage_request(test_host_stage(L), &visit, head, bytes_of(L, 2), &file->answer) != 0)
        return luaL_error(L, "this is no request; say world:rest(\"POST\", \"/api/...\", {...})");
    if (file->answer.status == 0)
        return luaL_error(L, "the request is not answered");
    return push_answer(L, &file->answer);
}

const luaL_Reg test_visit_functions[] = {
    {"connect", connect},
    {"disconnect", disconnect},
    {"send", send},
    {"take", take},
    {"close_code", close_code},
    {"open_socket", open_socket},
    {"socket_send", socket_send},
    {"socket_take", socket_take},
    {"socket_close", socket_close},
    {"socket_close_code", socket_close_code},
    {"request", request},
    {NULL, NULL},
};
