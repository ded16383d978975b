/* Building the server, part by part, in the order of the table at the end. */
#include "err.h"
#include "exit_code.h"
#include "fault_lines.h"
#include "log.h"
#include "server/server_plugins.h"
#include "server/server_state.h"

#include <sys/un.h>

#define UNAUTHENTICATED "nobody says who may come in"
#define ADMIN_PATH_MAX (sizeof("unix:") - 1 + sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

/* Says in the log why it does not start: a line per fault. */
static void
log_lines(enum log_level level, const char *what, struct buf *why)
{
    struct span rest = buf_span(why), line;

    while (server_next_line(&rest, &line))
        log_write(level, "server", what, log_span("reason", line), LOG_END);
}

static void
log_faults(const struct server *server, const char *what, struct buf *why)
{
    fault_lines_sort(why, server->config->file);
    log_lines(LOG_ERROR, what, why);
}

static void
log_warnings(const char *what, struct buf *why)
{
    log_lines(LOG_WARN, what, why);
}

static void
on_committed(void *ctx, struct batch *batch)
{
    struct server *server = ctx;

    hub_committed(server->hub, batch);
}

static int
open_store(struct server *server)
{
    struct store_options options = {
        .dir = server->config->data,
        .durability = server->config->durability,
        .keep_days = server->config->keep_days,
        .keep_events = server->config->keep_events,
        .wake = server_store_wake,
        .wake_ctx = server,
        .committed = on_committed,
        .committed_ctx = server,
    };
    struct buf why = BUF_INIT;
    int err = store_open(&server->store, &options, &why);

    if (err)
        log_faults(server, "the database cannot be opened", &why);
    buf_fini(&why);
    return err ? CODE_FAILURE : CODE_OK;
}

static int
make_hub(struct server *server)
{
    struct hub_options options = {
        .store = server->store,
        .limits = server->config->limits,
        .port = net_port(),
        .wake_in = server_hub_wake_in,
        .ctx = server,
        .heartbeat_s = server->config->ping_s,
        .trace_every = server->config->trace_every,
    };

    server->hub = hub_new(&options);
    return CODE_OK;
}

static int
load_plugins(struct server *server)
{
    struct buf why = BUF_INIT;
    int err;

    case_files_init(&server->cases, server->config->has_cases ? server->config->data : NULL);
    err = server_plugins_load(&server->plugins, server->config, server->hub, &server->cases, &why);

    if (err)
        log_faults(server, err == HD1_ENOENT ? UNAUTHENTICATED : "a plugin cannot be loaded", &why);
    else
        hub_set_hooks(server->hub, plugins_hooks(server->plugins));
    buf_fini(&why);
    return err ? CODE_CONFIG : CODE_OK;
}

static int
check_scripts(const struct server *server)
{
    struct buf faults = BUF_INIT, warnings = BUF_INIT;
    int err = server_scripts_check(server->config, &faults, &warnings);

    log_faults(server, "a world script cannot be loaded", &faults);
    log_warnings("a world script that no configured session names", &warnings);
    buf_fini(&faults);
    buf_fini(&warnings);
    return err;
}

static int
load_scripts(struct server *server)
{
    if (check_scripts(server))
        return CODE_CONFIG;
    server->scripts = scripts_new(server->config->script_path, server->hub);
    hub_set_scripts(server->hub, scripts_hooks(server->scripts));
    return CODE_OK;
}

static void
append_plugins(void *ctx, struct buf *out)
{
    plugins_describe(((struct server *)ctx)->plugins, out);
}

static void
append_scripts(void *ctx, struct buf *out)
{
    scripts_describe(((struct server *)ctx)->scripts, out);
}

/*
 * Plugins that do not run are named, and change nothing: whoever finds an input that fails a plugin
 * could take the server out of a balancer's list by it, and no other server has these sessions.
 * What such a plugin guards is refused with 503 and a time to come back; the rest goes on.
 */
