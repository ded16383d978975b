/* The life of an HTTP connection: where a client's bytes first appear. */
#include "net/http_state.h"

#include "err.h"
#include "hub/hub.h"
#include "net/guard.h"
#include "net/listener.h"
#include "net/net_state.h"
#include "net/request_state.h"
#include "net/ws.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define HALF_CLOSED_S 2 /* a peer that sends no more waits so long for its answer */

static void on_event(uv_poll_t *poll, int status, int events);
static void on_readable(struct http *http);

/* --- closing --- */

static void
destroy(struct http *http)
{
    if (http->client)
        hub_disconnect(http->base.net->hub, http->client);
    buf_fini(&http->in);
    buf_fini(&http->out);
    free(http);
}

/* Nothing polls the descriptor any more, so it may go elsewhere. */
static void
part(struct http *http)
{
    struct net *net = http->base.net;

    if (http->state == HTTP_UPGRADING) {
        ws_adopt(&http->base, http->request, buf_span(&http->in));
        destroy(http);
        return;
    }
    close(http->base.fd);
    registry_remove(&net->registry, &http->base);
    if (http->request) {
        http->next = net->orphans;
        net->orphans = http;
        return;
    }
    destroy(http);
}

static void
on_closed(uv_handle_t *handle)
{
    part(handle->data);
}

void
http_close(struct http *http)
{
    enum http_state before = http->state;

    if (before == HTTP_CLOSED)
        return;
    http->state = HTTP_CLOSED;
    if (before == HTTP_BODY || before == HTTP_UPGRADING) {
        request_free(http->request);
        http->request = NULL;
    }
    if (before != HTTP_UPGRADING && http->has_poll) /* else http_open() parts from it */
        uv_close((uv_handle_t *)&http->poll, on_closed);
}

void
http_let_go(struct http *http)
{
    http->state = HTTP_UPGRADING;
    if (http->has_poll)
        uv_close((uv_handle_t *)&http->poll, on_closed);
}

void
http_free_orphans(struct net *net, bool is_final)
{
    struct http **at = &net->orphans;

    while (*at) {
        struct http *http = *at;

        if (http->request && !is_final) {
            at = &http->next;
            continue;
        }
        if (http->request)
            http->request->http = NULL;
        *at = http->next;
        destroy(http);
    }
}

/* --- opening --- */

/* What came with the connection is read; whoever is still here stays. */
static void
start_polling(struct http *http)
{
    bool is_here = http->state != HTTP_UPGRADING && http->state != HTTP_CLOSED;

    if (is_here && uv_poll_init(http->base.net->loop, &http->poll, http->base.fd) == 0) {
        http->has_poll = true;
        http_watch(http);
        return;
    }
    if (is_here)
        http_close(http);
    part(http);
}

int
http_open(const struct listener *listener, int fd, const char *address)
{
    struct net *net = listener->net;
    struct http *http = mem_zalloc(sizeof(*http));
    bool is_limited = listener->address.ss_family != AF_UNIX && !listener->is_admin;

    http->base.net = net;
    http->base.fd = fd;
    http->base.kind = CONNECTION_HTTP;
    http->base.is_admin = listener->is_admin;
    if (registry_add(&net->registry, &http->base, address, is_limited)) {
        free(http);
        return HD1_EFULL;
    }
    http->poll.data = http;
    http->state = HTTP_HEAD;
    http->deadline_s = net_now_s(net) + (uint32_t)net->options.request_timeout_s;
    /* The request is mostly here with the connection, and a handshake then needs no poll handle,
     * which is five system calls. */
    on_readable(http);
    start_polling(http);
    return 0;
}

static bool
is_client_of(const struct client *client, struct span identity)
{
    struct span own = client_identity(client);

    return !own.at == !identity.at && span_eq(own, identity);
}

struct client *
http_client(struct http *http, struct span identity)
{
    bool is_other = http->client && !is_client_of(http->client, identity);

    if (http->state == HTTP_CLOSED) /* its address is gone with its place in the registry */
        return is_other ? NULL : http->client;
    if (is_other) {
        hub_disconnect(http->base.net->hub, http->client);
        http->client = NULL;
    }
    if (!http->client) {
        struct hub_connection connection = {
            .kind = CLIENT_REST,
            .address = http->base.address,
            .path_session = SPAN_NONE,
            .identity = identity,
        };

        http->client = hub_connect(http->base.net->hub, &connection);
    }
    return http->client;
}

