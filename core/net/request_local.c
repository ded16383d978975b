/* A request that no connection brought; see request.c for how it is answered. */
#include "net/request_local.h"

#include "err.h"
#include "net/gate.h"
#include "net/guard.h"
#include "net/request_state.h"
#include "net/upgrade.h"

struct request *
request_local_new(struct span head, struct span body, const struct request_local *local)
{
    struct refusal refusal;
    int err;
    struct request *request = request_new(NULL, head, &err);

    if (!request)
        return NULL;
    refusal_init(&refusal);
    err = gate_check_line(request, &refusal);
    refusal_fini(&refusal);
    if (err) {
        request_free(request);
        return NULL;
    }
    request->local = *local;
    if (local->identity.at)
        buf_append_span(&request->identity, local->identity);
    buf_append_span(&request->body, body);
    return request;
}

static struct request *
new_handshake(struct span path, struct span headers, const struct request_local *local)
{
    struct buf head = BUF_INIT;
    struct request *request;

    buf_append_str(&head, "GET ");
    buf_append_span(&head, path);
    buf_append_str(&head, " HTTP/1.1\r\n"
                          "upgrade: websocket\r\n"
                          "connection: Upgrade\r\n"
                          "sec-websocket-version: 13\r\n"
                          "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n");
    buf_append_span(&head, headers);
    buf_append_str(&head, "\r\n");
    request = request_local_new(buf_span(&head), SPAN(""), local);
    buf_fini(&head);
    return request;
}

int
request_local_upgrade(struct span path, struct span headers, const struct request_local *local,
                      struct request_handshake *handshake)
{
    struct request *request = new_handshake(path, headers, local);
    struct refusal refusal;
    int err;

    if (!request) {
        local->answered(local->ctx, 0, SPAN(""), SPAN(""));
        return HD1_EINVAL;
    }
    refusal_init(&refusal);
    err = upgrade_check(request, local->web, &refusal);
    if (!err)
        err = guard_ask(local->web, request, local->address, true, &refusal);
    if (err) {
        request_refuse(request, &refusal);
    } else {
        *handshake = (struct request_handshake){
            .request = request,
            .identity = request->identity.len ? buf_span(&request->identity) : SPAN_NONE,
            .subprotocol = request->subprotocol,
        };
    }
    refusal_fini(&refusal);
    return err;
}

void
request_local_free(struct request *request)
{
    request_free(request);
}
