/* The envelope of a message is read: its type, its data, the sender's id and time. */
#include "hub/envelope.h"

#include "err.h"
#include "json/json.h"

#define ID_LAST INT64_C(9007199254740991) /* what a double holds exactly */

/* 0, or a refusal: the envelope of one event. */
int
envelope_read(struct span value, struct envelope *envelope, struct refusal *refusal)
{
    struct json_iter iter;
    struct span key, member;
    double number;
    bool is_ok = true;

    *envelope = (struct envelope){.type = SPAN_NONE};
    if (json_type_of(value) != JSON_OBJECT) {
        refuse(refusal, REFUSE_INVALID_MESSAGE, "a message is a JSON object");
        return HD1_EINVAL;
    }
    for (json_iter_init(&iter, value); json_next_member(&iter, &key, &member);) {
        if (json_key_is(key, "type")) {
            is_ok = json_plain_string(member, &envelope->type) && is_ok;
        } else if (json_key_is(key, "data")) {
            envelope->data = member;
        } else if (json_key_is(key, "id")) {
            is_ok = json_integer(member, &envelope->id) && envelope->id > 0 &&
                    envelope->id <= ID_LAST && is_ok;
        } else if (json_key_is(key, "time_ms")) {
            is_ok = json_number(member, &number) && number >= 0 && number <= 9e15 && is_ok;
            envelope->time_ms = is_ok ? (int64_t)number : 0;
        }
    }
    if (!is_ok || !envelope->type.at) {
        refuse(refusal, REFUSE_INVALID_MESSAGE,
               "a message needs a type (string); id is a positive whole number, time_ms a number");
        return HD1_EINVAL;
    }
    if (!envelope->data.at)
        envelope->data = SPAN("{}");
    if (json_type_of(envelope->data) != JSON_OBJECT) {
        refuse(refusal, REFUSE_INVALID_EVENT, "data is a JSON object");
        return HD1_EINVAL;
    }
    return 0;
}

struct span
envelope_first(struct span value)
{
    struct json_iter iter;
    struct span element = SPAN_NONE;

    if (json_type_of(value) != JSON_ARRAY)
        return value;
    json_iter_init(&iter, value);
    return json_next_element(&iter, &element) ? element : SPAN_NONE;
}

size_t
envelope_count(struct span value)
{
    struct json_iter iter;
    struct span element;
    size_t count = 0;

    if (json_type_of(value) != JSON_ARRAY)
        return 1;
    for (json_iter_init(&iter, value); json_next_element(&iter, &element);)
        count++;
    return count;
}

void
envelope_peek(struct span value, struct envelope *envelope)
{
    struct refusal ignored;

    refusal_init(&ignored);
    envelope_read(envelope_first(value), envelope, &ignored);
    refusal_fini(&ignored);
}
