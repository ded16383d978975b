/*
 * What is due by the clock: ticks and timers of plugins, timers of world scripts. One timer of the
 * loop, set for the earliest of them at the end of each round, because hooks, joins and timers set
 * new ones.
 */
#include "server/server_state.h"

#include "clock.h"

static void
on_due(uv_timer_t *handle)
{
    struct server *server = handle->data;

    server->due_ms = 0;
    scripts_run_timers(server->scripts);
    plugins_run_due(server->plugins);
}

void
server_due_arm(struct server *server)
{
    int64_t script_ms = scripts_due_ms(server->scripts), due_ms = plugins_due_ms(server->plugins);
    int64_t now_ms;

    if (script_ms < due_ms)
        due_ms = script_ms;
    if (due_ms == server->due_ms)
        return;
    server->due_ms = due_ms;
    now_ms = clock_mono_ms();
    if (due_ms == INT64_MAX)
        uv_timer_stop(&server->due);
    else
        uv_timer_start(&server->due, on_due, due_ms > now_ms ? (uint64_t)(due_ms - now_ms) : 0, 0);
}
