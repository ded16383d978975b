/*
 * A reload: the configuration is read again, the plugins are loaded beside those that run, the
 * world scripts checked; if all of it is sound, the new generation takes the place of the old one
 * between two events, and nobody is disconnected. Else nothing changes, and why is said in the log
 * and to who asked. World scripts that run go on as they are; their files are read whenever one is
 * set up.
 */
#include "server/server_plugins.h"
#include "server/server_state.h"

#include "clock.h"
#include "err.h"
#include "fault_lines.h"
#include "log.h"
#include "json/json.h"

#include <stdlib.h>

#define STORES_MS 2000 /* that a reload waits for what new plugins keep */

struct reload_waiter {
    struct reload_waiter *next;
    rest_reload_fn done;
    void *ctx;
};

struct reload {
    struct server *server;
    struct config fresh;
    struct buf faults, warnings; /* a line each */
    struct buf restart_keys;     /* a JSON array */
    int64_t start_us;
};

void
server_reload_ask(void *ctx, bool is_state_kept, rest_reload_fn done, void *done_ctx)
{
    struct server *server = ctx;

    server->is_reload_wanted = true;
    server->is_state_discarded |= !is_state_kept;
    if (done) {
        struct reload_waiter *waiter = mem_alloc(sizeof(*waiter));

        *waiter = (struct reload_waiter){server->reload_waiters, done, done_ctx};
        server->reload_waiters = waiter;
    }
    server_hub_wake_in(server, 0);
}

static void
answer(struct server *server, const struct refusal *refusal, struct span detail)
{
    struct reload_waiter *waiter;

    while ((waiter = server->reload_waiters)) {
        server->reload_waiters = waiter->next;
        waiter->done(waiter->ctx, refusal, detail);
        free(waiter);
    }
}

void
server_reload_fini(struct server *server)
{
    while (server->reload_waiters) {
        struct reload_waiter *waiter = server->reload_waiters;

        server->reload_waiters = waiter->next;
        free(waiter);
    }
}

/* --- what is done --- */

/* What new plugins keep is read while the loop goes on; true: not all of it is there yet. */
static bool
must_wait(struct reload *reload)
{
    struct server *server = reload->server;
    int64_t now_ms = clock_mono_ms();

    if (server->reload_by_ms == 0)
        server->reload_by_ms = now_ms + STORES_MS;
    return server_plugins_ask_stores(&reload->fresh, server->hub, now_ms >= server->reload_by_ms,
                                     &reload->faults) == HD1_EBUSY;
}

/* Everything is looked at, so that all faults are told at once. HD1_EBUSY: it is to be tried again
 * in a later round; 0: the new generation is in force. */
static int
try(struct reload *reload)
{
    struct server *server = reload->server;
    struct plugins *next = NULL;

    if (config_load(&reload->fresh, server->flags, &reload->faults) != 0)
        return HD1_EINVAL;
    if (must_wait(reload))
        return HD1_EBUSY;
    if (reload->faults.len > 0)
        return HD1_EIO;
    config_append_restart_keys(server->config, &reload->fresh, &reload->restart_keys);
    server_plugins_prepare(server->plugins, &next, &reload->fresh, &server->cases, &reload->faults);
    server_scripts_check(&reload->fresh, &reload->faults, &reload->warnings);
    if (reload->faults.len > 0) {
        plugins_free(next);
        return HD1_EINVAL;
    }
    return plugins_replace(server->plugins, next, !server->is_state_discarded, &reload->faults);
}

static void
take_over(struct reload *reload)
{
    struct server *server = reload->server;

    config_exchange_live(server->config, &reload->fresh);
    scripts_set_path(server->scripts, server->config->script_path);
    log_set_level(server->config->log_level);
    log_set_format(server->config->log_format);
    server_hub_wake_in(server, 0); /* setups may have emitted */
}

/* --- what is said --- */

static void
append_lines(struct buf *out, const struct buf *lines)
{
    struct span rest = buf_span(lines), line;
    bool is_first = true;

    buf_append_char(out, '[');
    for (; server_next_line(&rest, &line); is_first = false) {
        if (!is_first)
            buf_append_char(out, ',');
        json_append_string(out, line);
    }
    buf_append_char(out, ']');
}

static size_t
count_lines(const struct buf *lines)
{
    struct span rest = buf_span(lines), line;
    size_t count = 0;

    while (server_next_line(&rest, &line))
        count++;
    return count;
}

