/*
 * A plugin's options, checked by what it says of them: config = { NAME = { type=, default=, min=,
 * max=, enum=, doc=, required=, secret=, fields= (of a table), items= (of a list) } }. min and max
 * are the range of a number, the length of a string or list. What the core takes for itself
 * (plugin_limits.c) is gone by then.
 */
#include "plugin/config_check.h"
#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"

#include <lauxlib.h>
#include <stdio.h>

static void push_checked(struct check *c, int spec, int value);

/* The key on top is none of the fields: says which there are. [-0, +0] */
static void
fault_unknown(struct check *c, int fields)
{
    lua_State *L = c->L;
    char old[CHECK_PATH_BYTES];
    int text;

    luaL_checkstack(L, 8, "options");
    check_enter(c, old, luaL_tolstring(L, -1, NULL));
    lua_pushliteral(L, "is not known; known:");
    text = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, fields)) {
        lua_pop(L, 1);
        lua_pushfstring(L, "%s %s", lua_tostring(L, text),
                        lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?");
        lua_replace(L, text);
    }
    check_fault_option(c, lua_tostring(L, text));
    lua_settop(L, text - 2); /* the key's text too */
    check_leave(c, old);
}

/* Refuses members of the value that the fields do not name. */
static void
check_unknown(struct check *c, int fields, int value)
{
    lua_State *L = c->L;

    lua_pushnil(L);
    while (lua_next(L, value)) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, fields) == LUA_TNIL) {
            lua_pop(L, 1);
            fault_unknown(c, fields);
            continue;
        }
        lua_pop(L, 1);
    }
}

/* Pushes a new table: each field of the specs at index fields, from the table at value (0: absent).
 * [-0, +1] */
static void
push_fields(struct check *c, int fields, int value)
{
    lua_State *L = c->L;
    char old[CHECK_PATH_BYTES];
    int result;

    luaL_checkstack(L, 16, "options");
    if (value)
        check_unknown(c, fields, value);
    lua_newtable(L);
    result = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, fields)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            check_fault_spec(c, "options must be keyed by their names");
            lua_pop(L, 1);
            continue;
        }
        check_enter(c, old, lua_tostring(L, -2));
        lua_pushvalue(L, -2);
        if (value) {
            lua_pushvalue(L, -1);
            lua_rawget(L, value);
        } else {
            lua_pushnil(L);
        }
        /* fields' key, spec, key, value */
        push_checked(c, lua_gettop(L) - 2, lua_gettop(L));
        lua_remove(L, -2);
        lua_rawset(L, result);
        lua_pop(L, 1);
        check_leave(c, old);
    }
}

/* Pushes a new list of the checked elements. [-0, +1] */
static void
push_items(struct check *c, int items, int value)
{
    lua_State *L = c->L;
    lua_Integer count = (lua_Integer)lua_rawlen(L, value);
    char old[CHECK_PATH_BYTES], name[24];

    lua_newtable(L);
    lua_json_mark_array(L, -1);
    for (lua_Integer i = 1; i <= count; i++) {
        snprintf(name, sizeof(name), "[%lld]", (long long)i);
        check_enter(c, old, name);
        lua_rawgeti(L, value, i);
        push_checked(c, items, lua_gettop(L));
        lua_remove(L, -2);
        lua_rawseti(L, -2, i);
        check_leave(c, old);
    }
}

/* The value is there, of its type and not nil. Pushes it, or a checked copy. [-0, +1] */
static void
push_present(struct check *c, int spec, int value)
{
    lua_State *L = c->L;
    const char *type = check_spec_type(c, spec);

    if (strcmp(type, "table") == 0 && lua_getfield(L, spec, "fields") == LUA_TTABLE)
        push_fields(c, lua_gettop(L), value);
    else if (strcmp(type, "list") == 0 && lua_getfield(L, spec, "items") == LUA_TTABLE)
        push_items(c, lua_gettop(L), value);
    else
        lua_pushvalue(L, value);
    if (strcmp(type, "table") == 0 || strcmp(type, "list") == 0)
        lua_remove(L, -2);
}

