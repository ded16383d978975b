/*
 * The globals of a world script: world{...}, object{...}, camera{...}, every(seconds, fn),
 * after(seconds, fn), random(). The first three only note what is wanted: it is sent when the file
 * has run to its end.
 */
#include "plugin/script/script_state.h"
#include "plugin/vm/lua_json.h"

#include <lauxlib.h>
#include <stdlib.h>

#define PLAN_BYTES_MAX (4 * 1024 * 1024)
#define THING_BYTES_MAX (32 * 1024) /* what the hub allows a world or an object */

/* The table at 1 as JSON, in the scratch buffer. */
static struct span
encode_thing(lua_State *L, struct script *script, const char *what)
{
    struct span text;

    luaL_checktype(L, 1, LUA_TTABLE);
    if (!script->is_setting_up)
        luaL_error(L, "%s is for setting up; later there is session.update", what);
    text = lua_json_encode(L, 1, THING_BYTES_MAX);
    luaL_argcheck(L, text.at[0] == '{', 1, "must have names, not a list");
    script->plan.bytes += text.len;
    if (script->plan.bytes > PLAN_BYTES_MAX)
        luaL_error(L, "the script sets up too much");
    return text;
}

/* The line of the script that calls this function. */
static int
calling_line(lua_State *L)
{
    lua_Debug level;

    if (!lua_getstack(L, 1, &level))
        return 0;
    lua_getinfo(L, "l", &level);
    return level.currentline;
}

static int
world(lua_State *L)
{
    struct script *script = vm_owner(L);
    struct span text = encode_thing(L, script, "world");

    if (script->plan.world.len > 0)
        return luaL_error(L, "world is said twice");
    buf_append_span(&script->plan.world, text);
    script->plan.world_line = calling_line(L);
    return 0;
}

static int
camera(lua_State *L)
{
    struct script *script = vm_owner(L);
    struct span text = encode_thing(L, script, "camera");

    buf_clear(&script->plan.camera);
    buf_append_span(&script->plan.camera, text);
    script->plan.camera_line = calling_line(L);
    return 0;
}

/* Cannot raise: nothing is lost. */
static void
plan_object(struct script_plan *plan, struct span name, struct span body, int line)
{
    struct script_object *object = mem_zalloc(sizeof(*object));

    memcpy(object->name, name.at, name.len);
    object->line = line;
    buf_append_span(&object->body, body);
    plan->objects =
        mem_realloc(plan->objects, (plan->object_count + 1) * sizeof(struct script_object *));
    plan->objects[plan->object_count++] = object;
    table_put(&plan->by_name, span_of(object->name), object);
}

static int
object(lua_State *L)
{
    struct script *script = vm_owner(L);
    struct span body = encode_thing(L, script, "object"), name;

    lua_settop(L, 1);
    lua_pushliteral(L, "name");
    luaL_argcheck(L, lua_rawget(L, 1) == LUA_TSTRING, 1, "name is missing");
    name.at = lua_tolstring(L, 2, &name.len);
    luaL_argcheck(L, id_is_valid(name), 1, "name must be [A-Za-z0-9_-]{1,64}");
    if (table_get(&script->plan.by_name, name))
        return luaL_error(L, "object '%s' is there twice", name.at);
    plan_object(&script->plan, name, body, calling_line(L));
    return 0;
}

static int
every(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TFUNCTION);
    script_timer_add(L, vm_owner(L), 2, luaL_checknumber(L, 1), true);
    return 0;
}

static int
after(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TFUNCTION);
    script_timer_add(L, vm_owner(L), 2, luaL_checknumber(L, 1), false);
    return 0;
}

/* splitmix64 */
static uint64_t
next_random(struct script *script)
{
    uint64_t z = script->random += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* random(): [0, 1); random(n): 1..n; random(m, n): m..n. The same in each run for the same session.
 */
static int
random_number(lua_State *L)
{
    uint64_t bits = next_random(vm_owner(L));
    lua_Integer low = 1, high;

    if (lua_isnone(L, 1)) {
        lua_pushnumber(L, (lua_Number)(bits >> 11) * 0x1p-53);
        return 1;
    }
    high = luaL_checkinteger(L, 1);
    if (!lua_isnone(L, 2)) {
        low = high;
        high = luaL_checkinteger(L, 2);
    }
    luaL_argcheck(L, low <= high, lua_isnone(L, 2) ? 1 : 2, "interval is empty");
    if ((lua_Unsigned)high - (lua_Unsigned)low != UINT64_MAX)
        bits %= (lua_Unsigned)high - (lua_Unsigned)low + 1;
    lua_pushinteger(L, (lua_Integer)((lua_Unsigned)low + bits));
    return 1;
}

static const luaL_Reg functions[] = {
    {"world", world}, {"object", object},        {"camera", camera}, {"every", every},
    {"after", after}, {"random", random_number}, {NULL, NULL},
};

void
script_api_open(lua_State *L)
{
    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
