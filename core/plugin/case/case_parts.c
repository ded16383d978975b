/* The parts of a case file that say what the call was made with. */
#include "plugin/case/case_parts.h"

#include "hub/client.h"
#include "hub/event.h"
#include "hub/hooks.h"
#include "plugin/case/case_text.h"
#include "plugin/plugin_state.h"

#include <stdio.h>

static void
append_event(struct buf *out, const struct plugin *plugin, const struct hook_call *now)
{
    const struct event *event = now->event;

    (void)plugin;
    if (!event)
        return;
    buf_append_char(out, '{');
    case_append_text(out, "type", span_of(event->type->name));
    case_append_json(out, "data", event->data);
    case_append_text(out, "source", span_of(source_text(event->source)));
    case_append_int(out, "id", event->id);
    case_append_int(out, "seq", event->seq);
    case_append_int(out, "time_ms", event->time_ms);
    buf_append_char(out, '}');
}

static void
append_message(struct buf *out, const struct plugin *plugin, const struct hook_call *now)
{
    const struct message_facts *facts = now->facts;

    (void)plugin;
    if (!facts)
        return;
    buf_append_char(out, '{');
    case_append_text(out, "type", facts->type);
    case_append_text(out, "session_id", facts->session_id);
    case_append_int(out, "bytes", (int64_t)facts->bytes);
    case_append_int(out, "count", (int64_t)facts->count);
    case_append_text(out, "source", span_of(source_text(facts->source)));
    buf_append_char(out, '}');
}

static void
append_client(struct buf *out, const struct plugin *plugin, const struct hook_call *now)
{
    (void)plugin;
    if (now->client)
        case_append_client(out, now->client);
}

static void
append_session(struct buf *out, const struct plugin *plugin, const struct hook_call *now)
{
    const struct session *session = now->event ? now->event->session : now->session;

    (void)plugin;
    if (session)
        buf_appendf(out, "\"%s\"", session_id(session));
}

static void
append_tick(struct buf *out, const struct plugin *plugin, const struct hook_call *now)
{
    (void)plugin;
    if (now->tick)
        buf_appendf(out, "{\"number\":%lld,\"dt\":%.17g}", (long long)now->tick->number,
                    now->tick->dt_s);
}

static void
append_restore(struct buf *out, const struct plugin *plugin, const struct hook_call *now)
{
    (void)plugin;
    if (now->moment != RESTORE)
        return;
    buf_append_char(out, '{');
    case_append_json(out, "state", buf_span(&now->handover->state));
    case_append_text(out, "old_version", span_of(now->handover->old_version));
    buf_append_char(out, '}');
}

/* --- requests: what proves who somebody is is masked --- */

static void
append_pair(struct buf *out, struct buf *masked, struct span name, struct span value)
{
    char key[128];

    snprintf(key, sizeof(key), "%.*s", (int)(name.len < 127 ? name.len : 127), name.at);
    if (!case_is_secret(name)) {
        case_append_text(out, key, value);
        return;
    }
    case_append_masked(out, key, value);
    case_append_text(masked, key, SPAN("masked"));
}

static void
append_headers(struct buf *out, struct buf *masked, const struct web_request *request)
{
    struct buf headers = BUF_INIT;
    struct span name, value;
    size_t pos = 0;

    buf_append_char(&headers, '{');
    while (request->next_header(request->ctx, &pos, &name, &value))
        append_pair(&headers, masked, name, value);
    buf_append_char(&headers, '}');
    case_append_json(out, "headers", buf_span(&headers));
    buf_fini(&headers);
}

/* A list of objects with one member each: keys may come twice, and their order counts. */
static void
append_query(struct buf *out, struct buf *masked, const struct web_request *request)
{
    struct buf query = BUF_INIT;
    struct span name, value;
    size_t pos = 0;

    buf_append_char(&query, '[');
    while (request->next_query(request->ctx, &pos, &name, &value)) {
        buf_append_str(&query, query.len > 1 ? ",{" : "{");
        append_pair(&query, masked, name, value);
        buf_append_char(&query, '}');
    }
    buf_append_char(&query, ']');
    case_append_json(out, "query", buf_span(&query));
    buf_fini(&query);
}

static void
append_request(struct buf *out, const struct plugin *plugin, const struct hook_call *now)
{
    const struct web_request *request = now->request;
    struct buf masked = BUF_INIT;

    (void)plugin;
    if (!request)
        return;
    buf_append_char(&masked, '{');
    buf_append_char(out, '{');
    case_append_text(out, "kind", span_of(request->is_websocket ? "websocket" : "rest"));
    case_append_text(out, "method", span_of(method_text(request->method)));
    case_append_text(out, "path", request->path);
    case_append_text(out, "address", span_of(request->address));
    if (request->origin.at)
        case_append_text(out, "origin", request->origin);
    if (request->token.at)
        append_pair(out, &masked, SPAN("token"), request->token);
    case_append_json(out, "identity", request->identity);
    append_headers(out, &masked, request);
    append_query(out, &masked, request);
    if (request->body.len <= CASE_BODY_MAX)
        case_append_bytes(out, "body", request->body);
    buf_append_char(&masked, '}');
    case_append_json(out, "masked", masked.len > 2 ? buf_span(&masked) : SPAN_NONE);
    buf_append_char(out, '}');
    buf_fini(&masked);
}

const struct case_part case_arguments[] = {
    {"client", append_client},
    {"session", append_session},
    {"message", append_message},
    {"event", append_event},
    {"tick", append_tick},
    {"restore", append_restore},
    {"request", append_request},
    {"socket", case_append_socket},
    {"timer", case_append_timer},
    {"open", case_append_open},
    {NULL, NULL},
};
