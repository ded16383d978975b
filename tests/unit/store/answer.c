/* Asking the reader and keeping a copy of what it answers. */
#include "clock.h"
#include "scene.h"

#include <stdlib.h>

static struct span
keep(struct answer *answer, struct span text)
{
    return text.at ? arena_copy(&answer->arena, text) : SPAN_NONE;
}

static struct store_event *
keep_events(struct answer *answer, const struct store_event *events, size_t count)
{
    struct store_event *own = arena_alloc(&answer->arena, count * sizeof(*own) + 1);

    for (size_t i = 0; i < count; i++) {
        own[i] = events[i];
        own[i].type = keep(answer, events[i].type);
        own[i].client_id = keep(answer, events[i].client_id);
        own[i].body = keep(answer, events[i].body);
    }
    return own;
}

static void
keep_session(struct answer *answer, const struct store_session *session)
{
    struct store_session *own = &answer->session;

    *own = *session;
    own->id = keep(answer, session->id);
    own->world = keep(answer, session->world);
    own->camera = keep(answer, session->camera);
    own->script = keep(answer, session->script);
    own->epochs = arena_alloc(&answer->arena, own->epoch_count * sizeof(*own->epochs) + 1);
    for (size_t i = 0; i < own->epoch_count; i++)
        own->epochs[i] = session->epochs[i];
    own->objects = arena_alloc(&answer->arena, own->object_count * sizeof(*own->objects) + 1);
    for (size_t i = 0; i < own->object_count; i++) {
        own->objects[i] = session->objects[i];
        own->objects[i].name = keep(answer, session->objects[i].name);
        own->objects[i].body = keep(answer, session->objects[i].body);
    }
    own->events = keep_events(answer, session->events, session->event_count);
}

static void
loaded(void *ctx, int status, const struct store_session *session)
{
    struct answer *answer = ctx;

    answer->is_there = true;
    answer->status = status;
    assert_int_equal(status == 0, session != NULL);
    if (session)
        keep_session(answer, session);
}

static void
paged(void *ctx, int status, const struct store_event *events, size_t count)
{
    struct answer *answer = ctx;

    answer->is_there = true;
    answer->status = status;
    answer->events = keep_events(answer, events, count);
    answer->count = count;
}

static void
listed(void *ctx, int status, const struct store_listing *items, size_t count)
{
    struct answer *answer = ctx;

    answer->is_there = true;
    answer->status = status;
    answer->items = arena_alloc(&answer->arena, count * sizeof(*items) + 1);
    answer->count = count;
    for (size_t i = 0; i < count; i++) {
        answer->items[i] = items[i];
        answer->items[i].id = keep(answer, items[i].id);
        answer->items[i].script = keep(answer, items[i].script);
    }
}

static struct answer *
await(struct scene *scene, struct answer *answer)
{
    int64_t deadline_ms = clock_mono_ms() + SCENE_WAIT_MS;

    while (!answer->is_there && clock_mono_ms() < deadline_ms)
        store_wait(scene->store, 100);
    assert_true(answer->is_there);
    return answer;
}

struct answer *
scene_load(struct scene *scene, const char *id)
{
    struct answer *answer = calloc(1, sizeof(*answer));

    store_load(scene->store, span_of(id), loaded, answer);
    return await(scene, answer);
}

struct answer *
scene_history(struct scene *scene, int64_t key, int64_t since, int64_t until, size_t limit,
              size_t max_bytes)
{
    struct answer *answer = calloc(1, sizeof(*answer));

    store_history(scene->store, key, since, until, limit, max_bytes, paged, answer);
    return await(scene, answer);
}

struct answer *
scene_list(struct scene *scene, const char *after, size_t limit)
{
    struct answer *answer = calloc(1, sizeof(*answer));

    store_list(scene->store, span_of(after), limit, listed, answer);
    return await(scene, answer);
}

void
answer_free(struct answer *answer)
{
    arena_fini(&answer->arena);
    free(answer);
}
