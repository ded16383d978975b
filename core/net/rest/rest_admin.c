/* /api/admin: what the operator asks of a running server. By the listener for administration only.
 */
#include "net/rest/rest_routes.h"

static const char endpoints[] =
    "{\"items\":["
    "{\"method\":\"POST\",\"path\":\"/api/admin/reload\",\"doc\":\"reads the configuration "
    "again and puts new plugins in place of those that run; ?discard_state=true: without their "
    "state\"},"
    "{\"method\":\"GET\",\"path\":\"/healthz\",\"doc\":\"does the process run\"},"
    "{\"method\":\"GET\",\"path\":\"/readyz\",\"doc\":\"can it store\"},"
    "{\"method\":\"GET\",\"path\":\"/metrics\",\"doc\":\"figures, for Prometheus\"}"
    "],\"next\":null}";

void
rest_admin(struct rest_call *call)
{
    buf_append_str(&call->body, endpoints);
    rest_answer(call, 200);
}

static void
on_reloaded(void *ctx, const struct refusal *refusal, struct span detail)
{
    struct rest_call *call = ctx;

    if (refusal) {
        rest_refuse_as(call, refusal);
        return;
    }
    buf_append_span(&call->body, detail);
    rest_answer(call, 200);
}

void
rest_admin_reload(struct rest_call *call)
{
    const struct rest_registry *registry = rest_registry(call->rest);
    struct span discard;

    if (!request_query(call->request, "discard_state", &discard))
        discard = SPAN("false");
    if (!span_is(discard, "true") && !span_is(discard, "false"))
        rest_refuse(call, REFUSE_INVALID_REQUEST, "discard_state is true or false");
    else if (!registry->reload)
        rest_refuse(call, REFUSE_NOT_FOUND, "this server cannot reload");
    else
        registry->reload(registry->ctx, span_is(discard, "false"), on_reloaded, call);
}
