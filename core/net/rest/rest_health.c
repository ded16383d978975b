/* Is it alive, is it ready, and what can one try: for probes and for people. */
#include "net/rest/rest_routes.h"

static const char front_page[] =
    "HD1 " HD1_VERSION ", a server for shared virtual worlds.\n"
    "\n"
    "WebSocket   /ws and /ws/{session}, subprotocol hd1.v1\n"
    "\n"
    "GET         /healthz   /readyz   /metrics\n"
    "GET         /api/event-types   /api/scripts   /api/plugins\n"
    "GET POST    /api/sessions\n"
    "GET DELETE  /api/sessions/{session}\n"
    "GET         /api/sessions/{session}/clients\n"
    "POST        /api/sessions/{session}/script\n"
    "GET PUT PATCH           /api/sessions/{session}/world\n"
    "GET POST                /api/sessions/{session}/objects\n"
    "GET PUT PATCH DELETE    /api/sessions/{session}/objects/{name}\n"
    "GET PUT                 /api/sessions/{session}/camera/position\n"
    "POST                    /api/sessions/{session}/camera/orbit\n"
    "GET POST                /api/sessions/{session}/events\n"
    "\n"
    "Try:\n"
    "  curl -X POST HOST/api/sessions -d '{\"id\":\"demo\"}' -H content-type:application/json\n"
    "  curl -X POST HOST/api/sessions/demo/objects -H content-type:application/json \\\n"
    "       -d '{\"name\":\"box\",\"type\":\"cube\",\"y\":1}'\n"
    "  curl HOST/api/sessions/demo/objects\n";

void
rest_front_page(struct rest_call *call)
{
    request_set_header(call->request, "content-type", "text/plain; charset=utf-8");
    buf_append_str(&call->body, front_page);
    rest_answer(call, 200);
}

void
rest_healthz(struct rest_call *call)
{
    buf_append_str(&call->body, "{\"status\":\"ok\"}");
    rest_answer(call, 200);
}

void
rest_metrics(struct rest_call *call)
{
    const struct rest_registry *registry = rest_registry(call->rest);

    request_set_header(call->request, "content-type", "text/plain; version=0.0.4; charset=utf-8");
    if (registry->append_metrics)
        registry->append_metrics(registry->ctx, &call->body);
    rest_answer(call, 200);
}

void
rest_readyz(struct rest_call *call)
{
    const struct rest_registry *registry = rest_registry(call->rest);
    bool is_ready = !registry->is_ready || registry->is_ready(registry->ctx, &call->body);

    if (call->body.len == 0)
        buf_append_str(&call->body, is_ready ? "{\"status\":\"ok\"}" : "{\"status\":\"unready\"}");
    rest_answer(call, is_ready ? 200 : 503);
}
