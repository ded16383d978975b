/*
 * hd1.after(seconds, fn): calls fn once, so many seconds (0 to 86400, in steps of 16 ms) later;
 * hd1.every(seconds, fn): again and again, until fn returns false. Both may be called in setup and
 * in any hook, and return a timer; timer:cancel() ends it and says whether it was still running. At
 * most 256 per plugin. A call that comes late is made once. While the plugin may not run (breaker,
 * share of CPU) those of every() are left out, and those of after() are put off until it may. What
 * a call sets that fails is cancelled, and so is what before_event sets if the event is refused, or
 * cannot be stored.
 */
#include "plugin/api/api.h"

#include "err.h"
#include "hub/event.h"
#include "plugin/api/box.h"
#include "plugin/case/case_parts.h"
#include "plugin/case/case_text.h"
#include "plugin/plugin_state.h"
#include "json/json.h"

#include <lauxlib.h>
#include <stdlib.h>

#define NAME "hd1.timer"

struct handle {
    uint64_t id;
};

/* --- what Lua calls --- */

static int
add(lua_State *L, bool is_repeated)
{
    struct plugin *plugin = vm_owner(L);
    double seconds = luaL_checknumber(L, 1);
    struct handle *handle;
    struct timer *timer;

    luaL_checktype(L, 2, LUA_TFUNCTION);
    handle = lua_newuserdatauv(L, sizeof(*handle), 0); /* first: it may raise */
    luaL_setmetatable(L, NAME);
    timer = timers_add(L, &plugin->timers, 2, seconds, is_repeated, plugins_mono_ms(plugin->all));
    timer->origin = case_origin(L, plugin, 2);
    handle->id = timer->id;
    return 1;
}

static int
after(lua_State *L)
{
    return add(L, false);
}

static int
every(lua_State *L)
{
    return add(L, true);
}

static int
cancel(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);
    const struct handle *handle = luaL_checkudata(L, 1, NAME);

    lua_pushboolean(L, timers_cancel(L, &plugin->timers, handle->id));
    return 1;
}

static int
index_timer(lua_State *L)
{
    if (lua_type(L, 2) != LUA_TSTRING || strcmp(lua_tostring(L, 2), "cancel") != 0)
        return box_no_field(L, "timer");
    lua_pushcfunction(L, cancel);
    return 1;
}

static const luaL_Reg functions[] = {{"after", after}, {"every", every}, {NULL, NULL}};

void
api_timer_open(lua_State *L)
{
    box_push_metatable(L, NAME, index_timer);
    lua_pop(L, 1);
}

void
api_timer_add(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}

/* --- those of a call that fails, or of an event that is refused --- */

/* Set by one before_event hook. */
struct new_timers {
    struct new_timers *prev, *next;
    struct plugin *plugin; /* NULL: it is gone */
    uint64_t after, last;  /* their ids */
};

static void
cancel_all(lua_State *L, void *ctx)
{
    const struct new_timers *timers = ctx;

    timers_cancel_all(L, &timers->plugin->timers, timers->after, timers->last);
}

static void
unlist(struct new_timers *timers)
{
    *(timers->prev ? &timers->prev->next : &timers->plugin->new_timers) = timers->next;
    if (timers->next)
        timers->next->prev = timers->prev;
    timers->plugin = NULL;
}

void
plugin_forget_new_timers(struct plugin *plugin)
{
    while (plugin->new_timers)
        unlist(plugin->new_timers);
}

static void
on_accepted(void *ctx, bool is_kept)
{
    struct new_timers *timers = ctx;

    if (timers->plugin && !is_kept)
        vm_call(timers->plugin->vm, cancel_all, timers);
    if (timers->plugin)
        unlist(timers);
    free(timers);
}

