/* /api/sessions/{session}/events: history, and any event as it is. */
#include "net/rest/rest_body.h"
#include "net/rest/rest_etag.h"
#include "net/rest/rest_page.h"
#include "net/rest/rest_routes.h"

static void
on_history(void *ctx, const struct refusal *refusal, struct span events, size_t count,
           int64_t last_seq, bool is_more)
{
    struct rest_call *call = ctx;

    (void)count;
    if (refusal) {
        rest_refuse_as(call, refusal);
        return;
    }
    buf_append_str(&call->body, "{\"items\":[");
    buf_append_span(&call->body, events);
    buf_append_str(&call->body, "],\"next\":");
    if (is_more)
        buf_append_int(&call->body, last_seq);
    else
        buf_append_str(&call->body, "null");
    buf_append_char(&call->body, '}');
    rest_answer(call, 200);
}

/* History shows committed events only, so nothing is held for it. */
static void
on_open(void *ctx, struct session *session, const struct refusal *refusal)
{
    struct rest_call *call = ctx;

    if (session)
        hub_history(session, call->since, call->count, on_history, call);
    else
        rest_refuse_as(call, refusal);
}

void
rest_events_list(struct rest_call *call)
{
    if (rest_query_int(call, "since", 0, 0, (int64_t)1 << 53, &call->since) &&
        rest_query_limit(call, &call->count))
        hub_open(rest_hub(call->rest), call->session_id, on_open, call);
}

static void
append_seq(struct buf *out, int64_t seq)
{
    if (seq)
        buf_append_int(out, seq);
    else
        buf_append_str(out, "null");
}

static void
done(struct rest_call *call, const struct outcome *outcome)
{
    buf_append_str(&call->body, "{\"first_seq\":");
    append_seq(&call->body, outcome->first_seq);
    buf_append_str(&call->body, ",\"last_seq\":");
    append_seq(&call->body, outcome->last_seq);
    buf_appendf(&call->body, ",\"count\":%zu}", call->count);
    rest_answer(call, 200);
}

void
rest_events_post(struct rest_call *call)
{
    struct buf text = BUF_INIT;

    if (!rest_if_match(call) || !rest_body_events(call))
        return;
    buf_append_span(&text, call->value);
    rest_change(call, &text, done);
}
