/* The check of WebSocket handshakes. */
#include "net/upgrade.h"

#include "err.h"
#include "idgen.h"

#define KEY_CHARS 24 /* 16 bytes in base64 */

static bool
has_prefix(struct span text, struct span prefix)
{
    return text.len >= prefix.len && memcmp(text.at, prefix.at, prefix.len) == 0;
}

bool
upgrade_is_meant(const struct request *request)
{
    return head_count(&request->head, "upgrade") > 0 || span_is(request->path, "/ws") ||
           has_prefix(request->path, SPAN("/ws/"));
}

struct span
upgrade_session(const struct request *request)
{
    struct span path = request->path;

    if (!has_prefix(path, SPAN("/ws/")))
        return SPAN_NONE;
    return (struct span){path.at + 4, path.len - 4};
}

/* 21 free characters, one of the four with only two bits in it, and two of padding. */
static bool
is_key(struct span key)
{
    if (key.len != KEY_CHARS || key.at[22] != '=' || key.at[23] != '=')
        return false;
    for (size_t i = 0; i < 22; i++) {
        char c = key.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '+' || c == '/'))
            return false;
    }
    return memchr("AQgw", key.at[21], 4) != NULL;
}

static int
check_path(struct request *request, const struct web_hooks *web, struct refusal *refusal)
{
    struct span id = upgrade_session(request);

    request->subprotocol = UPGRADE_PROTOCOL;
    request->is_socket = has_prefix(request->path, SPAN("/ws/x/"));
    if (request->is_socket && web && web->find_socket &&
        web->find_socket(web->ctx, request->path, &request->subprotocol))
        return 0;
    if (request->is_socket) {
        refuse(refusal, REFUSE_NOT_FOUND, "no plugin has a WebSocket at this path");
        return HD1_EINVAL;
    }
    if (!id.at && !span_is(request->path, "/ws")) {
        refuse(refusal, REFUSE_NOT_FOUND, "WebSocket is at /ws and /ws/{session_id}");
        return HD1_EINVAL;
    }
    if (id.at && !id_is_valid(id)) {
        refuse(refusal, REFUSE_INVALID_REQUEST, "this is no session id");
        return HD1_EINVAL;
    }
    return 0;
}

/* The endpoint's one subprotocol is echoed to who asked for it; lent text becomes the request's. */
static int
check_protocols(struct request *request, struct refusal *refusal)
{
    const struct head *head = &request->head;
    const char *own = request->subprotocol;

    request->subprotocol = NULL;
    if (head_count(head, "sec-websocket-protocol") == 0)
        return 0;
    if (!own || !head_has_token(head, "sec-websocket-protocol", own)) {
        refuse(refusal, REFUSE_INVALID_REQUEST, "%s%s",
               own ? "the only subprotocol is " : "there is no subprotocol here", own ? own : "");
        return HD1_EINVAL;
    }
    request->subprotocol = arena_copy(&request->arena, span_of(own)).at;
    return 0;
}

int
upgrade_check(struct request *request, const struct web_hooks *web, struct refusal *refusal)
{
    const struct head *head = &request->head;

    request->is_last |= request->content_length > 0;
    if (head_count(head, "upgrade") == 0) {
        refuse(refusal, REFUSE_INVALID_REQUEST, "this path is for WebSocket: Upgrade is missing");
        return HD1_EINVAL;
    }
    if (head_count(head, "upgrade") > 1 || !head_has_token(head, "upgrade", "websocket") ||
        memchr(head_get(head, "upgrade").at, ',', head_get(head, "upgrade").len)) {
        refuse(refusal, REFUSE_INVALID_REQUEST, "Upgrade: only websocket");
        return HD1_EINVAL;
    }
    if (check_path(request, web, refusal))
        return HD1_EINVAL;
    if (request->method != METHOD_GET || head->minor == 0 || request->content_length > 0 ||
        !head_has_token(head, "connection", "upgrade") ||
        !is_key(head_get(head, "sec-websocket-key"))) {
        refuse(refusal, REFUSE_INVALID_REQUEST, "this is no valid WebSocket handshake");
        return HD1_EINVAL;
    }
    if (!span_is(head_get(head, "sec-websocket-version"), "13")) {
        request_set_header(request, "sec-websocket-version", "13");
        refuse(refusal, REFUSE_INVALID_REQUEST, "the only WebSocket version is 13");
        return HD1_EINVAL;
    }
    return check_protocols(request, refusal);
}

void
upgrade_append_handshake(struct buf *out, const struct request *request, const char *host)
{
    buf_appendf(out,
                "GET /ws HTTP/1.1\r\n"
                "Host: %s\r\n"
                "Upgrade: websocket\r\n"
                "Connection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: ",
                host);
    buf_append_span(out, head_get(&request->head, "sec-websocket-key"));
    buf_append_str(out, "\r\n\r\n");
}
