/* One way of putting members over members: for objects, worlds and hooks' patches alike. */
#include "hub/merge.h"

#include "json/json.h"

static void
append_key(struct buf *out, struct span key)
{
    if (out->data[out->len - 1] != '{')
        buf_append_char(out, ',');
    buf_append_char(out, '"');
    buf_append_span(out, key);
    buf_append_str(out, "\":");
}

static void
append_member(struct buf *out, struct span key, struct span value, const struct merge_rules *rules)
{
    append_key(out, key);
    if (rules->is_compact)
        json_append_compact(out, value);
    else
        buf_append_span(out, value);
}

static bool
removes(struct span value, const struct merge_rules *rules)
{
    return rules->is_null_removal && json_type_of(value) == JSON_NULL;
}

/* A member that both have. */
static void
append_changed(struct buf *out, struct span key, struct span old, struct span new,
               const struct merge_rules *rules)
{
    if (removes(new, rules))
        return;
    if (rules->inner && json_key_is(key, rules->inner) && json_type_of(old) == JSON_OBJECT &&
        json_type_of(new) == JSON_OBJECT) {
        struct merge_rules inner = *rules;

        inner.inner = NULL;
        append_key(out, key);
        merge(out, old, new, &inner);
    } else {
        append_member(out, key, new, rules);
    }
}

/* As it stands in base, from its key's quote to the end of its value. */
static void
append_kept(struct buf *out, struct span key, struct span value)
{
    const char *start = key.at - 1;

    if (out->data[out->len - 1] != '{')
        buf_append_char(out, ',');
    buf_append(out, start, (size_t)(value.at + value.len - start));
}

void
merge(struct buf *out, struct span base, struct span over, const struct merge_rules *rules)
{
    struct json_index changes;
    struct json_iter iter;
    struct span key, value;

    json_index_init(&changes, over, rules->may_change);
    buf_append_char(out, '{');
    for (json_iter_init(&iter, base); json_next_member(&iter, &key, &value);) {
        struct json_member *change = json_index_find(&changes, key);

        if (change) {
            change->is_used = true;
            append_changed(out, key, value, change->value, rules);
        } else {
            append_kept(out, key, value);
        }
    }
    for (size_t i = 0; i < changes.count; i++) {
        const struct json_member *change = &changes.members[i];

        if (!change->is_used && !removes(change->value, rules))
            append_member(out, change->key, change->value, rules);
    }
    buf_append_char(out, '}');
    json_index_fini(&changes);
}

void
merge_change(struct buf *out, struct span base, struct span over)
{
    static const struct merge_rules rules = {.is_null_removal = true, .is_compact = true};

    merge(out, base, over, &rules);
}