/* Pushes the spec's default; false if it has none that is allowed. [-0, +0|1] */
static bool
push_own_default(struct check *c, int spec)
{
    lua_State *L = c->L;
    bool was_default = c->is_default, is_there;

    c->is_default = true;
    is_there = lua_getfield(L, spec, "default") != LUA_TNIL && check_value(c, spec, lua_gettop(L));
    if (is_there) {
        push_present(c, spec, lua_gettop(L));
        lua_remove(L, -2);
    } else {
        c->is_incomplete |= !lua_isnil(L, -1);
        lua_pop(L, 1);
    }
    c->is_default = was_default;
    return is_there;
}

/* Pushes what it is without a value: its default, its fields' defaults, or nil. [-0, +1] */
static void
push_default(struct check *c, int spec)
{
    lua_State *L = c->L;

    if (push_own_default(c, spec))
        return;
    if (lua_getfield(L, spec, "fields") == LUA_TTABLE) {
        push_fields(c, lua_gettop(L), 0);
        lua_remove(L, -2);
    } else {
        lua_pop(L, 1);
        lua_pushnil(L);
    }
}

/* Pushes what becomes of the option: its value checked, or what it is without. spec and value are
 * absolute. [-0, +1] */
static void
push_checked(struct check *c, int spec, int value)
{
    lua_State *L = c->L;
    bool is_required, has_value = !lua_isnil(L, value);

    luaL_checkstack(L, 16, "options");
    if (!check_spec(c, spec) || !check_spec_type(c, spec)) {
        c->is_incomplete = true;
        lua_pushnil(L);
        return;
    }
    if (has_value && check_value(c, spec, value)) {
        push_present(c, spec, value);
        return;
    }
    is_required = (lua_getfield(L, spec, "required"), lua_toboolean(L, -1));
    lua_pop(L, 1);
    if (is_required && !has_value)
        check_fault_option(c, "is required");
    push_default(c, spec);
    c->is_incomplete |= (is_required || has_value) && lua_isnil(L, -1);
}

/* What plugins_describe() shows: all but the secrets. The options are on top, the specs at index.
 * [-0, +0] */
static void
keep_description(lua_State *L, struct plugin *plugin, int index)
{
    struct lua_json_options options = {.bytes_max = LUA_JSON_BYTES_MAX};
    char why[LUA_JSON_WHY_MAX];

    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, -3)) {
        lua_pushvalue(L, -2);
        lua_rawget(L, index);
        if (lua_getfield(L, -1, "secret"), lua_toboolean(L, -1)) {
            lua_pushliteral(L, "(secret)");
            lua_replace(L, -4);
        }
        lua_pop(L, 2);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
    buf_clear(&plugin->config);
    if (lua_json_append(L, -1, &options, &plugin->config, why) != 0) {
        buf_clear(&plugin->config);
        luaL_error(L, "options cannot be shown: %s", why);
    }
    lua_pop(L, 1);
}

/* The core's options are not the plugin's to define. */
static void
check_names(struct check *c, int specs)
{
    lua_State *L = c->L;

    lua_pushnil(L);
    while (lua_next(L, specs)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING && plugin_limit_is(lua_tostring(L, -1)))
            plugin_fault_at(c->plugin, lua_tostring(L, -1),
                            "config of %s: this option is the server's own, of every plugin; "
                            "choose another name",
                            lua_tostring(L, -1));
    }
}

bool
plugin_push_config(lua_State *L, struct plugin *plugin, int index, struct span options)
{
    struct check c = {.L = L, .plugin = plugin};
    const char *why;
    size_t offset;
    int value;

    luaL_checkstack(L, 24, "options");
    if (lua_type(L, index) == LUA_TNIL) {
        lua_newtable(L);
        lua_replace(L, index);
    }
    if (!lua_json_push_text(L, options.at ? options : SPAN("{}"), &why, &offset))
        luaL_error(L, "%s: options of %s: %s", plugin->where, plugin->name, why);
    value = lua_gettop(L);
    if (!lua_istable(L, value))
        luaL_error(L, "%s: options of %s must be a table", plugin->where, plugin->name);
    check_names(&c, index);
    push_fields(&c, index, value);
    lua_remove(L, value);
    keep_description(L, plugin, index);
    return !c.is_incomplete;
}
