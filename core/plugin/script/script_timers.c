/*
 * every() and after() of world scripts. A script whose timers take long rests so that it uses no
 * more than a tenth of the hub's time.
 */
#include "plugin/script/script_state.h"

#include "clock.h"
#include "log.h"

#include <lauxlib.h>

#define FAILURES_MAX 5
#define REST_FACTOR 9 /* times as long as it ran */

static void
note_due(struct scripts *scripts, int64_t due_ms)
{
    if (due_ms < scripts->due_ms)
        scripts->due_ms = due_ms;
}

void
script_timer_add(lua_State *L, struct script *script, int index, double seconds, bool is_repeated)
{
    struct timer *timer =
        timers_add(L, &script->timers, index, seconds, is_repeated, scripts_mono_ms(script->all));

    note_due(script->all, timer->due_ms);
}

void
script_timers_restart(struct script *script)
{
    timers_restart(&script->timers, scripts_mono_ms(script->all));
    note_due(script->all, script->timers.due_ms);
}

struct timer_call {
    struct timers *timers;
    struct timer *timer;
};

static void
timer_body(lua_State *L, void *ctx)
{
    const struct timer_call *call = ctx;
    uint64_t id = call->timer->id;

    vm_push_ref(L, call->timer->ref);
    timer_begin(L, call->timers, call->timer);
    lua_call(L, 0, 1);
    timer_end(L, call->timers, id);
}

static void
stop_body(lua_State *L, void *ctx)
{
    const struct timer_call *call = ctx;

    timers_cancel(L, call->timers, call->timer->id);
}

static void
log_failure(struct script *script, int failures)
{
    if (failures >= FAILURES_MAX)
        log_error(vm_name(script->vm), "timer stopped: it failed too often",
                  log_str("session", script->session_id), log_str("error", vm_error(script->vm)));
    else if (scripts_may_log(script->all))
        log_error(vm_name(script->vm), "timer failed", log_str("session", script->session_id),
                  log_str("error", vm_error(script->vm)));
}

static bool
run_timer(void *ctx, struct timer *timer)
{
    struct script *script = ctx;
    struct timer_call call = {&script->timers, timer};
    uint64_t id = timer->id;

    script->emits = 0;
    if (script_call(script, timer_body, &call) == 0) {
        timer->failures = 0;
    } else {
        int failures = timer->id == id ? ++timer->failures : 1; /* else the slot is another's now */

        scripts_tell_failed(script);
        log_failure(script, failures);
        if (failures >= FAILURES_MAX)
            vm_call(script->vm, stop_body, &call);
    }
    return true;
}

static int64_t
next_due(const struct script *script)
{
    int64_t next_ms = script->timers.due_ms;

    return next_ms != INT64_MAX && next_ms < script->not_before_ms ? script->not_before_ms
                                                                   : next_ms;
}

/* What the cost is measured by: a clock that stands in for the real one stands still meanwhile. */
static int64_t
cost_us(const struct scripts *scripts)
{
    return scripts->mono_ms ? scripts_mono_ms(scripts) * 1000 : clock_mono_us();
}

int64_t
script_timers_run(struct script *script, int64_t now_ms)
{
    int64_t start_us;

    if (!script->vm || script->is_paused)
        return INT64_MAX;
    if (now_ms >= script->not_before_ms) {
        start_us = cost_us(script->all);
        timers_run(&script->timers, now_ms, run_timer, script);
        script->not_before_ms = now_ms + (cost_us(script->all) - start_us) * REST_FACTOR / 1000;
    }
    return next_due(script);
}
