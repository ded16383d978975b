/* An object's body: how a proposal becomes one, and how a change merges into it. */
#include "hub/object.h"

#include "err.h"
#include "hub/merge.h"
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

struct object *
object_new(struct span name)
{
    struct object *object = mem_zalloc(sizeof(*object) + name.len + 1);

    memcpy(object->name, name.at, name.len);
    return object;
}

void
object_free(struct object *object)
{
    if (object) {
        free(object->body);
        free(object->writer);
        free(object);
    }
}

static bool
is_stored(struct span key)
{
    return !json_key_is(key, "version");
}

/* What a change may touch of an object. */
static bool
is_free(struct span key)
{
    return !json_key_is(key, "name") && is_stored(key);
}

static const struct merge_rules creation = {
    .is_null_removal = true, .is_compact = true, .may_change = is_stored};
static const struct merge_rules change_rules = {
    .is_null_removal = true, .is_compact = true, .may_change = is_free};

static int
check_size(const struct buf *body, struct refusal *refusal)
{
    if (body->len > OBJECT_BYTES_MAX) {
        refuse(refusal, REFUSE_TOO_LARGE, "the object would have %zu bytes; at most %d are kept",
               body->len, OBJECT_BYTES_MAX);
        return HD1_ETOOBIG;
    }
    if (json_is_crowded(buf_span(body))) {
        refuse(refusal, REFUSE_TOO_LARGE, "the object would have more than %d properties",
               JSON_MEMBERS_MAX);
        return HD1_ETOOBIG;
    }
    return 0;
}

int
object_body_create(struct span proposed, struct buf *body, struct refusal *refusal)
{
    merge(body, SPAN("{}"), proposed, &creation);
    return check_size(body, refusal);
}

int
object_body_update(struct span old, struct span change, struct buf *body, struct refusal *refusal)
{
    merge(body, old, change, &change_rules);
    return check_size(body, refusal);
}