static bool
is_ready(void *ctx, struct buf *detail)
{
    const struct server *server = ctx;
    bool is_stored = store_is_ready(server->store);
    bool is_serving = server->phase == SERVER_RUNNING;

    buf_appendf(detail, "{\"status\":\"%s\",\"storage\":\"%s\",\"stopping\":%s,\"plugins\":",
                is_stored && is_serving ? "ok" : "unready", is_stored ? "ok" : "unavailable",
                is_serving ? "false" : "true");
    plugins_append_states(server->plugins, detail);
    buf_append_char(detail, '}');
    return is_stored && is_serving;
}

static int
make_rest(struct server *server)
{
    struct rest_registry registry = {.ctx = server,
                                     .append_plugins = append_plugins,
                                     .append_scripts = append_scripts,
                                     .append_metrics = server_append_metrics,
                                     .is_ready = is_ready,
                                     .web = plugins_web(server->plugins),
                                     .reload = server_reload_ask};

    server->rest = rest_new(server->hub, server->store, &registry);
    return CODE_OK;
}

static void
on_request(void *ctx, struct request *request)
{
    struct server *server = ctx;

    rest_handle(server->rest, request);
}

/* NULL: none. The default is no reason not to start. */
static const char *
admin_address(const struct config *config)
{
    if (!config->is_admin_said && strlen(config->admin) > ADMIN_PATH_MAX) {
        log_warn("server", "no listener for administration: the path of `data` is too long for a "
                           "socket's; say admin = \"unix:PATH\"");
        return NULL;
    }
    return *config->admin ? config->admin : NULL;
}

static int
open_network(struct server *server)
{
    const struct config *config = server->config;
    struct net_options options = {
        .loop = &server->loop,
        .hub = server->hub,
        .listen = config->listen,
        .listen_count = config->listen_count,
        .admin = admin_address(config),
        .origins = config->origins,
        .origin_count = config->origin_count,
        .message_bytes = config->limits.message_bytes,
        .body_bytes = config->limits.body_bytes,
        .header_bytes = 16384,
        .connections = server_limits_raise(config->connections),
        .connections_per_address = config->connections_per_address,
        .ping_s = config->ping_s,
        .read_timeout_s = config->read_timeout_s,
        .write_timeout_s = config->write_timeout_s,
        .request_timeout_s = config->request_timeout_s,
        .is_io_uring_used = config->is_io_uring_used,
        .handle = on_request,
        .handle_ctx = server,
        .web = plugins_web(server->plugins),
        .is_anonymous_refused = !config->is_anonymous_allowed,
    };
    struct buf why = BUF_INIT;
    int err = net_new(&server->net, &options, &why);

    if (err)
        log_faults(server, "the network cannot be opened", &why);
    buf_fini(&why);
    return err ? CODE_FAILURE : CODE_OK;
}

/* Before the database is touched. What is wrong with the plugins themselves is told later, when
 * they are loaded. */
static int
check_authentication(struct server *server)
{
    struct buf why = BUF_INIT;
    int err;

    if (server->config->unauthenticated.len == 0)
        return CODE_OK;
    log_set_level(LOG_SILENT); /* it is a trial */
    err = server_plugins_try(server->config, NULL, &why);
    log_set_level(server->config->log_level);
    if (err == HD1_ENOENT)
        log_faults(server, UNAUTHENTICATED, &why);
    buf_fini(&why);
    return err == HD1_ENOENT ? CODE_CONFIG : CODE_OK;
}

static int
make_loop(struct server *server)
{
    int err = server_loop_init(server);

    if (err)
        log_error("server", "no event loop", log_str("reason", uv_strerror(err)));
    return err ? CODE_FAILURE : CODE_OK;
}

/* In this order; what comes later needs what came before. A port that is taken is found before the
 * first session is made. */
static int (*const steps[])(struct server *server) = {
    make_loop, check_authentication, open_store,           make_hub, load_plugins, load_scripts,
    make_rest, open_network,         server_sessions_make,
};

int
server_build(struct server *server)
{
    int code = CODE_OK;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && code == CODE_OK; i++)
        code = steps[i](server);
    return code;
}
