/* Routes of plugins, under /api/x/: charged, called, held until what they told of, and what they
 * emitted, is on disk. */
#include "hub/web.h"
#include "net/rest/rest_routes.h"

static bool
is_change(enum method method)
{
    return method != METHOD_GET && method != METHOD_HEAD;
}

/* Before_message for what may change something, as everywhere. */
static bool
may_call(struct rest_call *call, const struct web_request *seen)
{
    struct message_facts facts = {.type = SPAN("route"),
                                  .session_id = SPAN_NONE,
                                  .bytes = seen->body.len,
                                  .count = 1,
                                  .source = SOURCE_REST};

    return !is_change(seen->method) ||
           hub_charge(rest_hub(call->rest), seen->client, &facts, &call->refusal);
}

static void
on_hold(void *ctx, bool is_kept)
{
    struct rest_call *call = ctx;

    if (is_kept)
        rest_answer(call, call->status);
    else
        rest_refuse(call, REFUSE_STORAGE_UNAVAILABLE,
                    "what this tells of could not be stored; try again");
}

static void
run(struct rest_call *call, const struct web_match *match, const struct web_request *seen)
{
    const struct web_hooks *web = rest_registry(call->rest)->web;
    struct web_answer answer = {0};
    bool is_answered = web->call_route(web->ctx, match, seen, &answer, &call->refusal);

    request_set_headers(call->request, buf_span(&answer.headers));
    if (is_answered) {
        call->status = answer.status;
        call->is_verbatim = answer.is_text;
        buf_append_span(&call->body, buf_span(&answer.body));
        basis_hold(rest_hub(call->rest), answer.basis, on_hold, call);
    } else {
        rest_refuse_as(call, &call->refusal);
    }
    web_answer_fini(&answer);
}

void
rest_plugin(struct rest_call *call)
{
    const struct web_hooks *web = rest_registry(call->rest)->web;
    enum method method = request_method(call->request);
    struct web_match match = {0};
    struct web_request seen;

    if (web && web->find_route)
        web->find_route(web->ctx, method == METHOD_HEAD ? METHOD_GET : method,
                        request_path(call->request), &match);
    if (!match.route) {
        rest_no_route(call, match.allowed);
        return;
    }
    request_web(call->request, &seen);
    if (!seen.client)
        rest_refuse(call, REFUSE_STOPPING, "the connection is gone");
    else if (!may_call(call, &seen))
        rest_refuse_as(call, &call->refusal);
    else
        run(call, &match, &seen);
}
