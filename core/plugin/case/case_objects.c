/* The objects of a session in a case file: what the event is about, what the call looked up, the
 * latest first, and then as many as there is room for. */
#include "plugin/case/case_parts.h"

#include "hub/event.h"
#include "hub/session.h"
#include "plugin/case/case_reads.h"
#include "plugin/case/case_text.h"
#include "table.h"
#include "json/json.h"

#define OTHERS_MAX 100
#define READ_BYTES (64 * 1024)
#define OTHERS_BYTES (16 * 1024) /* the list is no longer than this for their sake */

struct listing {
    struct buf text;
    struct table by_name;
};

/* Once; false if it does not fit. */
static bool
list(struct listing *listing, const struct object *object, size_t bytes_max)
{
    struct span name = span_of(object_name(object)), body = object_body(object);

    if (table_get(&listing->by_name, name))
        return true;
    if (listing->text.len + body.len > bytes_max)
        return false;
    table_put(&listing->by_name, name, (void *)object);
    if (listing->text.len > 1)
        buf_append_char(&listing->text, ',');
    buf_append_span(&listing->text, body);
    return true;
}

/* By the event's data: before_event has not applied it yet. */
static const struct object *
find_of_event(const struct session *session, const struct event *event)
{
    struct span object, name;

    if (!event || event->session != session)
        return NULL;
    if (json_member(event->data, "object", &object) && json_member(object, "name", &name) &&
        json_plain_string(name, &name))
        return session_object(session, name);
    if (json_member(event->data, "name", &name) && json_plain_string(name, &name))
        return session_object(session, name);
    return NULL;
}

/* How many of them do not fit. */
static size_t
list_read(struct listing *listing, const struct session *session, const struct case_reads *reads)
{
    size_t count = reads->object_count, missing = 0;
    size_t kept = count < CASE_READ_OBJECTS ? count : CASE_READ_OBJECTS;

    for (size_t i = count; i > count - kept; i--) {
        const struct object *object = reads->objects[(i - 1) % CASE_READ_OBJECTS];

        if (session_object(session, span_of(object_name(object))) == object)
            missing += !list(listing, object, READ_BYTES);
    }
    return missing;
}

static void
list_others(struct listing *listing, const struct session *session)
{
    const struct object *objects[OTHERS_MAX];
    size_t count = session_objects_after(session, SPAN_NONE, OTHERS_MAX, objects);

    for (size_t i = 0; i < count; i++)
        list(listing, objects[i], OTHERS_BYTES);
}

void
case_append_objects(struct buf *out, struct buf *left_out, const struct session *session,
                    const struct event *event, const struct case_reads *reads)
{
    const struct object *own = find_of_event(session, event);
    struct listing listing = {.text = BUF_INIT};
    size_t missing;

    buf_append_char(&listing.text, '[');
    if (own)
        list(&listing, own, READ_BYTES);
    missing = list_read(&listing, session, reads);
    list_others(&listing, session);
    buf_append_char(&listing.text, ']');
    case_append_json(out, "objects", buf_span(&listing.text));
    if (missing)
        case_note_left_out(left_out, "objects of %s: %zu that were looked up", session_id(session),
                           missing);
    if (listing.by_name.count < session_object_count(session))
        case_note_left_out(left_out, "objects of %s: %zu of %zu are here", session_id(session),
                           listing.by_name.count, session_object_count(session));
    table_fini(&listing.by_name);
    buf_fini(&listing.text);
}
