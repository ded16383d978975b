/*
 * Stopping: take nothing new, commit and deliver what is pending, write what is dirty, say goodbye,
 * close. All within stop_timeout_s; what is not committed by then is said in the log and by the
 * exit code.
 */
#include "server/server_state.h"

#include "clock.h"
#include "exit_code.h"
#include "log.h"

#define LOOK_MS 50

static void
on_look(uv_timer_t *handle)
{
    (void)handle; /* the round that follows takes the step */
}

void
server_stop_begin(struct server *server)
{
    server->phase = SERVER_DRAINING;
    server->stop_by_ms = clock_mono_ms() + (int64_t)server->config->stop_timeout_s * 1000;
    net_stop_accepting(server->net);
    net_stop_reading(server->net);
    hub_stop_accepting(server->hub);
    uv_timer_stop(&server->due);
    uv_timer_start(&server->stop, on_look, LOOK_MS, LOOK_MS);
}

static void
enter_closing(struct server *server)
{
    server->phase = SERVER_CLOSING;
    hub_close_clients(server->hub);
    net_close_sockets(server->net);
    server_round(server);
}

/* Nothing waits for the disk, though clients may not have taken everything yet. */
static bool
is_stored(const struct server *server)
{
    struct hub_stats stats;

    hub_stats(server->hub, &stats);
    return stats.pending_bytes == 0 && store_is_idle(server->store);
}

/* A client that does not read gets half the time. */
static bool
is_phase_over(const struct server *server)
{
    int64_t half_ms = (int64_t)server->config->stop_timeout_s * 500;

    return hub_is_drained(server->hub) ||
           (clock_mono_ms() >= server->stop_by_ms - half_ms && is_stored(server));
}

/* The time is up. */
static void
give_up(struct server *server)
{
    if (server->phase != SERVER_CLOSING) {
        server->is_abandoned = true;
        log_error("server", "not everything could be stored in time",
                  log_int("stop_s", server->config->stop_timeout_s));
        server->exit_code = CODE_FAILURE;
        enter_closing(server);
    } else {
        log_warn("server", "connections that do not close are cut",
                 log_int("connections", (int64_t)net_connection_count(server->net)));
    }
    server->phase = SERVER_STOPPED;
}

/* Leaves phase after phase as their conditions hold. */
void
server_stop_step(struct server *server)
{
    if (server->phase == SERVER_DRAINING && is_phase_over(server)) {
        server->phase = SERVER_WRITING;
        hub_write_behind(server->hub);
        server_round(server);
    }
    if (server->phase == SERVER_WRITING && is_phase_over(server))
        enter_closing(server);
    if (server->phase == SERVER_CLOSING && net_connection_count(server->net) == 0)
        server->phase = SERVER_STOPPED;
    else if (clock_mono_ms() >= server->stop_by_ms)
        give_up(server);
    if (server->phase == SERVER_STOPPED)
        uv_stop(&server->loop);
}
