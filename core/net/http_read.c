/* From bytes to requests: head, gate, body, handler. */
#include "net/http_state.h"

#include "err.h"
#include "net/answer.h"
#include "net/gate.h"
#include "net/net_state.h"
#include "net/upgrade.h"

#include <assert.h>

#define REQUESTS_PER_ROUND 16 /* pipelined ones, before others get their turn */

static void
refuse_request(struct http *http, const struct refusal *refusal)
{
    struct request *request = http->request;

    http->state = HTTP_PENDING;
    request_refuse(request, refusal);
}

/* Lets go of the socket; part() in http.c goes on. */
static void
start_upgrade(struct http *http)
{
    http_let_go(http);
}

static void
dispatch(struct http *http)
{
    struct request *request = http->request;
    const struct net_options *options = &http->base.net->options;

    http->state = HTTP_PENDING;
    if (answer_is_preflight(request)) {
        answer_preflight(request);
        request_reply(request, 204, SPAN_NONE);
        return;
    }
    options->handle(options->handle_ctx, request);
}

static void
pass_gate(struct http *http)
{
    static const struct origins none; /* no other site's page may administer */
    struct net *net = http->base.net;
    bool is_admin = http->request->is_admin;
    struct gate gate = {is_admin ? &none : &net->origins, net->options.body_bytes};
    struct refusal refusal;

    refusal_init(&refusal);
    if (gate_check(&gate, http->request, &refusal)) {
        refuse_request(http, &refusal);
    } else if (!upgrade_is_meant(http->request)) {
        http->state = HTTP_BODY;
    } else if (is_admin) {
        http->request->is_last = true;
        refuse(&refusal, REFUSE_NOT_FOUND, "WebSocket is not spoken where one administers");
        refuse_request(http, &refusal);
    } else if (upgrade_check(http->request, net->options.web, &refusal)) {
        refuse_request(http, &refusal);
    } else if (http_admit(http, http->request, true, &refusal)) {
        http->request->is_last = true; /* what comes behind may be frames */
        refuse_request(http, &refusal);
    } else {
        start_upgrade(http);
    }
    refusal_fini(&refusal);
}

/* Empty lines before a request are left over from careless clients (RFC 9112, 2.2). */
static void
skip_empty_lines(struct buf *in)
{
    size_t n = 0;

    while (in->len - n >= 2 && in->data[n] == '\r' && in->data[n + 1] == '\n')
        n += 2;
    if (n > 0)
        buf_consume(in, n);
}

static void
read_head(struct http *http)
{
    size_t limit = http->base.net->options.header_bytes;
    long len;
    int err = 0;

    if (http->scanned == 0) {
        skip_empty_lines(&http->in);
        if (http->in.len == 1 && http->in.data[0] == '\r')
            return;
    }
    len = http->in.len ? head_length(http->in.data, http->in.len, &http->scanned) : 0;
    if ((len == 0 && http->in.len > limit) || (len > 0 && (size_t)len > limit)) {
        http_fail(http, REFUSE_HEADERS_TOO_LARGE, "the headers are too long");
        return;
    }
    if (len > 0) {
        http->request = request_new(http, (struct span){http->in.data, (size_t)len}, &err);
        http->scanned = 0;
    }
    if (len < 0 || err == HD1_ESYNTAX) {
        http_fail(http, REFUSE_INVALID_REQUEST, "this is no valid HTTP/1.1 request");
    } else if (err == HD1_EVERSION) {
        http_fail(http, REFUSE_INVALID_REQUEST, "only HTTP/1.1 is spoken here");
    } else if (err) {
        http_fail(http, REFUSE_HEADERS_TOO_LARGE, "there are too many headers");
    } else if (len > 0) {
        buf_consume(&http->in, (size_t)len);
        http->request->is_admin = http->base.is_admin;
        pass_gate(http);
    }
}

static void
read_body(struct http *http)
{
    struct request *request = http->request;
    size_t missing = request->content_length - request->body.len;
    size_t got = http->in.len < missing ? http->in.len : missing;

    if (got > 0) {
        buf_append(&request->body, http->in.data, got);
        buf_consume(&http->in, got);
    }
    if (got == missing) {
        dispatch(http);
    } else if (request->expects_continue) {
        request->expects_continue = false;
        buf_append_str(&http->out, "HTTP/1.1 100 Continue\r\n\r\n");
        http_flush(http);
    }
}

void
http_read(struct http *http)
{
    assert(!http->is_reading);
    http->is_reading = true;
    http->has_more = false;
    for (int i = 0; i < REQUESTS_PER_ROUND; i++) {
        if (http->state == HTTP_HEAD)
            read_head(http);
        if (http->state == HTTP_BODY)
            read_body(http);
        /* Only an answer that was given at once leads back here with has_more. */
        if (http->state != HTTP_HEAD || !http->has_more)
            break;
        http->has_more = i + 1 == REQUESTS_PER_ROUND;
    }
    http->is_reading = false;
    http_watch(http);
}
