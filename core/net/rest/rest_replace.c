/*
 * PUT of an object, which is no event of its own: object_created if there is none of that name,
 * else object_updated with the properties that the new body leaves out set to null. What is there
 * is looked up first; so that nobody can change it in between, the change is sent on condition that
 * it is still so, and if it is not, all begins anew.
 */
#include "net/rest/rest_body.h"
#include "net/rest/rest_etag.h"
#include "net/rest/rest_object.h"
#include "net/rest/rest_routes.h"
#include "json/json.h"

static void look(struct rest_call *call);

/* May it be replaced at all? Fills call->refusal in if not. */
static bool
meets_conditions(struct rest_call *call, const struct object *object)
{
    if (!object && call->is_if_match)
        refuse(&call->refusal, REFUSE_VERSION_MISMATCH,
               "If-Match was given, but there is no such object");
    else if (object && rest_is_create_only(call))
        refuse(&call->refusal, REFUSE_VERSION_MISMATCH,
               "If-None-Match: * was given, but there is such an object already");
    else
        return true;
    if (object) {
        buf_append_str(&call->refusal.details, "{\"object\":");
        object_append(&call->refusal.details, object);
        buf_append_char(&call->refusal.details, '}');
    }
    return false;
}

/* Coordinates and scale have defaults; everything else goes if the new body leaves it out. */
static const char *
absent_value(struct span key)
{
    if (json_key_is(key, "scale"))
        return "1";
    return json_key_is(key, "x") || json_key_is(key, "y") || json_key_is(key, "z") ? "0" : "null";
}

static bool
has_key(struct span object, struct span key)
{
    struct json_iter iter;
    struct span other, value;

    json_iter_init(&iter, object);
    while (json_next_member(&iter, &other, &value))
        if (json_key_eq(key, other))
            return true;
    return false;
}

/* Appends what the old body has and the new one has not. */
static void
append_absent(struct buf *out, struct span old, struct span new)
{
    struct json_iter iter;
    struct span key, value;

    json_iter_init(&iter, old);
    while (json_next_member(&iter, &key, &value)) {
        if (json_key_is(key, "name") || json_key_is(key, "version") || has_key(new, key))
            continue;
        buf_append_str(out, ",\"");
        buf_append_span(out, key);
        buf_append_str(out, "\":");
        buf_append_str(out, absent_value(key));
    }
}

/* Makes the envelope. A `version` in the body is what a GET gave, and is ignored. */
static void
plan(struct rest_call *call, const struct object *object)
{
    static const char *const skip[] = {"name", "version", NULL};

    call->is_create = object == NULL;
    buf_clear(&call->text);
    rest_object_open_envelope(&call->text, object ? "object_updated" : "object_created",
                              call->name);
    rest_append_members(&call->text, call->value, skip);
    if (object)
        append_absent(&call->text, object_body(object), call->value);
    buf_append_str(&call->text, "}}}");
    if (call->is_if_version_mine) {
        call->if_version = object ? object_version(object) : -1;
        call->if_epoch = SPAN_NONE;
    }
}

/* Was it refused only because what was looked up has changed meanwhile? */
static bool
is_outrun(const struct rest_call *call, const struct refusal *refusal)
{
    if (call->is_create)
        return span_is(span_of(refusal->code), refusal_code_text(REFUSE_OBJECT_EXISTS));
    return span_is(span_of(refusal->code), refusal_code_text(REFUSE_UNKNOWN_OBJECT)) ||
           (call->is_if_version_mine &&
            span_is(span_of(refusal->code), refusal_code_text(REFUSE_VERSION_MISMATCH)));
}

static void
on_replaced(void *ctx, const struct outcome *outcome)
{
    struct rest_call *call = ctx;

    if (outcome->refusal && is_outrun(call, outcome->refusal) && ++call->tries < REST_TRIES_MAX)
        rest_later(call, look);
    else if (outcome->refusal)
        rest_refuse_as(call, outcome->refusal);
    else if (call->is_create)
        rest_object_created(call, outcome);
    else
        rest_done_result(call, outcome);
}

static void
send_planned(struct rest_call *call)
{
    struct buf text = call->text; /* the call may be gone before the hub returns */

    call->text = BUF_INIT;
    rest_change_reply(call, buf_span(&text), on_replaced);
    buf_fini(&text);
}

static void
on_open(void *ctx, struct session *session, const struct refusal *refusal)
{
    struct rest_call *call = ctx;
    const struct object *object;

    if (!session) {
        rest_refuse_as(call, refusal);
        return;
    }
    object = session_object(session, call->name);
    if (!meets_conditions(call, object)) {
        rest_hold(call, session, look);
        return;
    }
    plan(call, object);
    rest_later(call, send_planned);
}

static void
look(struct rest_call *call)
{
    hub_open(rest_hub(call->rest), call->session_id, on_open, call);
}

void
rest_object_put(struct rest_call *call)
{
    struct span type;

    if (!rest_if_match(call) || !rest_body_object(call) || !rest_object_name_fits(call))
        return;
    if (!json_member(call->value, "type", &type)) {
        rest_refuse(call, REFUSE_INVALID_EVENT, "an object needs a type");
        return;
    }
    call->is_if_version_mine = call->if_version < 0;
    look(call);
}
