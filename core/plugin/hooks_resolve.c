/*
 * Who is called for events of a type: found once per type and kept on it, so that an event for
 * which nobody has a hook never enters Lua.
 */
#include "plugin/plugin_state.h"

#include "hub/event.h"

#include <lauxlib.h>
#include <stdlib.h>

/* The plugin's function for the type: the one by its exact name, else by the longest prefix.
 * LUA_NOREF: none. */
static int
find_hook(const struct event_hooks *hooks, const char *name)
{
    int ref = LUA_NOREF;
    size_t best = 0;

    for (size_t i = 0; i < hooks->count; i++) {
        const struct event_hook *hook = &hooks->items[i];
        size_t len = strlen(hook->pattern);

        if (!hook->is_prefix && strcmp(hook->pattern, name) == 0)
            return hook->ref;
        if (hook->is_prefix && strncmp(hook->pattern, name, len) == 0 &&
            (ref == LUA_NOREF || len > best)) {
            ref = hook->ref;
            best = len;
        }
    }
    return ref;
}

static struct type_hooks *
resolve(struct plugins *plugins, const char *name)
{
    struct type_hooks *hooks =
        mem_zalloc(sizeof(*hooks) + 2 * plugins->count * sizeof(hooks->items[0]));
    int ref;

    for (size_t i = 0; i < plugins->count; i++) {
        ref = find_hook(&plugins->items[i]->before_event, name);
        if (ref != LUA_NOREF)
            hooks->items[hooks->before_count++] = (struct type_hook){plugins->items[i], ref};
    }
    for (size_t i = 0; i < plugins->count; i++) {
        ref = find_hook(&plugins->items[i]->after_event, name);
        if (ref != LUA_NOREF)
            hooks->items[hooks->before_count + hooks->after_count++] =
                (struct type_hook){plugins->items[i], ref};
    }
    return hooks;
}

const struct type_hooks *
type_hooks_of(struct plugins *plugins, const struct event_type *type)
{
    /* Events see their type as const; this member of it is ours. It may be retired: its last
     * events are still on their way. */
    struct event_type *own = (struct event_type *)type;

    if (!own->hooks)
        own->hooks = resolve(plugins, own->name);
    return own->hooks;
}

static void
forget_table(struct table *table)
{
    void *value;
    size_t pos = 0;

    while (table_next(table, &pos, NULL, &value)) {
        struct event_type *type = value;

        free(type->hooks);
        type->hooks = NULL;
    }
}

void
type_hooks_forget(struct plugins *plugins)
{
    forget_table(&plugins->types->by_name);
    forget_table(&plugins->types->retired);
}
