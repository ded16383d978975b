/* Request bodies: content type, strict JSON, the right kind of value. */
#include "net/rest/rest_body.h"

#include "json/json.h"

#include <strings.h>

static bool
ends_with(struct span text, const char *end)
{
    size_t len = strlen(end);

    return text.len >= len && strncasecmp(text.at + text.len - len, end, len) == 0;
}

/* application/json or application/anything+json, whatever its parameters. */
static bool
is_json_type(struct span type)
{
    static const char prefix[] = "application/";
    const char *semicolon = memchr(type.at, ';', type.len);

    if (semicolon)
        type.len = (size_t)(semicolon - type.at);
    while (type.len && (type.at[type.len - 1] == ' ' || type.at[type.len - 1] == '\t'))
        type.len--;
    if (type.len <= sizeof(prefix) - 1 || strncasecmp(type.at, prefix, sizeof(prefix) - 1) != 0)
        return false;
    return ends_with(type, "/json") || ends_with(type, "+json");
}

/* The hub found the same fault, or there was one before it: a limit. */
static void
on_charged(void *ctx, const struct outcome *outcome)
{
    struct rest_call *call = ctx;
    const struct refusal *refusal = outcome->refusal;

    if (!refusal || refusal_is(refusal, REFUSE_MALFORMED) ||
        refusal_is(refusal, REFUSE_INVALID_MESSAGE))
        refusal = &call->refusal; /* it tells more */
    rest_refuse_as(call, refusal);
}

/* Nonsense goes to the hub too, which cannot accept it: so it is charged like everything that comes
 * in. */
static void
charge(struct rest_call *call)
{
    rest_change_reply(call, request_body(call->request), on_charged);
}

static bool
check(struct rest_call *call, struct span body)
{
    struct span type = request_header(call->request, "content-type");
    struct json_error error;

    if (type.len && !is_json_type(type)) {
        rest_refuse(call, REFUSE_UNSUPPORTED,
                    "the body must be application/json; say so in Content-Type");
        return false;
    }
    if (json_check(body, &call->value, &error) == 0)
        return true;
    refuse(&call->refusal, REFUSE_MALFORMED, "the body is not JSON: %s at byte %zu", error.what,
           error.offset);
    buf_appendf(&call->refusal.details, "{\"offset\":%zu}", error.offset);
    charge(call);
    return false;
}

static bool
check_object(struct rest_call *call, struct span body)
{
    if (!check(call, body))
        return false;
    if (json_type_of(call->value) != JSON_OBJECT) {
        refuse(&call->refusal, REFUSE_MALFORMED, "the body must be a JSON object");
        charge(call);
        return false;
    }
    if (json_member(call->value, "if_version",
                    NULL)) { /* it would become a property, and guard nothing */
        rest_refuse(call, REFUSE_INVALID_EVENT,
                    "if_version is for events; here send the ETag as If-Match");
        return false;
    }
    return true;
}

bool
rest_body_object(struct rest_call *call)
{
    return check_object(call, request_body(call->request));
}

bool
rest_body_object_or_none(struct rest_call *call)
{
    struct span body = request_body(call->request);

    return check_object(call, body.len ? body : SPAN("{}"));
}

bool
rest_body_events(struct rest_call *call)
{
    struct json_iter iter;
    struct span element;

    call->count = 1;
    if (!check(call, request_body(call->request)))
        return false;
    if (json_type_of(call->value) == JSON_OBJECT)
        return true;
    if (json_type_of(call->value) != JSON_ARRAY) {
        refuse(&call->refusal, REFUSE_MALFORMED, "the body must be an event or an array of events");
        charge(call);
        return false;
    }
    call->is_array = true;
    call->count = 0;
    json_iter_init(&iter, call->value);
    while (json_next_element(&iter, &element))
        call->count++;
    if (call->count > 0)
        return true;
    refuse(&call->refusal, REFUSE_INVALID_MESSAGE, "the array holds no event");
    charge(call);
    return false;
}

static bool
is_skipped(struct span key, const char *const *skip)
{
    for (; *skip; skip++)
        if (json_key_is(key, *skip))
            return true;
    return false;
}

void
rest_append_members(struct buf *out, struct span object, const char *const *skip)
{
    struct json_iter iter;
    struct span key, value;

    json_iter_init(&iter, object);
    while (json_next_member(&iter, &key, &value)) {
        if (is_skipped(key, skip))
            continue;
        buf_append_str(out, ",\"");
        buf_append_span(out, key);
        buf_append_str(out, "\":");
        buf_append_span(out, value);
    }
}
