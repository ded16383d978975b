/*
 * sockets over a reload: a connection stays if the new generation has the endpoint too, and its
 * function `resume` is told of it before anything else happens. If there are so many that this
 * takes too long, the rest is told in slices, but before anything else happens on that connection.
 */
#include "plugin/plugin_state.h"

#include <lauxlib.h>

static bool
is_text_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* NULL if there is none, or it speaks another protocol than was agreed on. */
static struct endpoint *
find_same(const struct plugin *plugin, const struct endpoint *endpoint)
{
    for (size_t i = 0; i < plugin->endpoint_count; i++)
        if (strcmp(plugin->endpoints[i].path, endpoint->path) == 0 &&
            is_text_equal(plugin->endpoints[i].subprotocol, endpoint->subprotocol))
            return &plugin->endpoints[i];
    return NULL;
}

void
plugin_take_over_sockets(struct plugin *plugin)
{
    struct plugin_socket *socket = plugin->old->sockets, *next;

    for (; socket; socket = next) {
        struct endpoint *endpoint = find_same(plugin, socket->endpoint);

        next = socket->next;
        if (!endpoint || socket->is_ending)
            continue;
        plugin_unlist_socket(socket);
        plugin_list_socket(socket, plugin, endpoint);
        socket->awaits_resume = endpoint->resume_ref != LUA_NOREF;
        if (socket->awaits_resume)
            plugin->resuming = socket;
    }
    plugin->resume_due_ms = plugins_mono_ms(plugin->all);
}

void
plugin_run_resumes(struct plugin *plugin, int64_t now_ms, int64_t until_ns)
{
    int64_t wait_ms = 0;

    if (now_ms < plugin->resume_due_ms)
        return;
    while (plugin->resuming) {
        struct plugin_socket *socket = plugin->resuming;

        if (socket->awaits_resume && !plugin_may_run(plugin, SOCKETS, &wait_ms)) {
            plugin->resume_due_ms = now_ms + wait_ms;
            return;
        }
        plugin->resuming = socket->next;
        if (!socket->awaits_resume)
            continue;
        plugin_resume_socket(socket);
        if (plugin->ended_ns >= until_ns)
            break;
    }
    plugin->resume_due_ms = now_ms;
}

int64_t
plugin_resume_due_ms(const struct plugin *plugin)
{
    return plugin->resuming ? plugin->resume_due_ms : INT64_MAX;
}

size_t
plugins_play_resume(struct plugins *plugins)
{
    size_t played = 0;

    for (size_t i = 0; i < plugins->count; i++) {
        struct plugin_socket *socket = plugins->items[i]->sockets;

        for (; socket; socket = socket->next) {
            socket->awaits_resume = socket->endpoint->resume_ref != LUA_NOREF;
            played += socket->awaits_resume;
            plugin_resume_socket(socket);
        }
    }
    return played;
}
