/*
 * The timers of one Lua state, for plugins (api_timer.c) and world scripts (script_timers.c): which
 * functions are to be called when. Told the time in monotonic ms; who runs them decides how Lua is
 * entered. At most one call per timer and TIMER_GRAIN_MS.
 */
#ifndef HD1_PLUGIN_TIMERS_H
#define HD1_PLUGIN_TIMERS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMER_GRAIN_MS 16
#define TIMER_SECONDS_MAX 86400.0

struct timer {
    int ref;     /* of the function; LUA_NOREF: a free slot */
    uint64_t id; /* never used again in this state */
    bool is_repeated;
    int64_t interval_ms;
    int64_t due_ms;
    int failures; /* in a row */
    char *origin; /* whence it comes, for its owner; freed with the slot; or NULL */
};

struct timers {
    struct timer *items; /* max slots, which never move; NULL before the first is added */
    size_t max;
    size_t count;   /* slots ever used */
    size_t running; /* timers that are set */
    uint64_t last_id;
    int64_t due_ms; /* no timer is due before; INT64_MAX: there is none */
};

/* Embedded; at most max at a time. */
void timers_init(struct timers *timers, size_t max);
/* The references go with the Lua state. */
void timers_fini(struct timers *timers);

/* Inside vm_call(): adds one for the function at index; raises if seconds (which is argument 1) are
 * not 0 to 86400 or there are too many. [-0, +0] */
struct timer *timers_add(lua_State *L, struct timers *timers, int index, double seconds,
                         bool is_repeated, int64_t now_ms);
/* Inside vm_call(). False: it is over already. [-0, +0] */
bool timers_cancel(lua_State *L, struct timers *timers, uint64_t id);
/* The same for all with an id above `after`, up to and with `last`. */
void timers_cancel_all(lua_State *L, struct timers *timers, uint64_t after, uint64_t last);
/* All start anew from now. */
void timers_restart(struct timers *timers, int64_t now_ms);

/*
 * Calls fn for each timer that is due, the earliest first; it is set for its next time before (fn
 * may set it later still). fn enters Lua. What its calls add is not due before the next run. false
 * from fn: no more of them for now. A timer that comes late is called once.
 */
typedef bool (*timer_run_fn)(void *ctx, struct timer *timer);
void timers_run(struct timers *timers, int64_t now_ms, timer_run_fn fn, void *ctx);

/* --- for fn, inside vm_call() --- */

/* The function was pushed: one that is not repeated is over now, whatever its call does. [-0, +0]
 */
void timer_begin(lua_State *L, struct timers *timers, struct timer *timer);
/* Takes what the function returned off the top: false ends the timer with that id, if it is there
 * still. [-1, +0] */
void timer_end(lua_State *L, struct timers *timers, uint64_t id);

#endif
