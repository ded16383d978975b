/* The request gate: framing, Host, Origin, method and target, in this order. */
#include "net/gate.h"

#include "err.h"
#include "net/uri.h"

/* Two of these would leave open which one counts. */
static const char *const once[] = {
    "origin",   "content-type",      "authorization",         "idempotency-key",
    "if-match", "sec-websocket-key", "sec-websocket-version",
};

/* 1 to 19 digits, nothing else. */
static bool
parse_length(struct span text, size_t *length)
{
    *length = 0;
    if (text.len == 0 || text.len > 19)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        *length = 10 * *length + (size_t)(text.at[i] - '0');
    }
    return true;
}

static bool
needs_length(struct span method)
{
    return span_is(method, "POST") || span_is(method, "PUT") || span_is(method, "PATCH");
}

/* Where does the body end? Anything but one clean Content-Length is how requests are smuggled. */
static int
check_framing(const struct gate *gate, struct request *request, struct refusal *refusal)
{
    const struct head *head = &request->head;
    size_t lengths = head_count(head, "content-length");
    bool is_chunked = head_count(head, "transfer-encoding") > 0;

    request->is_last = true;
    if (lengths > 1 || (lengths > 0 && is_chunked)) {
        refuse(refusal, REFUSE_INVALID_REQUEST, "the length of the body is said twice");
        return HD1_EINVAL;
    }
    if (is_chunked || (lengths == 0 && needs_length(head->method))) {
        refuse(refusal, REFUSE_LENGTH_REQUIRED, "send the body with a Content-Length");
        return HD1_EINVAL;
    }
    if (lengths == 1 && !parse_length(head_get(head, "content-length"), &request->content_length)) {
        refuse(refusal, REFUSE_INVALID_REQUEST, "Content-Length is not a number");
        return HD1_EINVAL;
    }
    if (request->content_length > gate->body_bytes) {
        refuse(refusal, REFUSE_TOO_LARGE, "the body is longer than %zu bytes", gate->body_bytes);
        return HD1_EINVAL;
    }
    request->is_last = head_has_token(head, "connection", "close") ||
                       (head->minor == 0 && !head_has_token(head, "connection", "keep-alive"));
    return 0;
}

static int
check_host(const struct gate *gate, struct request *request, struct refusal *refusal)
{
    struct span host = head_get(&request->head, "host");
    struct span origin = head_get(&request->head, "origin");
    enum host_verdict verdict = HOST_MALFORMED;

    if (head_count(&request->head, "host") == 1)
        verdict = origins_check_host(gate->origins, host);
    if (verdict == HOST_MALFORMED) {
        refuse(refusal, REFUSE_INVALID_REQUEST, "one Host header, please: name or address");
        return HD1_EINVAL;
    }
    if (verdict == HOST_REFUSED) {
        refuse(refusal, REFUSE_FORBIDDEN,
               "Host is none of ours: use an address, localhost or a host of `origins`");
        return HD1_EINVAL;
    }
    if (head_count(&request->head, "origin") == 0)
        return 0;
    request->is_cors = origins_allow(gate->origins, origin, host);
    if (!request->is_cors) {
        refuse(refusal, REFUSE_FORBIDDEN, "Origin is not among `origins`");
        return HD1_EINVAL;
    }
    return 0;
}

static int
check_fields(struct request *request, struct refusal *refusal)
{
    struct span expect = head_get(&request->head, "expect");

    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
        if (head_count(&request->head, once[i]) > 1) {
            refuse(refusal, REFUSE_INVALID_REQUEST, "the header %s is there twice", once[i]);
            return HD1_EINVAL;
        }
    }
    if (expect.at && !head_has_token(&request->head, "expect", "100-continue")) {
        refuse(refusal, REFUSE_INVALID_REQUEST, "Expect: only 100-continue");
        return HD1_EINVAL;
    }
    request->expects_continue = expect.at && request->head.minor == 1;
    return 0;
}

static int
check_method(struct request *request, struct refusal *refusal)
{
    if (method_find(request->head.method, &request->method)) {
        request->is_head_only = request->method == METHOD_HEAD;
        return 0;
    }
    refuse(refusal, REFUSE_METHOD_NOT_ALLOWED, "no such method here");
    return HD1_EINVAL;
}

static int
check_target(struct request *request, struct refusal *refusal)
{
    struct span target = request->head.target;
    struct span path;

    if (target.at[0] != '/' || memchr(target.at, '#', target.len) || !uri_is_valid(target)) {
        refuse(refusal, REFUSE_INVALID_REQUEST, "the request target is not a valid path");
        return HD1_EINVAL;
    }
    uri_split(target, &path, &request->query);
    if (uri_hides_slash(path)) { /* proxies and we must see the same path */
        refuse(refusal, REFUSE_INVALID_REQUEST, "%%2F in the path: no name here holds a slash");
        return HD1_EINVAL;
    }
    request->path = uri_decode(&request->arena, path, false);
    return 0;
}

int
gate_check_line(struct request *request, struct refusal *refusal)
{
    return check_method(request, refusal) ? HD1_EINVAL : check_target(request, refusal);
}

int
gate_check(const struct gate *gate, struct request *request, struct refusal *refusal)
{
    request->is_head_only = span_is(request->head.method, "HEAD");
    if (check_framing(gate, request, refusal))
        return HD1_EINVAL;
    if (check_host(gate, request, refusal) || check_fields(request, refusal) ||
        gate_check_line(request, refusal)) {
        request->is_last |= request->content_length > 0;
        return HD1_EINVAL;
    }
    return 0;
}
