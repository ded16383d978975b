/* /api/sessions/{session}/objects: list, create, get, patch, delete. To replace: rest_replace.c. */
#include "net/rest/rest_body.h"
#include "net/rest/rest_etag.h"
#include "net/rest/rest_object.h"
#include "net/rest/rest_page.h"
#include "net/rest/rest_routes.h"
#include "json/json.h"

#include "idgen.h"

#include <stdio.h>
#include <stdlib.h>

static void
read_objects(struct rest_call *call, struct session *session)
{
    size_t want = call->count + 1, count, i; /* one more, to know whether there is more */
    const struct object **objects = mem_alloc(want * sizeof(*objects));

    count = session_objects_after(session, call->cursor, want, objects);
    rest_page_begin(&call->body);
    for (i = 0; i < count && i < call->count && !rest_page_is_full(&call->body); i++) {
        rest_page_item(&call->body);
        object_append(&call->body, objects[i]);
    }
    rest_page_end(&call->body, i < count ? span_of(object_name(objects[i - 1])) : SPAN_NONE);
    free(objects);
}

void
rest_objects_list(struct rest_call *call)
{
    if (rest_query_limit(call, &call->count) && rest_query_cursor(call, &call->cursor))
        rest_read(call, read_objects);
}

static void
refuse_unknown(struct rest_call *call)
{
    refuse(&call->refusal, REFUSE_UNKNOWN_OBJECT, "there is no object named %.*s in this session",
           (int)call->name.len, call->name.at);
}

static void
read_object(struct rest_call *call, struct session *session)
{
    const struct object *object = session_object(session, call->name);
    int64_t version;

    if (!object) {
        refuse_unknown(call);
        return;
    }
    version = object_version(object);
    rest_etag(call->etag, span_of(session_epoch_of(session, version)), version);
    if (rest_is_not_modified(call))
        call->status = 304;
    else
        object_append(&call->body, object);
}

void
rest_object_get(struct rest_call *call)
{
    rest_read(call, read_object);
}

void
rest_object_created(struct rest_call *call, const struct outcome *outcome)
{
    char location[64 + 2 * ID_SIZE];
    struct span name;

    if (json_member(outcome->result, "name", &name) && json_plain_string(name, &name)) {
        snprintf(location, sizeof(location), "/api/sessions/%.*s/objects/%.*s",
                 (int)call->session_id.len, call->session_id.at, (int)name.len, name.at);
        request_set_header(call->request, "location", location);
    }
    rest_etag(call->etag, outcome->epoch, outcome->version);
    buf_append_span(&call->body, outcome->result);
    rest_answer(call, call->body.len ? 201 : 204); /* 204: a plugin dropped it */
}

void
rest_objects_create(struct rest_call *call)
{
    struct buf text = BUF_INIT;

    if (!rest_body_object(call))
        return;
    buf_append_str(&text, "{\"type\":\"object_created\",\"data\":{\"object\":");
    buf_append_span(&text, call->value);
    buf_append_str(&text, "}}");
    rest_change(call, &text, rest_object_created);
}

bool
rest_object_name_fits(struct rest_call *call)
{
    struct span value;
    char name[ID_SIZE];

    if (!json_member(call->value, "name", &value))
        return true;
    if (json_copy_string(value, name, sizeof(name)) >= 0 && span_is(call->name, name))
        return true;
    rest_refuse(call, REFUSE_INVALID_EVENT,
                "the body names another object than the path; a name cannot be changed");
    return false;
}

void
rest_object_open_envelope(struct buf *text, const char *type, struct span name)
{
    buf_appendf(text, "{\"type\":\"%s\",\"data\":{\"object\":{\"name\":", type);
    json_append_string(text, name);
}

void
rest_object_patch(struct rest_call *call)
{
    static const char *const skip[] = {"name", NULL};
    struct buf text = BUF_INIT;

    if (!rest_if_match(call) || !rest_body_object(call) || !rest_object_name_fits(call))
        return;
    rest_object_open_envelope(&text, "object_updated", call->name);
    rest_append_members(&text, call->value, skip);
    buf_append_str(&text, "}}}");
    rest_change(call, &text, rest_done_result);
}

void
rest_object_delete(struct rest_call *call)
{
    struct buf text = BUF_INIT;

    if (!rest_if_match(call))
        return;
    buf_append_str(&text, "{\"type\":\"object_deleted\",\"data\":{\"name\":");
    json_append_string(&text, call->name);
    buf_append_str(&text, "}}");
    rest_change(call, &text, rest_done_empty);
}
