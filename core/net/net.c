/* The network as a whole: made, started, stopped in steps, torn down. */
#include "net/net_state.h"

#include "err.h"
#include "log.h"
#include "net/accept.h"
#include "net/heartbeat.h"
#include "net/http.h"
#include "net/listener.h"
#include "net/sender.h"
#include "net/ws_state.h"

#include <libwebsockets.h>

#include <assert.h>
#include <stdlib.h>
#include <sys/resource.h>

/* libwebsockets' tables have a place for each possible descriptor; beyond ten million it silently
 * makes them for 2560 only. */
#define DESCRIPTORS_MAX (1024 * 1024)
/* After the last connection: one round for libwebsockets' pipe, one for its timers, one to spare.
 */
#define LWS_ROUNDS 3
#define CLOSING_ROUNDS_MAX 1000

/* --- libwebsockets' context --- */

static void
on_log(int level, const char *line)
{
    size_t len = strlen(line);

    (void)level;
    log_debug("lws", "libwebsockets", log_span("line", (struct span){line, len > 0 ? len - 1 : 0}));
}

static void
bound_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > DESCRIPTORS_MAX) {
        limit.rlim_cur = DESCRIPTORS_MAX;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int
open_context(struct net *net, struct buf *why)
{
    /* Each confirmed sign of life would cost a walk over all connections: heartbeat.c does it. */
    static const lws_retry_bo_t no_retry = {0};
    void *loops[] = {net->loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .foreign_loops = loops,
        .retry_and_idle_policy = &no_retry,
        .alpn = "http/1.1",
        .user = net,
        .timeout_secs = 10,
        .max_http_header_data = 4096, /* all it gets are the handshakes of upgrade.c, */
        .max_http_header_pool = 16,   /* one at a time */
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_VALIDATE_UTF8 |
                   LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
    };
    bool has_failed;

    bound_descriptors();
    /* Most of its errors are a client's; all of them are of use only to who debugs. */
    lws_set_log_level(log_is_on(LOG_DEBUG) ? LLL_ERR | LLL_WARN : 0, on_log);
    net->context = lws_create_context(&info);
    has_failed = !net->context;
    for (int i = 0; net->context && i < WS_BUFFER_COUNT; i++) {
        info.protocols = ws_protocols((enum ws_buffer)i);
        info.vhost_name = ws_vhost_name((enum ws_buffer)i);
        net->vhosts[i] = lws_create_vhost(net->context, &info);
        has_failed |= !net->vhosts[i];
    }
    if (has_failed) {
        buf_append_str(why, "libwebsockets could not be set up: is its libuv support "
                            "(libwebsockets-evlib-uv) installed? the log level debug shows more");
        return HD1_EIO;
    }
    return 0;
}

/* --- public --- */

int
net_new(struct net **out, const struct net_options *options, struct buf *why)
{
    struct net *net = mem_zalloc(sizeof(*net));
    int err;

    net->options = *options;
    net->loop = options->loop;
    net->hub = options->hub;
    net->registry.max = options->connections;
    net->registry.max_per_address = options->connections_per_address;
    uv_timer_init(net->loop, &net->back_off);
    net->back_off.data = net;
    heartbeat_init(net);
    turns_init(net);
    net->open_handles = 3;
    net->sender = options->is_io_uring_used ? sender_open() : NULL;

    err = origins_init(&net->origins, options->origins, options->origin_count, why);
    if (!err)
        err = listeners_open(net, why);
    if (!err)
        err = open_context(net, why);
    if (err) {
        net_free(net);
        net = NULL;
    }
    *out = net;
    return err;
}

void
net_set_hub(struct net *net, struct hub *hub)
{
    net->hub = hub;
}

void
net_start(struct net *net)
{
    accept_start(net);
}

const char *
net_url(const struct net *net, size_t i)
{
    return i < net->listener_count && !net->listeners[i].is_admin ? net->listeners[i].url : NULL;
}

const char *
net_admin_url(const struct net *net)
{
    const struct listener *last = &net->listeners[net->listener_count];

    return net->listener_count > 0 && last[-1].is_admin ? last[-1].url : NULL;
}

size_t
net_connection_count(const struct net *net)
{
    return net->registry.count;
}

void
net_stop_accepting(struct net *net)
{
    listeners_close(net);
}

void
net_stop_reading(struct net *net)
{
    net->is_reading_stopped = true;
    for (size_t i = 0; i < net->registry.count; i++) {
        struct connection *connection = net->registry.at[i];

        if (connection->kind == CONNECTION_HTTP)
            http_stop_reading((struct http *)connection);
        else
            ws_update((struct ws *)connection);
    }
}

void
net_close_sockets(struct net *net)
{
    for (size_t i = 0; i < net->registry.count; i++)
        if (net->registry.at[i]->kind == CONNECTION_WS)
            ws_stop((struct ws *)net->registry.at[i]);
}

/* --- the end --- */

static void
on_handle_closed(uv_handle_t *handle)
{
    struct net *net = handle->data;

    net->open_handles--;
}

/* Closing is what the loop does at the end of a round. */
static void
run_rounds(struct net *net, int rounds)
{
    while (rounds-- > 0)
        uv_run(net->loop, UV_RUN_NOWAIT);
}

static void
cut_connections(struct net *net)
{
    http_free_orphans(net, true);
    for (size_t i = 0; i < net->registry.count; i++)
        if (net->registry.at[i]->kind == CONNECTION_HTTP)
            http_close((struct http *)net->registry.at[i]);
    /* The first call cuts the WebSocket connections, the second frees what closing handles used. */
    lws_context_destroy(net->context);
    for (int i = 0; net->registry.count > 0 && i < CLOSING_ROUNDS_MAX; i++)
        run_rounds(net, 1);
    assert(net->registry.count == 0);
    run_rounds(net, LWS_ROUNDS);
    lws_context_destroy(net->context);
    http_free_orphans(net, true);
}

void
net_free(struct net *net)
{
    if (!net)
        return;
    listeners_close(net);
    uv_timer_stop(&net->sweep);
    if (net->context)
        cut_connections(net);
    uv_close((uv_handle_t *)&net->back_off, on_handle_closed);
    uv_close((uv_handle_t *)&net->sweep, on_handle_closed);
    turns_close(net, on_handle_closed);
    while (net->open_handles > 0)
        run_rounds(net, 1);
    turns_fini(&net->turns);
    sender_close(net->sender);
    listeners_free(net);
    origins_fini(&net->origins);
    registry_fini(&net->registry);
    free(net);
}
