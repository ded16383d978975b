/*
 * session, as hooks get it, event.session, and what hd1.session(id) gives, are the same thing: id,
 * seq, world (a table), camera (a table or nil), object_count, client_count, and the methods of
 * box_session_methods.c. Good for the call it was handed out in; but kept for the next one, with
 * the world's table, because making both anew for each event costs more than most hooks.
 */
#include "plugin/api/box.h"

#include "hub/session.h"
#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"

#include <lauxlib.h>

#define NAME "hd1.session"
#define SESSIONS_MAX 1024             /* that are kept */
#define WORLDS_BYTES_MAX (256 * 1024) /* of the texts whose tables are kept */

enum { WORLD_TEXT = 1, WORLD_TABLE = 2 }; /* the box's user values */

/* Kept under the session's address, which may be another's after a while: then it is that one's. */
struct box {
    struct session *session;
    uint64_t call;     /* plugin->call_count when it was last handed out */
    uint64_t read;     /* ... and when its state was last looked at */
    struct span world; /* WORLD_TEXT's bytes */
};

static struct session *
session_of(lua_State *L, const struct box *box)
{
    const struct plugin *plugin = vm_owner(L);

    if (box->call != plugin->call_count)
        luaL_error(L, "the session is gone: it is good only inside the call it was got in");
    return box->session;
}

struct session *
box_check_session(lua_State *L, int index)
{
    return session_of(L, luaL_checkudata(L, index, NAME));
}

/* Once per call: what it tells others rests on the session's state. */
static void
note_read(lua_State *L, struct box *box)
{
    struct plugin *plugin = vm_owner(L);

    if (box->read != plugin->call_count)
        basis_add_session(&plugin->basis, box->session);
    box->read = plugin->call_count;
}

struct session *
box_read_session(lua_State *L, int index)
{
    struct session *session = box_check_session(L, index);

    note_read(L, lua_touserdata(L, index));
    return session;
}

static void
forget_boxes(lua_State *L, struct plugin *plugin)
{
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, plugin->sessions_ref);
    plugin->session_count = 0;
    plugin->world_bytes = 0;
}

/* Builds the world's table and keeps it with the box, which is at 1. [-0, +1] */
static void
build_world(lua_State *L, struct plugin *plugin, struct span text)
{
    struct box *box = lua_touserdata(L, 1);
    struct span copy = {NULL, text.len};

    if (plugin->world_bytes + text.len > WORLDS_BYTES_MAX)
        forget_boxes(L, plugin);
    plugin->world_bytes += text.len;
    lua_json_push(L, text);
    copy.at = lua_pushlstring(L, text.at, text.len);
    box->world = SPAN_NONE;
    lua_setiuservalue(L, 1, WORLD_TEXT);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, WORLD_TABLE);
    box->world = copy;
}

/* The world of the box at 1: the same table as before if its text is still the same. [-0, +1] */
static void
push_world(lua_State *L, const struct session *session)
{
    const struct box *box = lua_touserdata(L, 1);
    struct span text = session_world(session);

    if (box->world.at && span_eq(box->world, text))
        lua_getiuservalue(L, 1, WORLD_TABLE);
    else
        build_world(L, vm_owner(L), text);
}

static void
push_camera(lua_State *L, const struct session *session)
{
    struct span camera = session_camera(session);

    vm_charge(L, (int64_t)camera.len / LUA_JSON_BYTES_PER_INSTRUCTION);
    if (camera.at)
        lua_json_push(L, camera);
    else
        lua_pushnil(L);
}

/* object_count and client_count [-0, +1]. */
static void
push_count(lua_State *L, const struct session *session, bool is_of_objects)
{
    const struct plugin *plugin = vm_owner(L);
    const struct plugins_options *options = &plugin->all->options;
    struct plugins_absent absent = {0, 0};

    if (options->absent)
        absent = options->absent(options->absent_ctx, session);
    lua_pushinteger(L,
                    (lua_Integer)(is_of_objects ? session_object_count(session) + absent.objects
                                                : session_client_count(session) + absent.clients));
}

/* What of its state has that name; false if nothing. [-0, +1] */
static bool
push_state(lua_State *L, const struct session *session, const char *key)
{
    if (strcmp(key, "world") == 0)
        push_world(L, session);
    else if (strcmp(key, "seq") == 0)
        lua_pushinteger(L, session_seq(session));
    else if (strcmp(key, "object_count") == 0)
        push_count(L, session, true);
    else if (strcmp(key, "camera") == 0)
        push_camera(L, session);
    else
        return false;
    note_read(L, lua_touserdata(L, 1));
    return true;
}

/* Nothing but a box has this as its __index, and nobody can get hold of it: the box needs no check.
 */
static int
index_session(lua_State *L)
{
    const struct session *session = session_of(L, lua_touserdata(L, 1));
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    lua_CFunction method;

    if (strcmp(key, "id") == 0)
        lua_pushstring(L, session_id(session));
    else if (push_state(L, session, key))
        return 1;
    else if (strcmp(key, "client_count") == 0)
        push_count(L, session, false);
    else if ((method = box_session_method(key)))
        lua_pushcfunction(L, method);
    else
        return box_no_field(L, "session");
    return 1;
}

void
box_session_open(lua_State *L, struct plugin *plugin)
{
    box_push_metatable(L, NAME, index_session);
    lua_pop(L, 1);
    lua_newtable(L);
    plugin->sessions_ref = vm_ref(L);
}

/* Makes a box and keeps it. The table of boxes is on top, below the box after. [-0, +1] */
static void
make_box(lua_State *L, struct plugin *plugin, struct session *session)
{
    struct box *box = lua_newuserdatauv(L, sizeof(*box), 2);

    *box = (struct box){.session = session};
    luaL_setmetatable(L, NAME);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, session);
    plugin->session_count++;
}

void
box_push_session(lua_State *L, struct plugin *plugin, struct session *session)
{
    struct box *box;

    if (plugin->session_count >= SESSIONS_MAX)
        forget_boxes(L, plugin);
    vm_push_ref(L, plugin->sessions_ref);
    if (lua_rawgetp(L, -1, session) == LUA_TNIL) {
        lua_pop(L, 1);
        make_box(L, plugin, session);
    }
    lua_replace(L, -2);
    box = lua_touserdata(L, -1);
    box->call = plugin->call_count;
}
