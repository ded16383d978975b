/* Asking who that is. */
#include "net/guard.h"

#include "err.h"
#include "net/net_state.h"

int
guard_ask(const struct web_hooks *web, struct request *request, const char *address,
          bool is_websocket, struct refusal *refusal)
{
    struct buf headers = BUF_INIT;
    struct web_request seen;
    enum verdict verdict;

    if (!web || !web->before_connect)
        return 0;
    request_web_from(request, address, &seen);
    seen.is_websocket = is_websocket;
    verdict = web->before_connect(web->ctx, &seen, &request->identity, refusal, &headers);
    if (verdict != VERDICT_PASS)
        request_set_headers(request, buf_span(&headers));
    buf_fini(&headers);
    return verdict == VERDICT_PASS ? 0 : HD1_EINVAL;
}

int
guard_check(struct net *net, struct request *request, const char *address, bool is_websocket,
            struct refusal *refusal)
{
    if (request->is_admin) /* no plugin locks out who would replace it */
        return 0;
    if (guard_ask(net->options.web, request, address, is_websocket, refusal))
        return HD1_EINVAL;
    if (net->options.is_anonymous_refused && request->identity.len == 0) {
        refuse(refusal, REFUSE_UNAUTHENTICATED, "say who you are: this server knows its visitors");
        request_set_header(request, "www-authenticate", "Bearer");
        return HD1_EINVAL;
    }
    return 0;
}
