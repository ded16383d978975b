/*
 * hd1.emit{type=, session_id=, data={...}}: an event of the plugin's own, which takes the whole way
 * in by itself. session_id: the current event's, or that of the join or tick, if left out. Returns
 * true; nil, message, code: "too_many" (64 in one call, emits_per_second, or too much waits in the
 * server), "loop" (8 deep in cause). What a call emits that fails in the end is dropped.
 */
#include "plugin/api/api.h"

#include "err.h"
#include "hub/hub.h"
#include "plugin/api/envelope.h"
#include "plugin/plugin_state.h"

#include <lauxlib.h>
#include <stdlib.h>

#define EMITS_PER_CALL 64
#define DATA_MAX 65536 /* where there is no hub to ask */

static struct span
find_session_id(lua_State *L, const struct plugin *plugin)
{
    struct span id;

    id.at = api_string_field(L, 1, "session_id", &id.len);
    if (!id.at && plugin->now.event && plugin->now.event->session)
        id = span_of(session_id(plugin->now.event->session));
    else if (!id.at && plugin->now.session)
        id = span_of(session_id(plugin->now.session));
    luaL_argcheck(L, id.at != NULL, 1, "session_id is needed here");
    luaL_argcheck(L, id_is_valid(id), 1, "session_id must be [A-Za-z0-9_-]{1,64}");
    return id;
}

static int
answer(lua_State *L, int err)
{
    if (err == 0) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, err_text(err));
    lua_pushstring(L, err == HD1_EFULL ? "too_many" : err == HD1_EINVAL ? "loop" : "unavailable");
    return 3;
}

void
api_note_queued(struct plugin *plugin)
{
    if (!plugin->has_queued)
        hub_emit_mark(plugin->all->hub, &plugin->emit_mark);
    plugin->has_queued = true;
}

bool
api_may_queue(struct plugin *plugin)
{
    int64_t second = plugins_mono_ms(plugin->all) / 1000;

    if (second != plugin->emit_second) {
        plugin->emit_second = second;
        plugin->emits_of_second = 0;
    }
    return plugin->emits_of_second++ < plugin->limits.emits_per_second;
}

static int
send(struct plugin *plugin, struct span id, struct span text)
{
    struct hub *hub = plugin->all->hub;
    int err = HD1_EFULL;

    api_note_queued(plugin);
    /* The hub counts per event; a join, a tick or a timer is none. */
    if (plugin->emits++ < EMITS_PER_CALL && api_may_queue(plugin))
        err = hub_emit(hub, plugin->client, SOURCE_PLUGIN, id, text);
    plugin->emits_sent += err == 0;
    plugin->emits_refused += err != 0;
    return err;
}

void
api_fail_type(lua_State *L, int arg, struct span name)
{
    const struct plugin *plugin = vm_owner(L);
    const char *nearest = event_types_nearest(plugin->all->types, name), *text;

    lua_pushlstring(L, name.at, name.len);
    if (nearest)
        text = lua_pushfstring(L, "there is no event type '%s'; did you mean %s?",
                               lua_tostring(L, -1), nearest);
    else
        text = lua_pushfstring(L, "there is no event type '%s': declare it in `events`",
                               lua_tostring(L, -1));
    luaL_argerror(L, arg, text);
    abort(); /* luaL_argerror does not return, but does not say so */
}

int
api_emit_table(lua_State *L, struct span id)
{
    static const char *const known[] = {"type", "session_id", "data", NULL};
    struct plugin *plugin = vm_owner(L);
    struct span type, text;
    size_t limit;

    api_check_keys(L, 1, known);
    lua_settop(L, 1);
    type.at = api_string_field(L, 1, "type", &type.len);
    luaL_argcheck(L, type.at && id_is_valid(type), 1, "type must be the name of an event type");
    if (!event_types_find(plugin->all->types, type))
        api_fail_type(L, 1, type);
    if (!id.at)
        id = find_session_id(L, plugin);
    lua_getfield(L, 1, "data");
    limit = plugin->all->hub ? hub_limits(plugin->all->hub)->message_bytes : DATA_MAX;
    text = envelope_push(L, type, 2, limit);
    if (!plugin->client)
        return answer(L, HD1_ECLOSED);
    return answer(L, send(plugin, id, text));
}

static int
emit(lua_State *L)
{
    return api_emit_table(L, SPAN_NONE);
}

void
api_emit_open(lua_State *L)
{
    lua_pushcfunction(L, emit);
    lua_setfield(L, -2, "emit");
}
