/* The loop: what wakes it, and what each of its rounds does before it waits again. */
#include "server/server_state.h"

#include "log.h"

#include <malloc.h>

#define TICK_MS 1000
#define HEAP_TRIM_BYTES (512 * 1024)
#define HEAP_REST_TICKS 5
#define REST_TURNS_MAX 4 /* rounds in one, while REST has more to do */

void
server_round(struct server *server)
{
    int turns = 0;

    do {
        hub_round_end(server->hub);
    } while (rest_run_later(server->rest) && ++turns < REST_TURNS_MAX);
    if (turns == REST_TURNS_MAX)
        server_hub_wake_in(server, 0);
}

static void
on_round(uv_prepare_t *handle)
{
    struct server *server = handle->data;

    server_round(server);
    server_reload_step(server);
    if (server->phase == SERVER_RUNNING)
        server_due_arm(server);
    else if (server->phase != SERVER_STOPPED)
        server_stop_step(server);
    server_note_round(server);
}

static void
on_store_wake(uv_async_t *handle)
{
    struct server *server = handle->data;

    store_poll(server->store);
}

void
server_store_wake(void *ctx)
{
    struct server *server = ctx;

    uv_async_send(&server->store_wake);
}

/* The round itself follows, as after any timer. */
static void
on_wake(uv_timer_t *handle)
{
    (void)handle;
}

void
server_hub_wake_in(void *ctx, int ms)
{
    struct server *server = ctx;

    uv_timer_start(&server->wake, on_wake, ms > 0 ? (uint64_t)ms : 0, 0);
}

/* What the heap has free goes back to the system once as many are connected as a while ago, not at
 * each lull: in a rush of joins it would come again page by page. */
static void
rest_heap(struct server *server)
{
    size_t connections = net_connection_count(server->net);

    if (connections != server->heap_connections) {
        server->heap_connections = connections;
        server->heap_ticks = 0;
    } else if (server->heap_ticks < HEAP_REST_TICKS && ++server->heap_ticks == HEAP_REST_TICKS) {
        malloc_trim(0);
    }
}

static void
on_tick(uv_timer_t *handle)
{
    struct server *server = handle->data;

    hub_tick(server->hub);
    plugins_tidy(server->plugins);
    rest_heap(server);
}

int
server_loop_init(struct server *server)
{
    uv_loop_t *loop = &server->loop;
    int err = uv_loop_init(loop);

    if (err)
        return err;
    server->has_loop = true;
    uv_loop_configure(loop,
                      UV_METRICS_IDLE_TIME); /* for the time of rounds; counts, costs nothing */
    err = uv_async_init(loop, &server->store_wake, on_store_wake);
    if (err)
        return err;
    server->store_wake.data = server;
    uv_prepare_init(loop, &server->round);
    server->round.data = server;
    uv_timer_init(loop, &server->wake);
    uv_timer_init(loop, &server->tick);
    server->tick.data = server;
    uv_timer_init(loop, &server->due);
    server->due.data = server;
    uv_timer_init(loop, &server->stop);
    server->stop.data = server;
    return server_signals_init(server);
}

void
server_loop_start(struct server *server)
{
    uv_prepare_start(&server->round, on_round);
    mallopt(M_TRIM_THRESHOLD, HEAP_TRIM_BYTES);
    uv_timer_start(&server->tick, on_tick, TICK_MS, TICK_MS);
    server_signals_start(server);
}

static void
close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void
server_loop_fini(struct server *server)
{
    if (!server->has_loop)
        return;
    uv_walk(&server->loop, close_handle, NULL);
    uv_run(&server->loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&server->loop) != 0)
        log_error("server", "the loop still has handles");
    server_signals_fini(server);
    server->has_loop = false;
}
