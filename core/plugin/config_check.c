/* One option against its spec: type, range, choice. */
#include "plugin/config_check.h"

#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"
#include "suggest.h"

#include <lauxlib.h>
#include <stdio.h>

#define NESTING_MAX 8

/* The option's own name: what to look for in the plugin's file. */
static const char *
last_name(const struct check *c)
{
    const char *dot = strrchr(c->path, '.');

    return dot ? dot + 1 : c->path;
}

bool
check_fault_option(struct check *c, const char *what)
{
    struct buf text = BUF_INIT;

    if (c->is_default) {
        plugin_fault_at(c->plugin, last_name(c), "default of %s %s", c->path, what);
        return false;
    }
    buf_appendf(&text, "option %s %s", c->path, what);
    plugin_fault_configured(c->plugin, buf_cstr(&text));
    buf_fini(&text);
    return false;
}

bool
check_fault_spec(struct check *c, const char *what)
{
    plugin_fault_at(c->plugin, last_name(c), "config of %s: %s", c->path, what);
    return false;
}

void
check_enter(struct check *c, char old[CHECK_PATH_BYTES], const char *name)
{
    memcpy(old, c->path, CHECK_PATH_BYTES);
    if (++c->nesting > NESTING_MAX)
        plugin_fail_at(c->L, c->plugin, c->path, "config of %s: nested too deeply", c->path);
    snprintf(c->path, sizeof(c->path), "%.90s%s%.60s", old, *old && *name != '[' ? "." : "", name);
}

void
check_leave(struct check *c, const char old[CHECK_PATH_BYTES])
{
    memcpy(c->path, old, CHECK_PATH_BYTES);
    c->nesting--;
}

static const char *const spec_keys[] = {"type",     "default", "min",    "max",   "enum",
                                        "required", "secret",  "fields", "items", "doc"};

#define SPEC_KEY_COUNT (sizeof(spec_keys) / sizeof(spec_keys[0]))

static bool
is_spec_key(const char *key)
{
    for (size_t i = 0; i < SPEC_KEY_COUNT; i++)
        if (strcmp(spec_keys[i], key) == 0)
            return true;
    return false;
}

static void
fault_key(struct check *c, const char *key)
{
    struct suggest suggest;

    suggest_init(&suggest, span_of(key));
    for (size_t i = 0; i < SPEC_KEY_COUNT; i++)
        suggest_try(&suggest, spec_keys[i]);
    if (suggest.best)
        plugin_fault_at(c->plugin, key, "config of %s: unknown key '%s'; did you mean %s?", c->path,
                        key, suggest.best);
    else
        plugin_fault_at(c->plugin, key,
                        "config of %s: unknown key '%s'; known: type, default, min, max, enum, "
                        "doc, required, secret, fields, items",
                        c->path, key);
}

bool
check_spec(struct check *c, int spec)
{
    const char *key;

    if (lua_type(c->L, spec) != LUA_TTABLE)
        return check_fault_spec(c, "must be a table with type, default, min, max, enum, doc");
    lua_pushnil(c->L);
    while (lua_next(c->L, spec)) {
        lua_pop(c->L, 1);
        key = lua_type(c->L, -1) == LUA_TSTRING ? lua_tostring(c->L, -1) : "?";
        if (!is_spec_key(key))
            fault_key(c, key);
    }
    return true;
}

const char *
check_spec_type(struct check *c, int spec)
{
    static const char *const types[] = {"integer", "number", "string", "boolean", "table", "list"};
    const char *type;

    lua_getfield(c->L, spec, "type");
    type = lua_type(c->L, -1) == LUA_TSTRING ? lua_tostring(c->L, -1) : NULL;
    lua_pop(c->L, 1); /* the spec keeps it alive */
    for (size_t i = 0; type && i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i], type) == 0)
            return type;
    check_fault_spec(c, type ? "type must be integer, number, string, boolean, table or list"
                             : "needs a type: integer, number, string, boolean, table or list");
    return NULL;
}

