/* Building a batch: the last step of the hub's work on an event, before the writer's. */
#include "store/batch.h"

#include "buf.h"

#include <stdlib.h>

static struct span
copy(struct batch *batch, struct span bytes)
{
    return bytes.at ? arena_copy(&batch->arena, bytes) : SPAN_NONE;
}

struct batch *
batch_new(void)
{
    return mem_zalloc(sizeof(struct batch));
}

void
batch_free(struct batch *batch)
{
    if (!batch)
        return;
    arena_fini(&batch->arena);
    free(batch);
}

void
batch_reset(struct batch *batch)
{
    arena_reset(&batch->arena);
    batch->parts = batch->last_part = NULL;
    batch->part_count = batch->event_count = batch->bytes = 0;
    batch->kvs = batch->last_kv = NULL;
    batch->kv_status = 0;
    batch->commit_us = 0;
}

struct batch_part *
batch_add_part(struct batch *batch, int64_t session, void *owner)
{
    struct batch_part *part = arena_alloc(&batch->arena, sizeof(*part));

    *part = (struct batch_part){.session = session, .owner = owner, .objects_seq = -1};
    if (batch->last_part)
        batch->last_part->next = part;
    else
        batch->parts = part;
    batch->last_part = part;
    batch->part_count++;
    return part;
}

void
batch_remove_part(struct batch *batch, struct batch_part *part)
{
    struct batch_part *before = NULL;
    struct batch_part **link = &batch->parts;

    while (*link != part) {
        before = *link;
        link = &before->next;
    }
    *link = part->next;
    if (batch->last_part == part)
        batch->last_part = before;
    part->next = NULL;
    batch->part_count--;
    batch->event_count -= part->event_count;
    for (const struct batch_event *event = part->events; event; event = event->next)
        batch->bytes -= event->body.len;
    if (batch->part_count == 0 && !batch->kvs) /* it may be long until it is handed over */
        arena_reset(&batch->arena);
}

struct batch_create *
batch_set_create(struct batch *batch, struct batch_part *part, const struct batch_create *create)
{
    struct batch_create *own = arena_alloc(&batch->arena, sizeof(*own));

    *own = *create;
    own->id = copy(batch, create->id);
    own->world = copy(batch, create->world);
    own->script = copy(batch, create->script);
    part->create = own;
    return own;
}

struct batch_event *
batch_add_event(struct batch *batch, struct batch_part *part, const struct batch_event *event)
{
    struct batch_event *own = arena_alloc(&batch->arena, sizeof(*own));

    *own = *event;
    own->type = copy(batch, event->type);
    own->client_id = copy(batch, event->client_id);
    own->body = copy(batch, event->body);
    own->next = NULL;
    if (part->last_event)
        part->last_event->next = own;
    else
        part->events = own;
    part->last_event = own;
    part->event_count++;
    batch->event_count++;
    batch->bytes += own->body.len;
    return own;
}

struct batch_object *
batch_add_object(struct batch *batch, struct batch_part *part, const struct batch_object *object)
{
    struct batch_object *own = arena_alloc(&batch->arena, sizeof(*own));

    *own = *object;
    own->name = copy(batch, object->name);
    own->body = copy(batch, object->body);
    own->writer = copy(batch, object->writer);
    own->next = NULL;
    if (part->last_object)
        part->last_object->next = own;
    else
        part->objects = own;
    part->last_object = own;
    part->object_count++;
    return own;
}

struct batch_kv *
batch_add_kv(struct batch *batch, const struct batch_kv *kv)
{
    struct batch_kv *own = arena_alloc(&batch->arena, sizeof(*own));

    own->owner = copy(batch, kv->owner);
    own->key = copy(batch, kv->key);
    own->value = copy(batch, kv->value);
    own->next = NULL;
    if (batch->last_kv)
        batch->last_kv->next = own;
    else
        batch->kvs = own;
    batch->last_kv = own;
    batch->bytes += own->key.len + own->value.len;
    return own;
}

struct batch_part *
batch_gather_coupled(struct batch *batch)
{
    struct batch_part *first[2] = {NULL, NULL}, *last[2] = {NULL, NULL};

    for (struct batch_part *part = batch->parts; part; part = part->next) {
        int kind = part->is_coupled ? 0 : 1;

        *(first[kind] ? &last[kind]->next : &first[kind]) = part;
        last[kind] = part;
    }
    for (int kind = 0; kind < 2; kind++)
        if (last[kind])
            last[kind]->next = kind == 0 ? first[1] : NULL;
    batch->parts = first[0] ? first[0] : first[1];
    batch->last_part = last[1] ? last[1] : last[0];
    return first[1];
}
