/* What a joiner gets: the objects at one seq as shared pages, each a ready-made frame. */
#include "hub/hub_state.h"

#include "hub/frame.h"

#include <assert.h>
#include <stdlib.h>

#define PAGE_OVERHEAD 256 /* what stands around the objects of a page */

struct snapshot {
    uint32_t refs;
    uint32_t page_count;
    int64_t seq;
    struct buf world;
    struct buf frames; /* all pages, one behind the other */
    size_t *page_ends; /* offsets into frames */
};

struct builder {
    struct session *session;
    struct snapshot *snapshot;
    struct buf objects; /* of the page being filled, comma-separated */
};

static void
builder_end_page(struct builder *builder, bool is_last)
{
    struct session *session = builder->session;
    struct snapshot *snapshot = builder->snapshot;
    struct buf *json = &session->hub->scratch2;

    buf_clear(json);
    buf_appendf(json,
                "{\"type\":\"session_snapshot\",\"data\":{\"session_id\":\"%s\",\"epoch\":\"%s\","
                "\"seq\":%lld,\"page\":%u,\"last\":%s,\"objects\":[",
                session->id, session->epoch, (long long)snapshot->seq, snapshot->page_count + 1,
                is_last ? "true" : "false");
    buf_append_span(json, buf_span(&builder->objects));
    buf_append_str(json, "]}}");
    frame_append(&snapshot->frames, buf_span(json));
    snapshot->page_ends =
        mem_realloc(snapshot->page_ends, (snapshot->page_count + 1) * sizeof(*snapshot->page_ends));
    snapshot->page_ends[snapshot->page_count++] = snapshot->frames.len;
    buf_clear(&builder->objects);
}

static void
builder_add(struct builder *builder, const struct object *object)
{
    size_t need = object->body_len + 32;

    if (builder->objects.len > 0 &&
        builder->objects.len + need + PAGE_OVERHEAD > SNAPSHOT_PAGE_BYTES)
        builder_end_page(builder, false);
    if (builder->objects.len > 0)
        buf_append_char(&builder->objects, ',');
    object_append(&builder->objects, object);
}

static struct snapshot *
build(struct session *session)
{
    struct snapshot *snapshot = mem_zalloc(sizeof(*snapshot));
    struct builder builder = {session, snapshot, BUF_INIT};
    size_t pos = 0;
    struct span key;
    void *object;
    struct watch_step step = watch_begin(&session->hub->watch);

    snapshot->refs = 1;
    snapshot->seq = session->seq;
    buf_append_span(&snapshot->world, session_world(session));
    while (table_next(&session->objects, &pos, &key, &object))
        builder_add(&builder, object);
    if (builder.objects.len > 0)
        builder_end_page(&builder, true);
    buf_fini(&builder.objects);
    session_watched(session, &step, WATCH_PAGE);
    return snapshot;
}

/* What came after it must be there still: in the ring, for the log may have been pruned. */
static bool
is_usable(const struct session *session, const struct snapshot *snapshot)
{
    return session->seq - snapshot->seq <= SNAPSHOT_AGE_MAX &&
           snapshot->seq + 1 >= session->ring.first_seq;
}

struct snapshot *
snapshot_take(struct session *session)
{
    struct snapshot *cached = session->snapshot;

    if (!cached || !is_usable(session, cached)) {
        snapshot_unref(cached);
        session->snapshot = build(session);
    }
    session->snapshot->refs++;
    return session->snapshot;
}

void
snapshot_unref(struct snapshot *snapshot)
{
    if (snapshot && --snapshot->refs == 0) {
        buf_fini(&snapshot->world);
        buf_fini(&snapshot->frames);
        free(snapshot->page_ends);
        free(snapshot);
    }
}

int64_t
snapshot_seq(const struct snapshot *snapshot)
{
    return snapshot->seq;
}

struct span
snapshot_world(const struct snapshot *snapshot)
{
    return buf_span(&snapshot->world);
}

uint32_t
snapshot_page_count(const struct snapshot *snapshot)
{
    return snapshot->page_count;
}

struct span
snapshot_page(const struct snapshot *snapshot, uint32_t page)
{
    assert(page >= 1 && page <= snapshot->page_count);
    size_t start = page == 1 ? 0 : snapshot->page_ends[page - 2];

    return (struct span){snapshot->frames.data + start, snapshot->page_ends[page - 1] - start};
}