int
http_admit(struct http *http, struct request *request, bool is_websocket, struct refusal *refusal)
{
    return guard_check(http->base.net, request, http->base.address, is_websocket, refusal);
}

/* --- events --- */

static int
wanted_events(const struct http *http)
{
    int events = http->out.len > http->out_sent ? UV_WRITABLE : 0;

    switch (http->state) {
    case HTTP_HEAD:
        /* What was pipelined is looked at in a round of its own, and no more is read before. */
        return events | (http->has_more ? UV_WRITABLE : UV_READABLE);
    case HTTP_BODY:
        return events | UV_READABLE;
    case HTTP_PENDING:
        return events | (http->is_half_closed ? 0 : UV_DISCONNECT);
    case HTTP_LINGER:
        return UV_READABLE;
    case HTTP_SENDING:
    case HTTP_UPGRADING:
    case HTTP_CLOSED:
        break;
    }
    return events;
}

void
http_watch(struct http *http)
{
    int events = wanted_events(http);

    if (!http->has_poll || http->state == HTTP_CLOSED || http->state == HTTP_UPGRADING ||
        events == http->watched)
        return;
    http->watched = events;
    if (events == 0)
        uv_poll_stop(&http->poll);
    else if (uv_poll_start(&http->poll, events, on_event))
        http_close(http);
}

void
http_stop_reading(struct http *http)
{
    if (http->state == HTTP_HEAD || http->state == HTTP_BODY)
        http_close(http);
}

static void
on_readable(struct http *http)
{
    struct net *net = http->base.net;
    ssize_t got = recv(http->base.fd, net->scratch, sizeof(net->scratch), 0);

    if (got < 0) {
        if (errno != EAGAIN && errno != EINTR)
            http_close(http);
        return;
    }
    if (got == 0) {
        http_close(http);
        return;
    }
    net->bytes_in += got;
    if (http->state == HTTP_LINGER)
        return;
    if (http->state == HTTP_HEAD && http->in.len == 0)
        http->deadline_s = net_now_s(net) + (uint32_t)net->options.request_timeout_s;
    buf_append(&http->in, net->scratch, (size_t)got);
    http_read(http);
}

static void
on_event(uv_poll_t *poll, int status, int events)
{
    struct http *http = poll->data;

    if (status < 0) {
        http_close(http);
        return;
    }
    if (events & UV_WRITABLE)
        http_flush(http);
    if (turn_http_is_over(http->base.net)) {
        http_watch(http); /* what is there to be read stays there */
        return;
    }
    if ((events & UV_WRITABLE) && http->state == HTTP_HEAD && http->has_more)
        http_read(http);
    if ((events & UV_READABLE) && (wanted_events(http) & UV_READABLE))
        on_readable(http);
    if (http->state == HTTP_PENDING && (events & UV_DISCONNECT)) {
        http->is_half_closed = true;
        http->deadline_s = net_now_s(http->base.net) + HALF_CLOSED_S;
    }
    http_watch(http);
}

/* --- deadlines --- */

static bool
stands_still(struct http *http, uint32_t now_s)
{
    uint64_t progress = socket_progress(http->base.fd);

    if (progress != http->progress) {
        http->progress = progress;
        http->deadline_s = now_s + (uint32_t)http->base.net->options.write_timeout_s;
    }
    return now_s > http->deadline_s;
}

void
http_sweep(struct http *http, uint32_t now_s)
{
    bool is_late = now_s > http->deadline_s;

    switch (http->state) {
    case HTTP_HEAD:
    case HTTP_BODY:
        if (is_late && http->state == HTTP_HEAD && http->in.len == 0)
            http_close(http);
        else if (is_late)
            http_fail_late(http);
        break;
    case HTTP_PENDING:
        if (http->is_half_closed && is_late)
            http_close(http);
        break;
    case HTTP_SENDING:
        if (stands_still(http, now_s))
            http_close(http);
        break;
    case HTTP_LINGER:
        if (is_late)
            http_close(http);
        break;
    case HTTP_UPGRADING:
    case HTTP_CLOSED:
        break;
    }
}
