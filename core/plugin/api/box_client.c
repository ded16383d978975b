/*
 * client in hooks: id, address, kind ("ws", "rest", "local", "socket"), info (a table or nil),
 * identity (who it is by hd1.identity{...}, or nil), user (of that, or nil), is_gone. One box per
 * client and plugin at a time, so that plugins may use it as a key; it keeps the struct in memory
 * by a reference. Once the client is gone its fields raise, but for is_gone.
 *
 * Most clients are at rest, and most plugins hold no box: so the list of boxes is weak, and those
 * that hooks were given lately are kept besides, for between two messages of a busy client the
 * garbage collector may come by more than once.
 *
 * Lua still finds a box that it has collected as the key of a plugin's own weak table, until the
 * next cycle: that one is gone.
 */
#include "plugin/api/box.h"

#include "hub/client.h"
#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"

#include <lauxlib.h>

#define NAME "hd1.client"
#define SEEN_MAX 4096 /* boxes kept of a turn */
#define TURN_MS 5000

struct box {
    struct client *client; /* NULL: collected */
    uint64_t turn;         /* in which it was seen last */
};

static const char *
kind_text(const struct client *client)
{
    static const char *const texts[] = {[CLIENT_WS] = "ws",
                                        [CLIENT_REST] = "rest",
                                        [CLIENT_LOCAL] = "local",
                                        [CLIENT_SOCKET] = "socket"};

    return texts[client_kind(client)];
}

static void
push_info(lua_State *L, const struct client *client)
{
    struct span info = client_info(client);

    if (info.at)
        lua_json_push(L, info);
    else
        lua_pushnil(L);
}

/* Whoever the hook is about can be read, though its connection may have ended. */
static bool
is_out_of_reach(const struct plugin *plugin, const struct client *client)
{
    return !client || (client_is_gone(client) && client != plugin->now.client);
}

/* Nothing but a box has this as its __index, and nobody can get hold of it: the box needs no check.
 */
static int
index_client(lua_State *L)
{
    struct client *client = ((const struct box *)lua_touserdata(L, 1))->client;
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    bool is_gone = is_out_of_reach(vm_owner(L), client);

    if (is_gone && strcmp(key, "is_gone") != 0)
        return luaL_error(L, "the client is gone");
    if (strcmp(key, "id") == 0)
        lua_pushstring(L, client_id(client));
    else if (strcmp(key, "address") == 0)
        lua_pushstring(L, client_address(client));
    else if (strcmp(key, "is_gone") == 0)
        lua_pushboolean(L, is_gone);
    else if (strcmp(key, "kind") == 0)
        lua_pushstring(L, kind_text(client));
    else if (strcmp(key, "info") == 0)
        push_info(L, client);
    else if (strcmp(key, "user") == 0)
        box_push_user(L, client_identity(client));
    else if (strcmp(key, "identity") == 0)
        box_push_identity(L, client_identity(client));
    else
        return box_no_field(L, "client");
    return 1;
}

struct client *
box_test_client(lua_State *L, int index)
{
    const struct box *box = luaL_testudata(L, index, NAME);

    return box ? box->client : NULL;
}

static int
collect_client(lua_State *L)
{
    struct box *box = lua_touserdata(L, 1);

    if (box->client)
        client_unref(box->client);
    box->client = NULL;
    return 0;
}

/* A new turn: who was not seen in this one and the one before is let go of. [-0, +0] */
static void
begin_turn(lua_State *L, struct client_boxes *boxes)
{
    lua_newtable(L);
    vm_push_ref(L, boxes->seen_ref);
    lua_rawseti(L, LUA_REGISTRYINDEX, boxes->seen_before_ref);
    lua_rawseti(L, LUA_REGISTRYINDEX, boxes->seen_ref);
    boxes->seen_before = boxes->seen;
    boxes->seen = 0;
    boxes->turn++;
}

/* The box, which is on top, is kept for this turn and the next. [-0, +0] */
static void
keep_box(lua_State *L, struct client_boxes *boxes, struct box *box)
{
    if (boxes->seen == SEEN_MAX)
        begin_turn(L, boxes);
    vm_push_ref(L, boxes->seen_ref);
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, (lua_Integer)boxes->seen + 1);
    lua_pop(L, 1);
    boxes->seen++;
    box->turn = boxes->turn;
}

/* [-0, +1] */
static void
push_weak_table(lua_State *L)
{
    lua_newtable(L);
    lua_newtable(L);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
}

/* The list becomes as small as what is in it: a table gives back no room by itself. [-0, +0] */
static void
shrink_list(lua_State *L, struct client_boxes *boxes)
{
    push_weak_table(L);
    vm_push_ref(L, boxes->all_ref);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -5);
    }
    lua_pop(L, 1);
    lua_rawseti(L, LUA_REGISTRYINDEX, boxes->all_ref);
    boxes->made = 0;
}

/* Pushes a new box and lists it under the client. The list is at -1, below the box after. */
static void
make_box(lua_State *L, struct client_boxes *boxes, struct client *client)
{
    struct box *box = lua_newuserdatauv(L, sizeof(*box), 0);

    *box = (struct box){NULL, 0};
    luaL_setmetatable(L, NAME);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, client);
    box->client = client_ref(client);
    boxes->made++;
}

void
box_push_client(lua_State *L, struct plugin *plugin, struct client *client)
{
    struct client_boxes *boxes = &plugin->client_boxes;
    struct box *box;

    vm_push_ref(L, boxes->all_ref);
    if (lua_rawgetp(L, -1, client) == LUA_TNIL) {
        lua_pop(L, 1);
        make_box(L, boxes, client);
    }
    lua_replace(L, -2);
    box = lua_touserdata(L, -1);
    if (box->turn != boxes->turn)
        keep_box(L, boxes, box);
}

static void
turn(lua_State *L, void *ctx)
{
    struct client_boxes *boxes = ctx;

    if (boxes->seen + boxes->seen_before > 0)
        begin_turn(L, boxes);
    else
        shrink_list(L, boxes);
}

void
box_rest_clients(struct plugin *plugin, int64_t now_ms)
{
    struct client_boxes *boxes = &plugin->client_boxes;

    if (now_ms - boxes->turned_ms < TURN_MS || boxes->made + boxes->seen + boxes->seen_before == 0)
        return;
    boxes->turned_ms = now_ms;
    vm_call(plugin->vm, turn, boxes); /* without memory for it, at the next time */
}

void
box_client_open(lua_State *L, struct plugin *plugin)
{
    struct client_boxes *boxes = &plugin->client_boxes;

    box_push_metatable(L, NAME, index_client);
    lua_pushcfunction(L, collect_client);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
    push_weak_table(L);
    boxes->all_ref = vm_ref(L);
    lua_newtable(L);
    boxes->seen_ref = vm_ref(L);
    lua_newtable(L);
    boxes->seen_before_ref = vm_ref(L);
    boxes->turn = 1; /* 0: of a box that is not kept yet */
}
