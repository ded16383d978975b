/* on_tick: when the beats are, and the calls of each. */
#include "plugin/tick.h"

#include "err.h"
#include "hub/session.h"
#include "idgen.h"
#include "plugin/api/api.h"
#include "plugin/api/box.h"
#include "plugin/plugin_state.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>

#define FORGET_MS 10000 /* a place that had no tick for so long may go */
#define PLACES_MIN 64   /* before anybody looks for such places */

/* Where one session is. */
struct place {
    char id[ID_SIZE];
    uint64_t joined; /* session_joined_number() */
    int64_t number;
    int64_t last_ms;
};

void
ticker_fini(struct ticker *ticker)
{
    size_t pos = 0;
    void *place;

    while (table_next(&ticker->places, &pos, NULL, &place))
        free(place);
    table_fini(&ticker->places);
}

/* --- what setup says --- */

static void
check_keys(lua_State *L, struct plugin *plugin)
{
    const char *key;

    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?";
        if (strcmp(key, "hz") != 0 && strcmp(key, "fn") != 0)
            plugin_fault_at(plugin, key, "on_tick: unknown key '%s'; known: hz, fn", key);
    }
}

static double
take_hz(lua_State *L, struct plugin *plugin)
{
    double hz = TICK_HZ_DEFAULT;

    if (lua_getfield(L, -1, "hz") != LUA_TNIL) {
        hz = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
        if (!(hz >= 1 && hz <= TICK_HZ_MAX))
            plugin_fault_at(plugin, "hz", "on_tick: hz must be a number from 1 to %d", TICK_HZ_MAX);
    }
    lua_pop(L, 1);
    return hz;
}

void
plugin_take_tick(lua_State *L, struct plugin *plugin)
{
    double hz = TICK_HZ_DEFAULT;

    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    if (lua_istable(L, -1)) {
        check_keys(L, plugin);
        hz = take_hz(L, plugin);
        lua_getfield(L, -1, "fn");
        lua_remove(L, -2);
    }
    if (!lua_isfunction(L, -1)) {
        plugin_fault_at(plugin, "on_tick",
                        "on_tick must be a function, or { hz = 1 to %d, fn = function }",
                        TICK_HZ_MAX);
        lua_pop(L, 1);
        return;
    }
    plugin->hook_refs[ON_TICK] = vm_ref(L);
    plugin->ticker.hz = hz;
}

/* --- one session's tick --- */

static struct place *
find_place(struct ticker *ticker, const struct session *session, int64_t now_ms)
{
    struct place *place = table_get(&ticker->places, span_of(session_id(session)));

    if (!place) {
        place = mem_zalloc(sizeof(*place));
        memcpy(place->id, session_id(session), strlen(session_id(session)));
        table_put(&ticker->places, span_of(place->id), place);
    }
    if (place->joined != session_joined_number(session)) {
        place->joined = session_joined_number(session);
        place->number = 0;
        place->last_ms = now_ms - (int64_t)(1000 / ticker->hz);
    }
    return place;
}

/* [-0, +2] */
static int
push_tick(lua_State *L, struct plugin *plugin)
{
    const struct tick *tick = plugin->now.tick;

    box_push_session(L, plugin, plugin->now.session);
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, tick->number);
    lua_setfield(L, -2, "number");
    lua_pushnumber(L, tick->dt_s);
    lua_setfield(L, -2, "dt");
    return 2;
}

static int
call_tick(struct plugin *plugin, struct session *session, const struct tick *tick)
{
    struct hook_call call = {.moment = ON_TICK,
                             .ref = plugin->hook_refs[ON_TICK],
                             .push = push_tick,
                             .tick = tick,
                             .session = session};

    return plugin_tell(plugin, &call);
}

void
plugins_play_tick(struct plugins *plugins, struct session *session, int64_t number, double dt_s)
{
    struct tick tick = {number, dt_s};

    for (size_t i = 0; i < plugins->count; i++)
        if (plugins->items[i]->hook_refs[ON_TICK] != LUA_NOREF)
            call_tick(plugins->items[i], session, &tick);
}

