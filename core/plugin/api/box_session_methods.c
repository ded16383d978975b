/*
 * What a session can do for plugins:
 *
 *   session:get(name)          the object as a table, or nil; object(name) is the same
 *   session:objects{...}       an array of objects, by name, and the cursor for more, or nil.
 *                              type=, prefix= (of names), near={x=,y=,z=,radius=} (a sphere, in
 *                              units of the world), limit=100 (1 to 1000), cursor=
 *   session:clients{...}       an array of clients, by id, and the cursor for more, or nil.
 *                              limit=100, cursor=
 *   session:emit{type=,data=}  as hd1.emit, into this session
 *
 * What is told and done to one member (send, presence, kick) is in box_session_acts.c.
 */
#include "plugin/api/box.h"

#include "hub/client.h"
#include "hub/hub.h"
#include "plugin/api/api.h"
#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"
#include "json/json.h"

#include <lauxlib.h>

#define OBJECT_COST 4 /* instructions, for a look at one */

/* --- objects --- */

/* Pushes its state as a table [-0, +1]. */
static void
push_object(lua_State *L, const struct object *object)
{
    struct plugin *plugin = vm_owner(L);
    struct buf *scratch = vm_scratch(L);
    struct span text;

    case_reads_object(&plugin->reads, object);

    /* Decoding needs the scratch buffer as well: the text becomes a Lua string first. */
    buf_clear(scratch);
    object_append(scratch, object);
    text.len = scratch->len;
    vm_charge(L, (int64_t)text.len / 16);
    text.at = lua_pushlstring(L, scratch->data, text.len);
    lua_json_push(L, text);
    lua_replace(L, -2);
}

static int
get_object(lua_State *L)
{
    const struct session *session = box_read_session(L, 1);
    const struct object *object;
    struct span name;

    name.at = luaL_checklstring(L, 2, &name.len);
    object = session_object(session, name);
    if (object)
        push_object(L, object);
    else
        lua_pushnil(L);
    return 1;
}

struct filter {
    struct span type, prefix; /* SPAN_NONE: any */
    bool is_near;
    double at[3], radius;
    int64_t work, left; /* instructions */
};

static bool
is_of_type(const struct filter *filter, struct span value)
{
    struct span text;
    char copy[256];

    if (json_plain_string(value, &text))
        return span_eq(text, filter->type);
    return json_copy_string(value, copy, sizeof(copy)) >= 0 && span_is(filter->type, copy);
}

/* One walk over the object's members. */
static bool
is_body_matching(const struct filter *filter, struct span body)
{
    static const char *const axes[] = {"x", "y", "z"};
    struct json_iter iter;
    struct span key, value;
    bool is_typed = !filter->type.at;
    double at[3] = {0, 0, 0}, square = 0;

    json_iter_init(&iter, body);
    while (json_next_member(&iter, &key, &value)) {
        if (!is_typed && json_key_is(key, "type"))
            is_typed = is_of_type(filter, value);
        for (int i = 0; i < 3 && filter->is_near; i++)
            if (json_key_is(key, axes[i]))
                json_number(value, &at[i]);
    }
    for (int i = 0; i < 3; i++)
        square += (at[i] - filter->at[i]) * (at[i] - filter->at[i]);
    return is_typed && (!filter->is_near || square <= filter->radius * filter->radius);
}

/* For session_objects_find(): must not raise, so it ends where the budget does. */
static int
match(void *ctx, const struct object *object)
{
    struct filter *filter = ctx;
    struct span name = span_of(object_name(object)), body = object_body(object);

    filter->work += OBJECT_COST;
    if (filter->prefix.at && (name.len < filter->prefix.len ||
                              memcmp(name.at, filter->prefix.at, filter->prefix.len) != 0))
        return filter->work < filter->left ? 0 : -1;
    if (!filter->type.at && !filter->is_near)
        return 1;
    filter->work += (int64_t)body.len / 4;
    if (filter->work >= filter->left)
        return -1;
    return is_body_matching(filter, body);
}