/* {} in a configuration file is an empty list as well. */
static bool
is_list(lua_State *L, int value)
{
    if (lua_json_is_array(L, value) || lua_rawlen(L, value) > 0)
        return true;
    lua_pushnil(L);
    if (!lua_next(L, value))
        return true;
    lua_pop(L, 2);
    return false;
}

static bool
is_of_type(lua_State *L, const char *type, int value)
{
    if (strcmp(type, "integer") == 0)
        return lua_isinteger(L, value);
    if (strcmp(type, "number") == 0)
        return lua_type(L, value) == LUA_TNUMBER;
    if (strcmp(type, "string") == 0)
        return lua_type(L, value) == LUA_TSTRING;
    if (strcmp(type, "boolean") == 0)
        return lua_isboolean(L, value);
    if (strcmp(type, "table") == 0)
        return lua_istable(L, value) && !lua_json_is_array(L, value);
    return lua_istable(L, value) && is_list(L, value);
}

/* Pushes field of the spec as a number into *number; false if it has none. [-0, +0] */
static bool
limit_of(struct check *c, int spec, const char *field, lua_Number *number)
{
    int is_number;

    lua_getfield(c->L, spec, field);
    *number = lua_tonumberx(c->L, -1, &is_number);
    if (!is_number && !lua_isnil(c->L, -1))
        check_fault_spec(c, "min and max must be numbers");
    lua_pop(c->L, 1);
    return is_number;
}

static bool
check_range(struct check *c, int spec, int value)
{
    bool is_number = lua_type(c->L, value) == LUA_TNUMBER;
    lua_Number size = is_number ? lua_tonumber(c->L, value) : (lua_Number)lua_rawlen(c->L, value);
    lua_Number limit;
    char what[80];

    if (limit_of(c, spec, "min", &limit) && !(size >= limit)) {
        snprintf(what, sizeof(what), "must %s at least %.14g%s", is_number ? "be" : "have", limit,
                 is_number ? "" : " in length");
        return check_fault_option(c, what);
    }
    if (limit_of(c, spec, "max", &limit) && !(size <= limit)) {
        snprintf(what, sizeof(what), "must %s at most %.14g%s", is_number ? "be" : "have", limit,
                 is_number ? "" : " in length");
        return check_fault_option(c, what);
    }
    return true;
}

static bool
check_enum(struct check *c, int spec, int value)
{
    lua_State *L = c->L;
    int list = lua_gettop(L) + 1, text = list + 1;
    bool is_found = false;

    if (lua_getfield(L, spec, "enum") == LUA_TNIL) {
        lua_pop(L, 1);
        return true;
    }
    if (!lua_istable(L, list)) {
        lua_pop(L, 1);
        return check_fault_spec(c, "enum must be a list");
    }
    lua_pushliteral(L, "must be one of");
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, list); i++) {
        lua_rawgeti(L, list, i);
        is_found |= lua_compare(L, -1, value, LUA_OPEQ);
        lua_pushfstring(L, "%s%s %s", lua_tostring(L, text), i > 1 ? "," : "",
                        luaL_tolstring(L, -1, NULL));
        lua_replace(L, text);
        lua_settop(L, text);
    }
    if (!is_found)
        check_fault_option(c, lua_tostring(L, text));
    lua_settop(L, list - 1);
    return is_found;
}

bool
check_value(struct check *c, int spec, int value)
{
    const char *type = check_spec_type(c, spec);
    char what[64];

    if (!is_of_type(c->L, type, value)) {
        snprintf(what, sizeof(what), "must be of type %.20s, is a %.20s", type,
                 luaL_typename(c->L, value));
        return check_fault_option(c, what);
    }
    if (strcmp(type, "boolean") != 0 && strcmp(type, "table") != 0 && !check_range(c, spec, value))
        return false;
    return check_enum(c, spec, value);
}
