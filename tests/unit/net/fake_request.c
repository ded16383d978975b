/* See fake_request.h: what the layer below REST offers, on structs. */
#include "fake_request.h"

#include "rest_scene.h"

#include "err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct client caller;

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
    return span_of(request->path);
}

bool
request_query(const struct request *request, const char *name, struct span *value)
{
    const char *at = request->query;
    size_t len = strlen(name);

    while (at) {
        if (strncmp(at, name, len) == 0 && at[len] == '=') {
            *value = (struct span){at + len + 1, strcspn(at + len + 1, "&")};
            return true;
        }
        at = strchr(at, '&');
        at = at ? at + 1 : NULL;
    }
    return false;
}

struct span
request_header(const struct request *request, const char *name)
{
    return request->header && strcmp(request->header, name) == 0 ? span_of(request->value)
                                                                 : SPAN_NONE;
}

struct span
request_body(const struct request *request)
{
    return span_of(request->body ? request->body : "");
}

struct client *
request_client(struct request *request)
{
    (void)request;
    return &caller;
}

int
request_admit(struct request *request, struct refusal *refusal)
{
    (void)request;
    if (!scene->is_shut)
        return 0;
    refuse(refusal, REFUSE_UNAUTHENTICATED, "as the test says");
    return HD1_EINVAL;
}

void
request_web(struct request *request, struct web_request *web)
{
    *web = (struct web_request){.method = request->method,
                                .path = request_path(request),
                                .body = request_body(request),
                                .client = &caller};
}

void
request_set_headers(struct request *request, struct span lines)
{
    size_t len = strlen(scene->headers);

    (void)request;
    snprintf(scene->headers + len, sizeof(scene->headers) - len, "%.*s", (int)lines.len,
             lines.len ? lines.at : "");
}

void
request_set_header(struct request *request, const char *name, const char *value)
{
    size_t len = strlen(scene->headers);

    (void)request;
    snprintf(scene->headers + len, sizeof(scene->headers) - len, "%s: %s\n", name, value);
}

void
request_reply(struct request *request, int status, struct span body)
{
    if (body.len > 0 && body.at[body.len - 1] == '\n') /* for people; not compared */
        body.len--;
    scene->status = status;
    scene->answers++;
    assert_true(body.len < sizeof(scene->body));
    memcpy(scene->body, body.at ? body.at : "", body.len);
    scene->body[body.len] = '\0';
    free(request);
}

void
request_refuse(struct request *request, const struct refusal *refusal)
{
    struct buf body = BUF_INIT;

    buf_appendf(&body, "%s %s ", refusal->code, refusal->message);
    buf_append_span(&body, buf_span(&refusal->details));
    request_reply(request, refusal->status, buf_span(&body));
    buf_fini(&body);
}
