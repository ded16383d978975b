/*
 * What a message changed before it was refused after all (the third event of an array, say): old
 * bodies are kept until all its events are accepted (invariant 3).
 */
#include "hub/hub_state.h"

#include <stdlib.h>

static struct undo_entry *
entry_add(struct hub *hub)
{
    hub->undo = mem_grow(hub->undo, hub->undo_count, &hub->undo_cap, sizeof(*hub->undo));
    struct undo_entry *entry = &hub->undo[hub->undo_count++];

    *entry = (struct undo_entry){.kind = UNDO_WORLD};
    return entry;
}

/* Moves what the object is made of into a keeper of its own; the object's body is then free to be
 * set. */
static struct object *
keep(struct object *object)
{
    struct object *old = object_new(SPAN(""));

    old->version = object->version;
    old->time_ms = object->time_ms;
    old->body = object->body;
    old->body_len = object->body_len;
    old->writer = object->writer;
    object->body = NULL;
    object->writer = NULL;
    return old;
}

/* Call it before the object is changed (its body and writer are taken away), or once it was
 * created. */
void
undo_object(struct session *session, enum undo_kind kind, struct object *object, int64_t seq)
{
    struct undo_entry *entry = entry_add(session->hub);

    entry->kind = kind;
    entry->seq = seq;
    entry->object = object;
    entry->old = kind == UNDO_UPDATED ? keep(object) : NULL;
}

/* Call it before the world is changed. */
void
undo_world(struct session *session)
{
    struct undo_entry *entry = entry_add(session->hub);

    entry->world = mem_strndup(session->world.data, session->world.len);
    entry->world_len = session->world.len;
    entry->world_version = session->world_version;
}

static void
entry_fini(struct undo_entry *entry)
{
    object_free(entry->old);
    free(entry->world);
}

/* The message is accepted: what it replaced goes. */
void
undo_forget(struct hub *hub)
{
    for (size_t i = 0; i < hub->undo_count; i++)
        entry_fini(&hub->undo[i]);
    hub->undo_count = 0;
}

static void
restore_object(struct object *object, struct object *old)
{
    free(object->body);
    free(object->writer);
    object->body = old->body;
    object->body_len = old->body_len;
    object->version = old->version;
    object->time_ms = old->time_ms;
    object->writer = old->writer;
    old->body = NULL;
    old->writer = NULL;
}

static void
entry_undo(struct session *session, struct undo_entry *entry)
{
    struct object *object = entry->object;

    switch (entry->kind) {
    case UNDO_CREATED:
        table_del(&session->objects, span_of(object->name));
        object_free(object);
        break;
    case UNDO_UPDATED:
        restore_object(object, entry->old);
        break;
    case UNDO_DELETED:
        object->is_deleted = false;
        table_put(&session->objects, span_of(object->name), object);
        break;
    case UNDO_WORLD:
        session_set_world(session, (struct span){entry->world, entry->world_len});
        session->world_version = entry->world_version;
        break;
    }
}

/* The message is refused: everything is as it was before it, the newest change taken back first. */
void
undo_all(struct hub *hub, struct session *session)
{
    while (hub->undo_count > 0) {
        struct undo_entry *entry = &hub->undo[--hub->undo_count];

        entry_undo(session, entry);
        entry_fini(entry);
    }
}
