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

bool
web_answer_note_read(struct web_answer *answer, struct session *session)
{
    for (size_t i = 0; i < answer->read_count; i++)
        if (answer->reads[i] == session)
            return true;
    if (answer->read_count == WEB_READS_MAX)
        return false;
    answer->reads[answer->read_count++] = session;
    return true;
}
