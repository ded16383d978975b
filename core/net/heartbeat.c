/* The sliced sweep over all connections: pings, deadlines, peers that are gone. */
#include "net/heartbeat.h"

#include "log.h"
#include "net/http.h"
#include "net/ws_state.h"

#include <libwebsockets.h>

#define SLICE_MS 100
#define SLICES 10

/* Without a close frame, which would not get through. */
static void
cut(struct ws *ws, enum cut_reason reason)
{
    ws->base.net->cuts[reason]++;
    log_debug("net", "connection cut", log_str("address", ws->base.address),
              log_str("why", cut_reason_text(reason)));
    ws_kill(ws);
}

/* A peer that neither takes our bytes nor lives. True if it was cut. */
static bool
cut_if_stuck(struct ws *ws, uint32_t now_s)
{
    struct ws_busy *busy;
    uint64_t progress;

    if (!lws_partial_buffered(ws->wsi)) {
        if (ws->busy) {
            ws->busy->is_stuck = false;
            ws_settle(ws);
        }
        return false;
    }
    busy = ws_need_busy(ws);
    progress = socket_progress(ws->base.fd);
    if (!busy->is_stuck || progress != busy->progress) {
        busy->is_stuck = true;
        busy->progress = progress;
        busy->progress_s = now_s;
    }
    /* libwebsockets would spin on the end of input for as long as output waits. */
    if (socket_is_at_end(ws->base.fd)) {
        ws_kill(ws);
        return true;
    }
    if (now_s - busy->progress_s > (uint32_t)ws->base.net->options.write_timeout_s) {
        cut(ws, CUT_STALLED);
        return true;
    }
    return false;
}

static void
ping(struct ws *ws, uint32_t now_s)
{
    /* One byte, for libwebsockets does not tell us of an empty pong. */
    static unsigned char frame[] = {0x89, 0x01, '.'};

    ws->pinged_s = now_s;
    if (lws_write(ws->wsi, frame, sizeof(frame), LWS_WRITE_RAW) < 0)
        ws_kill(ws);
}

void
ws_sweep(struct ws *ws, uint32_t now_s)
{
    const struct net_options *options = &ws->base.net->options;

    if (!ws->wsi || ws->is_dead || cut_if_stuck(ws, now_s))
        return;
    if (ws->is_closing) {
        if (ws->deadline_s && now_s > ws->deadline_s)
            ws_kill(ws);
        return;
    }
    if (ws->is_paused || ws->base.net->is_reading_stopped)
        ws->received_s = now_s; /* we are not listening */
    else if (now_s - ws->received_s > (uint32_t)options->read_timeout_s)
        cut(ws, CUT_SILENT);
    else if (now_s - ws->received_s > (uint32_t)options->ping_s &&
             now_s - ws->pinged_s > (uint32_t)options->ping_s && !lws_partial_buffered(ws->wsi))
        ping(ws, now_s);
}

static void
on_slice(uv_timer_t *timer)
{
    struct net *net = timer->data;
    struct registry *registry = &net->registry;
    size_t left = (registry->count + SLICES - 1) / SLICES;
    uint32_t now_s = net_now_s(net);

    http_free_orphans(net, false);
    for (; left > 0 && registry->count > 0; left--) {
        struct connection *connection;

        if (registry->next >= registry->count)
            registry->next = 0;
        connection = registry->at[registry->next++];
        if (connection->kind == CONNECTION_HTTP)
            http_sweep((struct http *)connection, now_s);
        else
            ws_sweep((struct ws *)connection, now_s);
    }
    if (registry->count == 0 && !net->orphans)
        uv_timer_stop(timer);
}

void
heartbeat_init(struct net *net)
{
    uv_timer_init(net->loop, &net->sweep);
    net->sweep.data = net;
}

void
heartbeat_start(struct net *net)
{
    if (!uv_is_active((uv_handle_t *)&net->sweep))
        uv_timer_start(&net->sweep, on_slice, SLICE_MS, SLICE_MS);
}
