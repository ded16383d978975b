/* A REST request under way: its memory, its ends, and the two ways through the hub. */
#include "net/rest/rest_call.h"

#include "net/rest/rest_body.h"
#include "net/rest/rest_etag.h"
#include "net/rest/rest_state.h"
#include "json/json.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct hub *
rest_hub(const struct rest *rest)
{
    return rest->hub;
}

struct store *
rest_store(const struct rest *rest)
{
    return rest->store;
}

const struct rest_registry *
rest_registry(const struct rest *rest)
{
    return &rest->registry;
}

struct rest_call *
rest_call_new(struct rest *rest, struct request *request)
{
    struct rest_call *call = mem_zalloc(sizeof(*call));

    call->rest = rest;
    call->request = request;
    call->if_version = -1;
    call->next = rest->calls;
    if (call->next)
        call->next->prev = call;
    rest->calls = call;
    refusal_init(&call->refusal);
    return call;
}

static void
call_free(struct rest_call *call)
{
    assert(!call->later);
    if (call->prev)
        call->prev->next = call->next;
    else
        call->rest->calls = call->next;
    if (call->next)
        call->next->prev = call->prev;
    buf_fini(&call->text);
    buf_fini(&call->body);
    refusal_fini(&call->refusal);
    free(call);
}

void
rest_later(struct rest_call *call, rest_call_fn fn)
{
    assert(!call->later);
    call->later = fn;
    call->next_later = NULL;
    *call->rest->later_end = call;
    call->rest->later_end = &call->next_later;
}

void
rest_answer(struct rest_call *call, int status)
{
    if (call->etag[0]) {
        request_set_header(call->request, "etag", call->etag);
        request_set_header(call->request, "cache-control", "no-cache"); /* ask with the tag */
    }
    if (call->body.len > 0 && !call->is_verbatim && call->body.data[call->body.len - 1] != '\n')
        buf_append_char(&call->body, '\n'); /* for people at a terminal */
    request_reply(call->request, status, buf_span(&call->body));
    call_free(call);
}

void
rest_refuse_as(struct rest_call *call, const struct refusal *refusal)
{
    request_refuse(call->request, refusal);
    call_free(call);
}

void
rest_refuse(struct rest_call *call, enum refusal_code code, const char *format, ...)
{
    char message[256];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    refuse(&call->refusal, code, "%s", message);
    rest_refuse_as(call, &call->refusal);
}

/* Sends what a read built. */
static void
send_built(struct rest_call *call)
{
    if (call->refusal.status)
        rest_refuse_as(call, &call->refusal);
    else
        rest_answer(call, call->status);
}

static void
forget_built(struct rest_call *call)
{
    buf_clear(&call->body);
    call->etag[0] = '\0';
    refusal_fini(&call->refusal);
    refusal_init(&call->refusal);
}

static void
on_hold(void *ctx, bool is_kept)
{
    struct rest_call *call = ctx;

    if (is_kept) {
        send_built(call);
        return;
    }
    forget_built(call);
    if (++call->tries < REST_TRIES_MAX)
        rest_later(call, call->again);
    else
        rest_refuse(call, REFUSE_STORAGE_UNAVAILABLE,
                    "what was read could not be stored; try again");
}

void
rest_hold(struct rest_call *call, struct session *session, rest_call_fn again)
{
    call->again = again;
    hub_hold(session, on_hold, call);
}

static void
read_again(struct rest_call *call)
{
    rest_read(call, call->read);
}

static void
on_open(void *ctx, struct session *session, const struct refusal *refusal)
{
    struct rest_call *call = ctx;

    if (!session) {
        rest_refuse_as(call, refusal);
        return;
    }
    call->status = 200;
    call->read(call, session);
    rest_hold(call, session, read_again);
}

void
rest_read(struct rest_call *call, rest_read_fn read)
{
    call->read = read;
    hub_open(rest_hub(call->rest), call->session_id, on_open, call);
}

/* Appends {"index":N} with the members of the details there were. */
static void
append_indexed(struct buf *out, const struct buf *details, size_t index)
{
    static const char *const skip[] = {"index", NULL};
    struct span old;

    buf_appendf(out, "{\"index\":%zu", index);
    if (json_check(buf_span(details), &old, NULL) == 0 && json_type_of(old) == JSON_OBJECT)
        rest_append_members(out, old, skip);
    buf_append_char(out, '}');
}

/* An array's index goes into the details. */
static void
refuse_outcome(struct rest_call *call, const struct outcome *outcome)
{
    struct refusal refusal;

    if (!call->is_array || outcome->refusal->status >= 500) { /* not the fault of one of them */
        rest_refuse_as(call, outcome->refusal);
        return;
    }
    refusal = *outcome->refusal;
    refusal.details = BUF_INIT;
    append_indexed(&refusal.details, &outcome->refusal->details, outcome->refused_index);
    rest_refuse_as(call, &refusal);
    refusal_fini(&refusal);
}

static void
on_outcome(void *ctx, const struct outcome *outcome)
{
    struct rest_call *call = ctx;

    if (outcome->refusal)
        refuse_outcome(call, outcome);
    else
        call->done(call, outcome);
}

void
rest_change_reply(struct rest_call *call, struct span text, hub_reply_fn reply)
{
    struct client *client = request_client(call->request);
    struct message message = {
        .client = client,
        .source = SOURCE_REST,
        .text = text,
        .is_array_allowed = call->is_array,
        .session_id = call->session_id,
        .if_version = call->if_version,
        .if_epoch = call->if_epoch,
        .reply = reply,
        .reply_ctx = call,
    };

    call->is_change = client != NULL;
    if (client)
        hub_receive(rest_hub(call->rest), &message);
    else
        rest_refuse(call, REFUSE_STOPPING, "the connection is gone");
}

void
rest_change(struct rest_call *call, struct buf *text, rest_done_fn done)
{
    struct buf mine = *text; /* the call may be gone before the hub returns */

    *text = BUF_INIT;
    call->done = done;
    rest_change_reply(call, buf_span(&mine), on_outcome);
    buf_fini(&mine);
}

void
rest_done_result(struct rest_call *call, const struct outcome *outcome)
{
    rest_etag(call->etag, outcome->epoch, outcome->version);
    buf_append_span(&call->body, outcome->result);
    rest_answer(call, call->body.len ? 200 : 204);
}

void
rest_done_empty(struct rest_call *call, const struct outcome *outcome)
{
    (void)outcome;
    rest_answer(call, 204);
}
