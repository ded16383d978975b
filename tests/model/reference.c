/* See reference.h. */
#include "reference.h"

#include "json/json.h"

#include <stdlib.h>

static const char *const props[PROPS] = {"x", "p0", "p1", "p2"};

static int
thing_index(struct span object)
{
    struct span value, name;

    if (!json_member(object, "name", &value) || !json_plain_string(value, &name) || name.len != 2 ||
        name.at[0] != 'o' || name.at[1] < '0' || name.at[1] >= '0' + THINGS)
        return -1;
    return name.at[1] - '0';
}

static void
merge(struct thing *thing, struct span object)
{
    struct span value;

    for (size_t i = 0; i < PROPS; i++)
        if (json_member(object, props[i], &value))
            thing->has[i] = json_integer(value, &thing->value[i]);
}

void
fold_object(struct fold *fold, struct span object)
{
    int index = thing_index(object);
    struct span version;

    if (index >= 0 && json_member(object, "version", &version)) {
        struct thing *thing = &fold->things[index];

        *thing = (struct thing){.exists = true};
        json_integer(version, &thing->version);
        merge(thing, object);
    }
}

void
fold_world(struct fold *fold, struct span world)
{
    struct span value;

    if (json_member(world, "w", &value))
        json_integer(value, &fold->world);
    if (json_member(world, "life", &value))
        json_integer(value, &fold->life);
}

static const char *
fold_change(struct fold *fold, struct span type, struct span data)
{
    struct span object = data;

    if (!span_is(type, "object_deleted") && !json_member(data, "object", &object))
        return "an object event without object";
    int index = thing_index(object);

    if (index < 0)
        return "an object of unknown name";
    struct thing *thing = &fold->things[index];

    if (thing->exists == span_is(type, "object_created"))
        return "created what is there, or changed what is not";
    if (span_is(type, "object_deleted")) {
        *thing = (struct thing){.exists = false};
        return NULL;
    }
    thing->exists = true;
    thing->version = fold->seq;
    merge(thing, object);
    return NULL;
}

const char *
fold_event(struct fold *fold, struct span event)
{
    struct span type = SPAN_NONE, data = SPAN_NONE, value;
    int64_t seq = 0;

    if (!json_member(event, "type", &value) || !json_plain_string(value, &type) ||
        !json_member(event, "data", &data) || !json_member(event, "seq", &value) ||
        !json_integer(value, &seq))
        return "not an event";
    if (seq != fold->seq + 1 || fold->is_over)
        return fold->is_over ? "an event after the last" : "a gap or a repeat";
    if ((seq == 1) != span_is(type, "session_created"))
        return "the first event, and no other, is session_created";
    fold->seq = seq;
    fold->is_over = span_is(type, "session_deleted");
    if (seq == 1 || span_is(type, "world_updated")) {
        if (json_member(data, "world", &value))
            fold_world(fold, value);
        return NULL;
    }
    return fold->is_over ? NULL : fold_change(fold, type, data);
}

static bool
is_same(const struct thing *a, const struct thing *b)
{
    if (a->exists != b->exists || (a->exists && a->version != b->version))
        return false;
    for (size_t i = 0; a->exists && i < PROPS; i++)
        if (a->has[i] != b->has[i] || (a->has[i] && a->value[i] != b->value[i]))
            return false;
    return true;
}

const char *
fold_compare(const struct fold *a, const struct fold *b)
{
    if (a->seq != b->seq)
        return "another seq";
    if (a->life != b->life || a->is_over != b->is_over)
        return "another life of the session";
    if (a->world != b->world)
        return "another world";
    for (size_t i = 0; i < THINGS; i++)
        if (!is_same(&a->things[i], &b->things[i]))
            return "another object";
    return NULL;
}

bool
event_log_note(struct event_log *log, int64_t seq, struct span text)
{
    while ((size_t)seq >= log->cap) {
        size_t cap = log->cap ? log->cap * 2 : 64;

        log->entries = mem_realloc(log->entries, cap * sizeof(*log->entries));
        memset(log->entries + log->cap, 0, (cap - log->cap) * sizeof(*log->entries));
        log->cap = cap;
    }
    struct log_entry *entry = &log->entries[seq];

    if (entry->text)
        return span_eq((struct span){entry->text, entry->len}, text);
    *entry = (struct log_entry){mem_strndup(text.at, text.len), text.len};
    return true;
}

void
event_log_fini(struct event_log *log)
{
    for (size_t i = 0; i < log->cap; i++)
        free(log->entries[i].text);
    free(log->entries);
}