/* The options are at 2. Their strings live in the table. */
static void
read_filter(lua_State *L, struct filter *filter)
{
    static const char *const places[] = {"x", "y", "z", "radius", NULL};

    filter->type.at = api_string_field(L, 2, "type", &filter->type.len);
    filter->prefix.at = api_string_field(L, 2, "prefix", &filter->prefix.len);
    lua_pushliteral(L, "near");
    if (lua_rawget(L, 2) != LUA_TNIL) {
        luaL_argcheck(L, lua_istable(L, -1), 2, "near must be {x=, y=, z=, radius=}");
        api_check_keys(L, lua_gettop(L), places);
        filter->is_near = true;
        for (int i = 0; i < 3; i++)
            filter->at[i] = api_number_field(L, lua_gettop(L), places[i]);
        filter->radius = api_number_field(L, lua_gettop(L), "radius");
        luaL_argcheck(L, filter->radius >= 0, 2, "radius must not be negative");
    }
    lua_pop(L, 1);
}

/* The options at 2, made if there are none. */
static void
check_options(lua_State *L, const char *const *known)
{
    if (lua_isnoneornil(L, 2)) {
        lua_settop(L, 1);
        lua_newtable(L);
    }
    lua_settop(L, 2);
    api_check_keys(L, 2, known);
}

static int
list_objects(lua_State *L)
{
    static const char *const known[] = {"type", "near", "prefix", "limit", "cursor", NULL};
    const struct session *session = box_read_session(L, 1);
    struct filter filter = {.left = vm_left(L)};
    const struct object **objects;
    struct span after;
    size_t limit, count;

    check_options(L, known);
    limit = api_limit_field(L, 2);
    read_filter(L, &filter);
    after.at = api_string_field(L, 2, "cursor", &after.len);
    objects = lua_newuserdatauv(L, limit * sizeof(struct object *), 0);
    count = session_objects_find(session, after, limit, match, &filter, objects);
    vm_charge(L, filter.work + (int64_t)session_object_count(session));
    lua_createtable(L, (int)count, 0);
    lua_json_mark_array(L, -1);
    for (size_t i = 0; i < count; i++) {
        push_object(L, objects[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    if (count < limit)
        return 1;
    lua_pushstring(L, object_name(objects[count - 1]));
    return 2;
}

/* --- clients --- */

static int
list_clients(lua_State *L)
{
    static const char *const known[] = {"limit", "cursor", NULL};
    const struct session *session = box_check_session(L, 1);
    struct client **clients;
    struct span after;
    size_t limit, count;

    check_options(L, known);
    limit = api_limit_field(L, 2);
    after.at = api_string_field(L, 2, "cursor", &after.len);
    vm_charge(L, (int64_t)session_client_count(session) * OBJECT_COST);
    clients = lua_newuserdatauv(L, limit * sizeof(struct client *), 0);
    count = session_clients_after(session, after, limit, clients);
    lua_createtable(L, (int)count, 0);
    lua_json_mark_array(L, -1);
    for (size_t i = 0; i < count; i++) {
        box_push_client(L, vm_owner(L), clients[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    if (count < limit)
        return 1;
    lua_pushstring(L, client_id(clients[count - 1]));
    return 2;
}

/* --- the rest --- */

static int
emit(lua_State *L)
{
    const struct session *session = box_check_session(L, 1);

    luaL_checktype(L, 2, LUA_TTABLE);
    lua_pushliteral(L, "session_id");
    luaL_argcheck(L, lua_rawget(L, 2) == LUA_TNIL, 2,
                  "unknown key 'session_id': it goes into this session");
    lua_settop(L, 2);
    lua_remove(L, 1);
    return api_emit_table(L, span_of(session_id(session)));
}

lua_CFunction
box_session_method(const char *name)
{
    static const luaL_Reg methods[] = {
        {"get", get_object},       {"object", get_object}, {"objects", list_objects},
        {"clients", list_clients}, {"emit", emit},
    };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (strcmp(methods[i].name, name) == 0)
            return methods[i].func;
    return box_session_act(name);
}
