/* HTTP answers: status line, headers, CORS. */
#include "net/answer.h"

#include <time.h>

static const char *
phrase(int status)
{
    static const struct {
        int status;
        const char *text;
    } phrases[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
        {508, "Loop Detected"},
    };

    for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
        if (phrases[i].status == status)
            return phrases[i].text;
    return status < 400 ? "OK" : "Error";
}

static void
append_start(struct buf *out, int status)
{
    char date[64];
    time_t now = time(NULL);
    struct tm tm;

    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
    buf_appendf(out,
                "HTTP/1.1 %d %s\r\n"
                "date: %s\r\n"
                "x-content-type-options: nosniff\r\n",
                status, phrase(status), date);
}

static void
append_connection(struct buf *out, const struct request *request)
{
    if (request->is_last)
        buf_append_str(out, "connection: close\r\n");
    else if (request->head.minor == 0)
        buf_append_str(out, "connection: keep-alive\r\n");
}

static void
append_cors(struct buf *out, const struct request *request)
{
    buf_append_str(out, "vary: origin\r\n");
    if (request->is_cors) {
        buf_append_str(out, "access-control-allow-origin: ");
        buf_append_span(out, head_get(&request->head, "origin"));
        buf_append_str(out, "\r\naccess-control-expose-headers: etag, location, retry-after\r\n");
    }
}

void
answer_append(struct buf *out, const struct request *request, int status, struct span body)
{
    bool has_body = status >= 200 && status != 204 && status != 304;

    append_start(out, status);
    append_connection(out, request);
    append_cors(out, request);
    if (!request->has_cache_control)
        buf_append_str(out, "cache-control: no-store\r\n");
    if (has_body && body.len > 0 && !request->has_content_type)
        buf_append_str(out, "content-type: application/json\r\n");
    buf_append_span(out, buf_span(&request->headers));
    if (has_body)
        buf_appendf(out, "content-length: %zu\r\n", body.len);
    buf_append_str(out, "\r\n");
    if (has_body && !request->is_head_only)
        buf_append_span(out, body);
}

void
answer_append_refusal(struct buf *out, const struct refusal *refusal)
{
    struct buf body = BUF_INIT;

    refusal_append_problem(&body, refusal);
    append_start(out, refusal->status);
    buf_appendf(out,
                "connection: close\r\n"
                "cache-control: no-store\r\n"
                "content-type: application/problem+json\r\n"
                "content-length: %zu\r\n\r\n",
                body.len);
    buf_append_span(out, buf_span(&body));
    buf_fini(&body);
}

bool
answer_is_preflight(const struct request *request)
{
    return request->method == METHOD_OPTIONS && request->is_cors &&
           head_count(&request->head, "access-control-request-method") > 0;
}

void
answer_preflight(struct request *request)
{
    request_set_header(request, "access-control-allow-methods",
                       "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    request_set_header(request, "access-control-allow-headers",
                       "authorization, content-type, idempotency-key, if-match, if-none-match");
    request_set_header(request, "access-control-max-age", "600");
}