static void
wait_for_event(const struct new_timers *made)
{
    struct plugin *plugin = made->plugin;
    struct new_timers *timers = mem_alloc(sizeof(*timers));

    *timers = *made;
    timers->next = plugin->new_timers;
    if (timers->next)
        timers->next->prev = timers;
    plugin->new_timers = timers;
    hub_hold_accepted(plugin->all->hub, plugin->client,
                      plugin->now.event->type->lane == LANE_DURABLE, on_accepted, timers);
}

void
api_timer_settle(struct plugin *plugin, bool is_kept)
{
    struct new_timers made = {
        .plugin = plugin, .after = plugin->timer_mark, .last = plugin->timers.last_id};

    if (!is_kept)
        vm_call(plugin->vm, cancel_all, &made);
    else if (plugin->now.moment == BEFORE_EVENT && plugin->client)
        wait_for_event(&made);
}

/* --- running them --- */

struct run {
    struct plugin *plugin;
    int64_t now_ms, until_ns;
};

struct timer_call {
    struct timer *timer;
    uint64_t id;
    char *origin; /* not with the timer, whose slot may get another one meanwhile */
};

/* No arguments. */
static int
begin(lua_State *L, struct plugin *plugin)
{
    const struct timer_call *call = plugin->now.ctx;

    timer_begin(L, &plugin->timers, call->timer);
    return 0;
}

static void
end(lua_State *L, struct plugin *plugin)
{
    const struct timer_call *call = plugin->now.ctx;

    lua_pushvalue(L, -1);
    api_answer_take_none(L, plugin);
    timer_end(L, &plugin->timers, call->id);
}

static void
call_timer(struct plugin *plugin, struct timer *timer)
{
    struct timer_call timer_call = {timer, timer->id, timer->origin};
    struct hook_call call = {
        .moment = ON_TIMER, .ref = timer->ref, .push = begin, .take = end, .ctx = &timer_call};

    timer->origin = NULL;
    plugin_tell(plugin, &call);
    if (timer->id == timer_call.id && timer->ref != LUA_NOREF)
        timer->origin = timer_call.origin;
    else
        free(timer_call.origin);
}

static bool
run_timer(void *ctx, struct timer *timer)
{
    const struct run *run = ctx;
    struct plugin *plugin = run->plugin;
    int64_t wait_ms = 0;

    if (!plugin_may_run(plugin, ON_TIMER, &wait_ms)) {
        if (!timer->is_repeated)
            timer->due_ms = run->now_ms + wait_ms;
        return true;
    }
    call_timer(plugin, timer);
    return plugin->ended_ns < run->until_ns;
}

void
plugin_run_timers(struct plugin *plugin, int64_t now_ms, int64_t until_ns)
{
    struct run run = {plugin, now_ms, until_ns};

    timers_run(&plugin->timers, now_ms, run_timer, &run);
}

/* --- case files --- */

void
case_append_timer(struct buf *out, const struct plugin *plugin, const struct hook_call *now)
{
    const struct timer_call *call = now->ctx;

    (void)plugin;
    if (now->moment == ON_TIMER)
        buf_append_str(out, call->origin);
}

/* Is the function written there? The folder does not matter. */
static bool
is_at(const struct timer *timer, struct span place)
{
    struct span at;

    return json_member(span_of(timer->origin), "at", &at) && json_plain_string(at, &at) &&
           span_eq(case_without_folders(at), case_without_folders(place));
}

size_t
plugins_play_timers(struct plugins *plugins, struct span place)
{
    size_t played = 0;

    for (size_t i = 0; i < plugins->count; i++) {
        struct plugin *plugin = plugins->items[i];
        size_t count = plugin->timers.count;
        uint64_t last_id = plugin->timers.last_id; /* not those that are set meanwhile */

        for (size_t j = 0; j < count; j++) {
            struct timer *timer = &plugin->timers.items[j];

            if (timer->ref == LUA_NOREF || timer->id > last_id ||
                (place.at && !is_at(timer, place)))
                continue;
            call_timer(plugin, timer);
            played++;
        }
    }
    return played;
}
