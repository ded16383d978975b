/*
 * The registry of event types. What the core declares stays; what plugins declare goes into a
 * staging registry first and comes into force with all of its generation, or not at all.
 */
#include "hub/event.h"

#include "err.h"
#include "hub/client.h"
#include "suggest.h"

#include <stdlib.h>
#include <string.h>

void
event_types_init(struct event_types *types)
{
    memset(types, 0, sizeof(*types));
}

static void
type_free(struct event_type *type)
{
    free(type->doc);
    free(type->schema);
    free(type->owner);
    free(type);
}

static void
free_table(struct table *table)
{
    size_t pos = 0;
    void *type;

    while (table_next(table, &pos, NULL, &type))
        type_free(type);
    table_fini(table);
}

void
event_types_fini(struct event_types *types)
{
    free_table(&types->by_name);
    free_table(&types->retired);
}

static bool
name_is_valid(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

    return name[0] >= 'a' && name[0] <= 'z' && name[len] == '\0';
}

static char *
copy_text(const char *text)
{
    return text ? mem_strndup(text, strlen(text)) : NULL;
}

static void
add_copy(struct event_types *types, const struct event_type *type)
{
    struct event_type *copy = mem_alloc(sizeof(*copy));

    *copy = *type;
    copy->doc = copy_text(type->doc);
    copy->schema = copy_text(type->schema);
    copy->owner = copy_text(type->owner ? type->owner : "core");
    table_put(&types->by_name, span_of(copy->name), copy);
}

int
event_types_add(struct event_types *types, const struct event_type *type)
{
    if (!name_is_valid(type->name))
        return HD1_EINVAL;
    if (event_types_find(types, span_of(type->name)))
        return HD1_EEXIST;
    add_copy(types, type);
    return 0;
}

struct event_type *
event_types_find(const struct event_types *types, struct span name)
{
    return table_get(&types->by_name, name);
}

const char *
event_types_nearest(const struct event_types *types, struct span name)
{
    struct suggest suggest;
    size_t pos = 0;
    void *type;

    suggest_init(&suggest, name);
    while (table_next(&types->by_name, &pos, NULL, &type))
        suggest_try(&suggest, ((const struct event_type *)type)->name);
    return suggest.best;
}

bool
event_type_may_come(const struct event_type *type, enum source source, const struct client *client)
{
    return type->is_sendable || (source == SOURCE_PLUGIN && type->is_declared &&
                                 strcmp(type->owner, client_id(client)) == 0);
}

/* --- a new generation --- */

void
event_types_stage(struct event_types *stage, const struct event_types *live)
{
    size_t pos = 0;
    void *value;

    event_types_init(stage);
    while (table_next(&live->by_name, &pos, NULL, &value)) {
        struct event_type type = *(const struct event_type *)value;

        if (!type.is_declared) {
            type.hooks = NULL;
            add_copy(stage, &type);
        }
    }
}

/* What its declaration says changes places; what counts and what points to it stays. */
static void
redeclare(struct event_type *type, struct event_type *as)
{
    struct event_type old = *type;

    type->lane = as->lane;
    type->is_sendable = as->is_sendable;
    type->doc = as->doc;
    type->schema = as->schema;
    type->owner = as->owner;
    as->doc = old.doc;
    as->schema = old.schema;
    as->owner = old.owner;
}

static void
retire_declared(struct event_types *types)
{
    size_t pos = 0;
    void *value;

    while (table_next(&types->by_name, &pos, NULL, &value)) {
        struct event_type *type = value;

        if (type->is_declared) {
            table_del(&types->by_name, span_of(type->name));
            table_put(&types->retired, span_of(type->name), type);
        }
    }
}

void
event_types_commit(struct event_types *live, struct event_types *stage)
{
    size_t pos = 0;
    void *value;

    retire_declared(live);
    while (table_next(&stage->by_name, &pos, NULL, &value)) {
        struct event_type *staged = value, *type;

        if (!staged->is_declared)
            continue;
        type = table_del(&live->retired, span_of(staged->name));
        if (type) {
            redeclare(type, staged);
        } else {
            table_del(&stage->by_name, span_of(staged->name));
            type = staged;
        }
        table_put(&live->by_name, span_of(type->name), type);
    }
    event_types_fini(stage);
    event_types_init(stage);
}
