/* Methods, and the memory of a route's answer. */
#include "hub/web.h"

static const char *const methods[] = {
    [METHOD_GET] = "GET",         [METHOD_HEAD] = "HEAD",   [METHOD_POST] = "POST",
    [METHOD_PUT] = "PUT",         [METHOD_PATCH] = "PATCH", [METHOD_DELETE] = "DELETE",
    [METHOD_OPTIONS] = "OPTIONS",
};

const char *
method_text(enum method method)
{
    return methods[method];
}

bool
method_find(struct span text, enum method *method)
{
    for (int i = 0; i < METHOD_COUNT; i++) {
        if (span_is(text, methods[i])) {
            *method = (enum method)i;
            return true;
        }
    }
    return false;
}

void
web_answer_fini(struct web_answer *answer)
{
    buf_fini(&answer->body);
    buf_fini(&answer->headers);
}
