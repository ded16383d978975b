/* A request as its handler sees it, and how it is answered. */
#include "net/request_state.h"

#include "err.h"
#include "log.h"
#include "net/answer.h"
#include "net/guard.h"
#include "net/http.h"
#include "net/token.h"
#include "net/uri.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct request *
request_new(struct http *http, struct span head, int *err)
{
    struct request *request = mem_zalloc(sizeof(*request));
    char *copy = arena_alloc(&request->arena, head.len);

    memcpy(copy, head.at, head.len);
    request->http = http;
    *err = head_parse(&request->head, copy, head.len);
    if (*err) {
        request_free(request);
        return NULL;
    }
    return request;
}

void
request_free(struct request *request)
{
    if (!request)
        return;
    arena_fini(&request->arena);
    buf_fini(&request->body);
    buf_fini(&request->headers);
    buf_fini(&request->identity);
    free(request);
}

enum method
request_method(const struct request *request)
{
    return request->method;
}

bool
request_is_admin(const struct request *request)
{
    return request->is_admin;
}

struct span
request_path(const struct request *request)
{
    return request->path;
}

bool
request_query(const struct request *request, const char *name, struct span *value)
{
    /* The arena only caches what the caller borrows: the request stays what it is. */
    struct arena *arena = &((struct request *)request)->arena;

    return uri_query_get(arena, request->query, name, value);
}

struct span
request_header(const struct request *request, const char *name)
{
    return head_get(&request->head, name);
}

struct span
request_body(const struct request *request)
{
    return buf_span(&request->body);
}

static struct span
identity_of(const struct request *request)
{
    return request->identity.len ? buf_span(&request->identity) : SPAN_NONE;
}

struct client *
request_client(struct request *request)
{
    const struct request_local *local = &request->local;

    if (request->http)
        return http_client(request->http, identity_of(request));
    return local->client ? local->client(local->ctx, identity_of(request)) : NULL;
}

int
request_admit(struct request *request, struct refusal *refusal)
{
    const struct request_local *local = &request->local;

    if (request->http)
        return http_admit(request->http, request, false, refusal);
    return guard_ask(local->web, request, local->address, false, refusal);
}

/* --- what plugins see --- */

static struct span
web_header(void *ctx, struct span name)
{
    const struct request *request = ctx;

    for (size_t i = 0; i < request->head.field_count; i++)
        if (span_eq(request->head.fields[i].name, name))
            return request->head.fields[i].value;
    return SPAN_NONE;
}

static bool
web_next_header(void *ctx, size_t *pos, struct span *name, struct span *value)
{
    const struct request *request = ctx;

    if (*pos >= request->head.field_count)
        return false;
    *name = request->head.fields[*pos].name;
    *value = request->head.fields[(*pos)++].value;
    return true;
}

static bool
web_next_query(void *ctx, size_t *pos, struct span *key, struct span *value)
{
    struct request *request = ctx;

    return uri_query_next(&request->arena, request->query, pos, key, value);
}

void
request_web_from(struct request *request, const char *address, struct web_request *web)
{
    *web = (struct web_request){
        .method = request->method,
        .address = address,
        .path = request->path,
        .origin = head_get(&request->head, "origin"),
        .token = token_find(request),
        .identity = identity_of(request),
        .body = buf_span(&request->body),
        .ctx = request,
        .header = web_header,
        .next_header = web_next_header,
        .next_query = web_next_query,
    };
}

void
request_web(struct request *request, struct web_request *web)
{
    struct client *client = request_client(request);

    request_web_from(request, client ? client_address(client) : "", web);
    web->client = client;
}

static bool
is_field_value(const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

void
request_set_header(struct request *request, const char *name, const char *value)
{
    if (!is_field_value(name) || !is_field_value(value)) {
        log_warn("net", "header left out: control characters in it",
                 log_str("path", request->path.at));
        return;
    }
    request->has_content_type |= strcasecmp(name, "content-type") == 0;
    request->has_cache_control |= strcasecmp(name, "cache-control") == 0;
    buf_appendf(&request->headers, "%s: %s\r\n", name, value);
}

void
request_set_headers(struct request *request, struct span lines)
{
    const char *at = lines.at, *end = lines.at + lines.len;

    while (at < end) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        const char *colon = memchr(at, ':', (size_t)(end - at));

        assert(feed && colon && colon < feed && feed[-1] == '\r' && colon[1] == ' ');
        request_set_header(
            request, arena_copy(&request->arena, (struct span){at, (size_t)(colon - at)}).at,
            arena_copy(&request->arena, (struct span){colon + 2, (size_t)(feed - colon) - 3}).at);
        at = feed + 1;
    }
}

void
request_reply(struct request *request, int status, struct span body)
{
    if (request->http)
        http_answer(request->http, request, status, body);
    else if (request->local.answered)
        request->local.answered(request->local.ctx, status, buf_span(&request->headers), body);
    request_free(request);
}

void
request_refuse(struct request *request, const struct refusal *refusal)
{
    struct buf body = BUF_INIT;

    if (refusal->retry_after_ms > 0) {
        char seconds[24];

        snprintf(seconds, sizeof(seconds), "%lld",
                 (long long)((refusal->retry_after_ms + 999) / 1000));
        request_set_header(request, "retry-after", seconds);
    }
    request_set_header(request, "content-type", "application/problem+json");
    refusal_append_problem(&body, refusal);
    request_reply(request, refusal->status, buf_span(&body));
    buf_fini(&body);
}
