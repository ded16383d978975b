/*
 * hd1.session(id): the session, as hooks get it (box_session.c), good for this call; nil, message,
 * code if it is not in memory just now ("not_loaded": it may exist, see hd1.open) or cannot exist
 * ("unknown_session"). For hooks, timers and routes.
 *
 * hd1.open(id, fn): loads it if need be and calls fn(session) later, or fn(nil, message, code).
 * Returns true; nil, message, code if too many wait already. In before_event it begins once the
 * event is accepted. If a reload comes before, fn is not called.
 */
#include "plugin/api/api.h"

#include "hub/hub.h"
#include "idgen.h"
#include "plugin/api/box.h"
#include "plugin/case/case_parts.h"
#include "plugin/plugin_state.h"

#include <lauxlib.h>
#include <stdlib.h>

#define OPENS_MAX 256 /* that wait, per plugin */

static int
fail(lua_State *L, const char *message, const char *code)
{
    lua_pushnil(L);
    lua_pushstring(L, message);
    lua_pushstring(L, code);
    return 3;
}

static int
get_session(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);
    struct session *session;
    struct span id;

    id.at = luaL_checklstring(L, 1, &id.len);
    if (!id_is_valid(id))
        return fail(L, "a session's id is [A-Za-z0-9_-]{1,64}", "unknown_session");
    session = plugin->all->hub ? hub_session(plugin->all->hub, id) : NULL;
    if (!session)
        return fail(L, "the session is not loaded: hd1.open(id, fn) loads it", "not_loaded");
    case_reads_session(&plugin->reads, session);
    box_push_session(L, plugin, session);
    box_read_session(L, -1); /* that it is there */
    return 1;
}

/* --- open --- */

struct opening {
    struct opening *prev, *next;
    struct plugin *plugin; /* NULL: it is gone */
    int ref;
    char *origin;                  /* for case files; owned */
    const struct refusal *refusal; /* while fn is called */
    char session_id[ID_SIZE];
};

static void
forget_function(lua_State *L, void *ctx)
{
    luaL_unref(L, LUA_REGISTRYINDEX, *(const int *)ctx);
}

static void
list(struct opening *opening, struct plugin *plugin)
{
    opening->plugin = plugin;
    opening->next = plugin->openings;
    if (opening->next)
        opening->next->prev = opening;
    plugin->openings = opening;
    plugin->opening_count++;
}

static void
unlist(struct opening *opening)
{
    *(opening->prev ? &opening->prev->next : &opening->plugin->openings) = opening->next;
    if (opening->next)
        opening->next->prev = opening->prev;
    opening->prev = opening->next = NULL;
    opening->plugin->opening_count--;
}

/* Not inside of Lua. */
static void
opening_free(struct opening *opening)
{
    if (opening->plugin) {
        unlist(opening);
        vm_call(opening->plugin->vm, forget_function, &opening->ref);
    }
    free(opening->origin);
    free(opening);
}

void
plugin_forget_openings(struct plugin *plugin)
{
    while (plugin->openings) {
        struct opening *opening = plugin->openings;

        unlist(opening);
        opening->plugin = NULL;
    }
}

static int
push_opened(lua_State *L, struct plugin *plugin)
{
    const struct opening *opening = plugin->now.ctx;

    if (plugin->now.session) {
        box_push_session(L, plugin, plugin->now.session);
        box_read_session(L, -1); /* that it is there */
        return 1;
    }
    return fail(L, opening->refusal->message, opening->refusal->code);
}

void
case_append_open(struct buf *out, const struct plugin *plugin, const struct hook_call *now)
{
    (void)plugin;
    if (now->moment == ON_OPEN)
        buf_append_str(out, ((const struct opening *)now->ctx)->origin);
}

static void
on_open(void *ctx, struct session *session, const struct refusal *refusal)
{
    struct opening *opening = ctx;
    struct hook_call call = {.moment = ON_OPEN,
                             .ref = opening->ref,
                             .push = push_opened,
                             .what = opening->session_id,
                             .ctx = opening,
                             .session = session};

    if (opening->plugin) {
        opening->refusal = refusal;
        plugin_tell(opening->plugin, &call);
    }
    opening_free(opening);
}

static void
begin_opening(void *ctx, bool is_done)
{
    struct opening *opening = ctx;

    if (is_done && opening->plugin)
        hub_open(opening->plugin->all->hub, span_of(opening->session_id), on_open, opening);
    else
        opening_free(opening);
}

static int
open_session(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);
    struct opening *opening;
    struct span id;
    int ref;

    id.at = luaL_checklstring(L, 1, &id.len);
    luaL_argcheck(L, id_is_valid(id), 1, "a session's id is [A-Za-z0-9_-]{1,64}");
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    if (!plugin->client)
        return fail(L, "there is no server here", "unavailable");
    if (plugin->opening_count >= OPENS_MAX)
        return fail(L, "too many sessions are being opened", "too_many");
    vm_charge(L, 100);
    ref = vm_ref(L);
    opening = mem_zalloc(sizeof(*opening));
    opening->ref = ref;
    opening->origin = case_origin(L, plugin, 2);
    memcpy(opening->session_id, id.at, id.len);
    list(opening, plugin);
    api_note_queued(plugin);
    if (hub_defer(plugin->all->hub, plugin->client, sizeof(*opening), begin_opening, opening)) {
        luaL_unref(L, LUA_REGISTRYINDEX, ref);
        unlist(opening);
        free(opening->origin);
        free(opening);
        return fail(L, "too much is waiting", "too_many");
    }
    lua_pushboolean(L, 1);
    return 1;
}

static const luaL_Reg functions[] = {
    {"session", get_session},
    {"open", open_session},
    {NULL, NULL},
};

void
api_session_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
