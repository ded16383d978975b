/* What setup returns: the functions for the moments, and for which events. */
#include "plugin/plugin_state.h"

#include "err.h"
#include "hub/event.h"

#include <lauxlib.h>
#include <stdlib.h>

const char *
moment_text(enum moment moment)
{
    static const char *const texts[] = {
        [BEFORE_MESSAGE] = "before_message",
        [BEFORE_CONNECT] = "before_connect",
        [BEFORE_JOIN] = "before_join",
        [BEFORE_EVENT] = "before_event",
        [AFTER_CONNECT] = "after_connect",
        [AFTER_JOIN] = "after_join",
        [AFTER_EVENT] = "after_event",
        [AFTER_LEAVE] = "after_leave",
        [AFTER_DISCONNECT] = "after_disconnect",
        [ON_TICK] = "on_tick",
        [ON_TIMER] = "timer",
        [ROUTES] = "routes",
        [SOCKETS] = "sockets",
        [ON_OPEN] = "on_open",
        [SAVE] = "save",
        [RESTORE] = "restore",
    };

    return texts[moment];
}

/* -1 if there is no such moment. */
static int
find_moment(const char *name)
{
    for (int i = 0; i < MOMENT_COUNT; i++)
        if (moment_is_key(i) && strcmp(moment_text(i), name) == 0)
            return i;
    return -1;
}

static void
fault_unknown(struct plugin *plugin, const char *name)
{
    struct buf known = BUF_INIT;

    for (int i = 0; i < MOMENT_COUNT; i++)
        if (moment_is_key(i))
            buf_appendf(&known, "%s%s", known.len ? ", " : "", moment_text(i));
    plugin_fault_at(plugin, name, "unknown moment '%s'; known: %s", name, buf_cstr(&known));
    buf_fini(&known);
}

static void
check_moments(lua_State *L, struct plugin *plugin)
{
    const char *name;

    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lua_pop(L, 1);
        name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?";
        if (find_moment(name) < 0)
            fault_unknown(plugin, name);
    }
}

/* Takes the function on top for the types of that pattern [-1, +0]. */
static void
add_event_hook(lua_State *L, struct event_hooks *hooks, const char *pattern)
{
    struct event_hook hook = {.ref = LUA_NOREF};
    size_t len = strlen(pattern);

    hook.is_prefix = len > 0 && pattern[len - 1] == '*';
    memcpy(hook.pattern, pattern, len - hook.is_prefix);
    hook.ref = vm_ref(L);
    hooks->items = mem_realloc(hooks->items, (hooks->count + 1) * sizeof(hook));
    hooks->items[hooks->count++] = hook;
}

/* The table { TYPE = function } on top [-0, +0]. */
static void
take_event_table(lua_State *L, struct plugin *plugin, enum moment moment, struct event_hooks *hooks)
{
    const char *pattern;

    lua_pushnil(L);
    while (lua_next(L, -2)) {
        pattern = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        if (*pattern && strlen(pattern) < ID_SIZE && lua_isfunction(L, -1)) {
            add_event_hook(L, hooks, pattern);
            continue;
        }
        if (!*pattern || strlen(pattern) >= ID_SIZE)
            plugin_fault_at(plugin, moment_text(moment), "%s must be keyed by event types",
                            moment_text(moment));
        else
            plugin_fault_at(plugin, pattern, "%s.%s must be a function", moment_text(moment),
                            pattern);
        lua_pop(L, 1);
    }
}

/* The moment's value is on top [-1, +0]. */
static void
take_event_hooks(lua_State *L, struct plugin *plugin, enum moment moment, struct event_hooks *hooks)
{
    if (lua_isfunction(L, -1)) {
        add_event_hook(L, hooks, "*");
        return;
    }
    if (lua_istable(L, -1))
        take_event_table(L, plugin, moment, hooks);
    else if (!lua_isnil(L, -1))
        plugin_fault_at(plugin, moment_text(moment),
                        "%s must be a function, or a table of functions by event type",
                        moment_text(moment));
    lua_pop(L, 1);
}

/* The moment's value is on top [-1, +0]. */
static void
take_hook(lua_State *L, struct plugin *plugin, enum moment moment)
{
    if (lua_isfunction(L, -1)) {
        plugin->hook_refs[moment] = vm_ref(L);
        return;
    }
    if (!lua_isnil(L, -1))
        plugin_fault_at(plugin, moment_text(moment), "%s must be a function", moment_text(moment));
    lua_pop(L, 1);
}

void
plugin_take_hooks(lua_State *L, struct plugin *plugin)
{
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    lua_insert(L, 1);
    lua_settop(L, 1);
    if (!lua_istable(L, 1))
        plugin_fail_at(L, plugin, "setup", "setup must return a table of hooks, not a %s",
                       luaL_typename(L, 1));
    check_moments(L, plugin);
    for (int moment = 0; moment < MOMENT_COUNT; moment++) {
        if (!moment_is_key(moment))
            continue;
        lua_getfield(L, 1, moment_text(moment));
        if (moment == BEFORE_EVENT)
            take_event_hooks(L, plugin, moment, &plugin->before_event);
        else if (moment == AFTER_EVENT)
            take_event_hooks(L, plugin, moment, &plugin->after_event);
        else if (moment == ON_TICK)
            plugin_take_tick(L, plugin);
        else if (moment == ROUTES)
            plugin_take_routes(L, plugin);
        else if (moment == SOCKETS)
            plugin_take_sockets(L, plugin);
        else
            take_hook(L, plugin, moment);
    }
    lua_settop(L, 0);
    if (plugin->limits.is_open_on_error && (plugin->hook_refs[BEFORE_JOIN] != LUA_NOREF ||
                                            plugin->hook_refs[BEFORE_CONNECT] != LUA_NOREF))
        plugin_fault_configured(
            plugin, "on_error = \"open\" is not for plugins that guard connections or joins");
}

static bool
is_matched(const struct plugin *plugin, const struct event_hook *hook)
{
    struct span name;
    size_t pos = 0;

    if (!hook->is_prefix)
        return event_types_find(plugin->all->types, span_of(hook->pattern)) != NULL;
    while (table_next(&plugin->all->types->by_name, &pos, &name, NULL))
        if (name.len >= strlen(hook->pattern) &&
            memcmp(name.at, hook->pattern, strlen(hook->pattern)) == 0)
            return true;
    return hook->pattern[0] == '\0';
}

static void
append_unmatched(const struct plugin *plugin, const struct event_hook *hook, struct buf *why)
{
    const char *nearest = NULL;

    plugin_append_where(plugin, hook->pattern, why);
    buf_appendf(why, ": there is no event type '%s%s'", hook->pattern, hook->is_prefix ? "*" : "");
    if (!hook->is_prefix)
        nearest = event_types_nearest(plugin->all->types, span_of(hook->pattern));
    if (nearest)
        buf_appendf(why, "; did you mean %s?", nearest);
    buf_append_char(why, '\n');
}

static int
check_patterns_of(const struct plugin *plugin, const struct event_hooks *hooks, struct buf *why)
{
    int err = 0;

    for (size_t i = 0; i < hooks->count; i++) {
        const struct event_hook *hook = &hooks->items[i];

        if (is_matched(plugin, hook))
            continue;
        append_unmatched(plugin, hook, why);
        err = HD1_EINVAL;
    }
    return err;
}

int
plugin_check_patterns(const struct plugin *plugin, struct buf *why)
{
    int before = check_patterns_of(plugin, &plugin->before_event, why);
    int after = check_patterns_of(plugin, &plugin->after_event, why);

    return before ? before : after;
}