/* False: the plugin may not run now. */
static bool
tick_session(struct plugin *plugin, struct session *session, int64_t now_ms)
{
    struct place *place = find_place(&plugin->ticker, session, now_ms);
    double dt_s = (double)(now_ms - place->last_ms) / 1000;
    struct tick tick = {place->number + 1, dt_s < TICK_DT_MAX_S ? dt_s : TICK_DT_MAX_S};

    if (call_tick(plugin, session, &tick) == HD1_ECLOSED)
        return false;
    place->number++;
    place->last_ms = now_ms;
    return true;
}

/* Forgets sessions that nobody ticks any more. */
static void
sweep_places(struct ticker *ticker, size_t joined, int64_t now_ms)
{
    size_t pos = 0;
    void *value;

    if (ticker->places.count < PLACES_MIN || ticker->places.count / 2 < joined)
        return;
    while (table_next(&ticker->places, &pos, NULL, &value)) {
        struct place *place = value;

        if (now_ms - place->last_ms > FORGET_MS) {
            table_del(&ticker->places, span_of(place->id));
            free(place);
        }
    }
}

/* --- beats --- */

/* The next beat is the first after now. How many were missed. */
static int64_t
set_next_beat(struct ticker *ticker, int64_t now_ms)
{
    int64_t next = (int64_t)((double)(now_ms - ticker->base_ms) * ticker->hz / 1000) + 1;
    int64_t missed = next - ticker->beat - 1;

    ticker->beat = missed < 0 ? ticker->beat + 1 : next;
    ticker->due_ms = ticker->base_ms + (int64_t)ceil((double)ticker->beat * 1000 / ticker->hz);
    return missed > 0 ? missed : 0;
}

static void
begin_beat(struct plugin *plugin, size_t joined, int64_t now_ms)
{
    struct ticker *ticker = &plugin->ticker;
    int64_t missed;

    if (ticker->beat == 0)
        ticker->base_ms = now_ms;
    missed = set_next_beat(ticker, now_ms);
    plugin->stats[ON_TICK].skipped[SKIP_LATE] += missed * (int64_t)joined;
    ticker->left = joined;
    sweep_places(ticker, joined, now_ms);
}

/* Goes through the rest of the beat. */
static void
go_on(struct plugin *plugin, int64_t now_ms, int64_t until_ns)
{
    struct ticker *ticker = &plugin->ticker;
    struct session *session;

    while (ticker->left > 0) {
        session = session_next_joined(plugin->all->hub, &ticker->at);
        ticker->left--;
        if (!session) {
            ticker->at = 0;
            session = session_next_joined(plugin->all->hub, &ticker->at);
        }
        if (session && !tick_session(plugin, session, now_ms)) {
            ticker->at--; /* its turn comes first with the next beat */
            plugin->stats[ON_TICK].skipped[plugin->skipped_for] += (int64_t)ticker->left;
            break;
        }
        if (plugin->ended_ns >= until_ns)
            return;
    }
    ticker->left = 0;
}

int64_t
plugin_tick_due_ms(struct plugin *plugin, int64_t now_ms)
{
    struct ticker *ticker = &plugin->ticker;

    if (ticker->hz == 0 || !plugin->all->hub)
        return INT64_MAX;
    if (session_joined_count(plugin->all->hub) == 0) {
        ticker->beat = 0; /* what passes meanwhile is not late */
        ticker->left = 0;
        return INT64_MAX;
    }
    return ticker->left > 0 || ticker->beat == 0 ? now_ms : ticker->due_ms;
}

void
plugin_run_ticks(struct plugin *plugin, int64_t now_ms, int64_t until_ns)
{
    if (plugin_tick_due_ms(plugin, now_ms) > now_ms)
        return;
    if (plugin->ticker.left == 0)
        begin_beat(plugin, session_joined_count(plugin->all->hub), now_ms);
    go_on(plugin, now_ms, until_ns);
}