static void
log_lines(const struct reload *reload, enum log_level level, const char *msg,
          const struct buf *lines)
{
    struct span rest = buf_span(lines), line;

    while (server_next_line(&rest, &line))
        log_write(level, "reload", msg,
                  log_int("generation", plugins_generation(reload->server->plugins)),
                  log_span("reason", line), LOG_END);
}

/* The members that both answers share; generation: the one that runs now. */
static void
append_common(struct buf *out, struct reload *reload)
{
    buf_appendf(out, "{\"generation\":%lld",
                (long long)plugins_generation(reload->server->plugins));
    buf_append_str(out, ",\"warnings\":");
    append_lines(out, &reload->warnings);
    buf_append_str(out, ",\"restart_needed\":");
    if (reload->restart_keys.len == 0)
        buf_append_str(&reload->restart_keys, "[]");
    buf_append_span(out, buf_span(&reload->restart_keys));
}

static void
say_done(struct reload *reload)
{
    struct server *server = reload->server;
    int64_t us = clock_mono_us() - reload->start_us;
    struct buf detail = BUF_INIT;

    server->reloads_ok++;
    log_info("reload", "reloaded", log_int("generation", plugins_generation(server->plugins)),
             log_int("plugins", (int64_t)server->config->plugin_count), log_int("us", us));
    append_common(&detail, reload);
    buf_appendf(&detail, ",\"us\":%lld,\"plugins\":", (long long)us);
    plugins_append_summary(server->plugins, &detail);
    buf_append_char(&detail, '}');
    answer(server, NULL, buf_span(&detail));
    buf_fini(&detail);
}

static void
say_failed(struct reload *reload)
{
    struct refusal refusal;
    size_t count = count_lines(&reload->faults);

    fault_lines_sort(&reload->faults, reload->fresh.file);
    reload->server->reloads_failed++;
    log_lines(reload, LOG_ERROR, "not reloaded, nothing was changed", &reload->faults);
    refusal_init(&refusal);
    refuse(&refusal, REFUSE_RELOAD_FAILED, "%zu fault%s; nothing was changed", count,
           count == 1 ? "" : "s");
    append_common(&refusal.details, reload);
    buf_append_str(&refusal.details, ",\"faults\":");
    append_lines(&refusal.details, &reload->faults);
    buf_append_char(&refusal.details, '}');
    answer(reload->server, &refusal, SPAN_NONE);
    refusal_fini(&refusal);
}

static void
say_restart_keys(struct reload *reload)
{
    struct json_iter iter;
    struct span value, name;

    json_iter_init(&iter, buf_span(&reload->restart_keys));
    while (json_next_element(&iter, &value))
        if (json_plain_string(value, &name))
            log_warn("reload", "changed, but only a restart takes it over", log_span("key", name));
}

static void
refuse_stopping(struct server *server)
{
    struct refusal refusal;

    log_warn("reload", "not reloaded: the server is stopping");
    refusal_init(&refusal);
    refuse(&refusal, REFUSE_STOPPING, "the server is stopping");
    answer(server, &refusal, SPAN_NONE);
    refusal_fini(&refusal);
}

static void
say(struct reload *reload, bool is_done)
{
    if (is_done)
        say_done(reload);
    else
        say_failed(reload);
    log_lines(reload, LOG_WARN, "a world script that no configured session names",
              &reload->warnings);
    say_restart_keys(reload);
}

/* False: not yet. */
static bool
run(struct server *server)
{
    struct reload reload = {.server = server, .start_us = clock_mono_us()};
    struct watch *watch = hub_watch(server->hub);
    struct watch_step step = watch_begin(watch);
    int err = try(&reload);

    if (!err)
        take_over(&reload);
    if (err != HD1_EBUSY)
        say(&reload, err == 0);
    watch_end(watch, &step, WATCH_RELOAD);
    config_fini(&reload.fresh);
    buf_fini(&reload.faults);
    buf_fini(&reload.warnings);
    buf_fini(&reload.restart_keys);
    return err != HD1_EBUSY;
}

void
server_reload_step(struct server *server)
{
    if (!server->is_reload_wanted)
        return;
    if (server->phase != SERVER_RUNNING)
        refuse_stopping(server);
    else if (!run(server))
        return;
    server->is_reload_wanted = false;
    server->is_state_discarded = false;
    server->reload_by_ms = 0;
}
