/* The inside of struct net, for the files of net/. */
#ifndef HD1_NET_NET_STATE_H
#define HD1_NET_NET_STATE_H

#include "net/connection.h"
#include "net/net.h"
#include "net/origin.h"
#include "net/turn.h"
#include "net/ws.h"

struct http;
struct listener;
struct lws_context;
struct lws_vhost;
struct sender;

/* Why a connection was cut. */
enum cut_reason {
    CUT_STALLED, /* it took no byte for write_timeout_s */
    CUT_SILENT,  /* nothing came for read_timeout_s */
    CUT_REASON_COUNT
};
const char *cut_reason_text(enum cut_reason reason);

#define NET_SCRATCH_BYTES (64 * 1024)

struct net {
    struct net_options options; /* listen and origins are not kept here */
    uv_loop_t *loop;
    struct hub *hub;
    struct origins origins;
    struct registry registry;

    struct listener *listeners;
    size_t listener_count;
    uv_timer_t back_off; /* out of descriptors: accept again when it fires */
    int64_t warned_ms;   /* when that was last logged */

    struct lws_context *context;
    struct lws_vhost *vhosts[WS_BUFFER_COUNT];
    size_t large_buffers;  /* of WebSockets that have one */
    struct sender *sender; /* NULL: each send is a system call */
    struct ws *adopting;   /* its socket is just being handed to libwebsockets */

    struct turns turns;
    struct http *orphans; /* HTTP connections that ended before their request was answered */
    bool is_reading_stopped;
    uv_timer_t sweep; /* heartbeat.c */
    int64_t cuts[CUT_REASON_COUNT];
    int64_t bytes_in; /* of HTTP as it is, of WebSocket messages without their frames */
    int open_handles; /* timers and listeners */
    char scratch[NET_SCRATCH_BYTES]; /* what is read from a socket passes here */
};

/*
 * Whole seconds on the loop's clock: more than N of them between two readings are N seconds at
 * least.
 */
static inline uint32_t
net_now_s(const struct net *net)
{
    return (uint32_t)(uv_now(net->loop) / 1000);
}

#endif
