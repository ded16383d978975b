/* The timers of one Lua state: a fixed set of slots, gone through when the earliest is due. */
#include "plugin/timers.h"

#include "buf.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>

void
timers_init(struct timers *timers, size_t max)
{
    *timers = (struct timers){.max = max, .due_ms = INT64_MAX};
}

void
timers_fini(struct timers *timers)
{
    for (size_t i = 0; timers->items && i < timers->count; i++)
        free(timers->items[i].origin);
    free(timers->items);
    timers->items = NULL;
}

/* A free slot; NULL if there is none. */
static struct timer *
find_slot(struct timers *timers)
{
    if (!timers->items)
        timers->items = mem_zalloc(timers->max * sizeof(*timers->items));
    for (size_t i = 0; i < timers->count; i++)
        if (timers->items[i].ref == LUA_NOREF)
            return &timers->items[i];
    return timers->count < timers->max ? &timers->items[timers->count++] : NULL;
}

static void
note_due(struct timers *timers, const struct timer *timer)
{
    if (timer->due_ms < timers->due_ms)
        timers->due_ms = timer->due_ms;
}

struct timer *
timers_add(lua_State *L, struct timers *timers, int index, double seconds, bool is_repeated,
           int64_t now_ms)
{
    int64_t interval_ms;
    struct timer *timer;
    int ref;

    luaL_argcheck(L, seconds >= 0 && seconds <= TIMER_SECONDS_MAX, 1, "seconds must be 0 to 86400");
    if (timers->running >= timers->max)
        luaL_error(L, "more than %d timers", (int)timers->max);
    lua_pushvalue(L, index);
    ref = luaL_ref(L, LUA_REGISTRYINDEX);
    timer = find_slot(timers);
    interval_ms = (int64_t)llround(seconds * 1000);
    if (interval_ms < TIMER_GRAIN_MS)
        interval_ms = TIMER_GRAIN_MS;
    free(timer->origin);
    *timer = (struct timer){.ref = ref,
                            .id = ++timers->last_id,
                            .is_repeated = is_repeated,
                            .interval_ms = interval_ms,
                            .due_ms = now_ms + interval_ms};
    timers->running++;
    note_due(timers, timer);
    return timer;
}

static void
stop(lua_State *L, struct timers *timers, struct timer *timer)
{
    luaL_unref(L, LUA_REGISTRYINDEX, timer->ref);
    timer->ref = LUA_NOREF;
    timers->running--;
}

bool
timers_cancel(lua_State *L, struct timers *timers, uint64_t id)
{
    for (size_t i = 0; i < timers->count; i++) {
        struct timer *timer = &timers->items[i];

        if (timer->ref != LUA_NOREF && timer->id == id) {
            stop(L, timers, timer);
            return true;
        }
    }
    return false;
}

void
timers_cancel_all(lua_State *L, struct timers *timers, uint64_t after, uint64_t last)
{
    for (size_t i = 0; i < timers->count; i++) {
        struct timer *timer = &timers->items[i];

        if (timer->ref != LUA_NOREF && timer->id > after && timer->id <= last)
            stop(L, timers, timer);
    }
}

void
timers_restart(struct timers *timers, int64_t now_ms)
{
    timers->due_ms = INT64_MAX;
    for (size_t i = 0; i < timers->count; i++) {
        timers->items[i].due_ms = now_ms + timers->items[i].interval_ms;
        if (timers->items[i].ref != LUA_NOREF)
            note_due(timers, &timers->items[i]);
    }
}

static void
set_next(struct timer *timer, int64_t now_ms)
{
    timer->due_ms += timer->interval_ms;
    if (timer->due_ms <= now_ms)
        timer->due_ms = now_ms + timer->interval_ms;
}

/* NULL if there is none. */
static struct timer *
find_earliest(const struct timers *timers)
{
    struct timer *earliest = NULL;

    for (size_t i = 0; i < timers->count; i++) {
        struct timer *timer = &timers->items[i];

        if (timer->ref != LUA_NOREF && (!earliest || timer->due_ms < earliest->due_ms))
            earliest = timer;
    }
    return earliest;
}

void
timers_run(struct timers *timers, int64_t now_ms, timer_run_fn fn, void *ctx)
{
    bool goes_on = true;
    struct timer *timer;

    if (now_ms < timers->due_ms)
        return;
    while (goes_on && (timer = find_earliest(timers)) && timer->due_ms <= now_ms) {
        set_next(timer, now_ms);
        goes_on = fn(ctx, timer);
    }
    timer = find_earliest(timers);
    timers->due_ms = timer ? timer->due_ms : INT64_MAX;
}

void
timer_begin(lua_State *L, struct timers *timers, struct timer *timer)
{
    if (!timer->is_repeated)
        stop(L, timers, timer);
}

void
timer_end(lua_State *L, struct timers *timers, uint64_t id)
{
    bool is_over = lua_isboolean(L, -1) && !lua_toboolean(L, -1);

    lua_pop(L, 1);
    if (is_over)
        timers_cancel(L, timers, id);
}
