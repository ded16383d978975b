/* From answers to bytes; and what comes after an answer. */
#include "net/http_state.h"

#include "net/answer.h"
#include "net/net_state.h"
#include "net/request_state.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#define KEEP_ALIVE_S 75 /* an idle connection is kept so long */
#define LINGER_S 2      /* after the last answer we wait so long for the peer to close */
#define KEPT_BYTES 4096 /* a larger output buffer is given back */

static void
start_sending(struct http *http)
{
    struct net *net = http->base.net;

    http->state = HTTP_SENDING;
    http->deadline_s = net_now_s(net) + (uint32_t)net->options.write_timeout_s;
    http_flush(http);
}

/* The answer is out. */
static void
go_on(struct http *http)
{
    struct net *net = http->base.net;

    if (http->is_last) {
        shutdown(http->base.fd, SHUT_WR);
        buf_fini(&http->in);
        http->state = HTTP_LINGER;
        http->deadline_s = net_now_s(net) + LINGER_S;
        return;
    }
    http->state = HTTP_HEAD;
    http->scanned = 0;
    http->has_more = http->in.len > 0;
    http->deadline_s =
        net_now_s(net) + (http->has_more ? (uint32_t)net->options.request_timeout_s : KEEP_ALIVE_S);
    if (!http->has_more)
        buf_fini(&http->in);
}

void
http_flush(struct http *http)
{
    while (http->out_sent < http->out.len) {
        ssize_t sent = send(http->base.fd, http->out.data + http->out_sent,
                            http->out.len - http->out_sent, MSG_NOSIGNAL);

        if (sent >= 0) {
            http->out_sent += (size_t)sent;
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            http_close(http);
            return;
        }
    }
    http->out_sent = 0;
    if (http->out.cap > KEPT_BYTES)
        buf_fini(&http->out);
    else
        buf_clear(&http->out);
    if (http->state == HTTP_SENDING)
        go_on(http);
}

static void
fail_with(struct http *http, const struct refusal *refusal)
{
    request_free(http->request);
    http->request = NULL;
    answer_append_refusal(&http->out, refusal);
    http->is_last = true;
    start_sending(http);
    if (!http->is_reading)
        http_watch(http);
}

void
http_fail(struct http *http, enum refusal_code code, const char *message)
{
    struct refusal refusal;

    refusal_init(&refusal);
    refuse(&refusal, code, "%s", message);
    fail_with(http, &refusal);
    refusal_fini(&refusal);
}

void
http_fail_late(struct http *http)
{
    struct refusal refusal;

    refusal_init(&refusal);
    refuse(&refusal, REFUSE_INVALID_REQUEST, "the request was not whole in time");
    refusal.status = 408;
    snprintf(refusal.code, sizeof(refusal.code), "request_timeout");
    fail_with(http, &refusal);
    refusal_fini(&refusal);
}

void
http_answer(struct http *http, struct request *request, int status, struct span body)
{
    assert(http->request == request);
    http->request = NULL;
    if (http->state == HTTP_CLOSED)
        return;
    assert(http->state == HTTP_PENDING);
    request->is_last |= http->base.net->is_reading_stopped;
    http->is_last = request->is_last;
    answer_append(&http->out, request, status, body);
    start_sending(http);
    if (!http->is_reading)
        http_watch(http);
}
