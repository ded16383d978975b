/*
 * Rows written behind: an event's own row makes it durable; the rows of objects and the camera
 * follow once they have been quiet for a second, some with each batch. objects_seq says what the
 * rows hold; loading replays the events above it, and pruning leaves them.
 *
 * Where conflicts go by time the rows come with their events: who changed what when by his own
 * clock is in the rows alone.
 */
#include "hub/hub_state.h"

#define WRITE_BEHIND_MS 1000 /* rows wait so long for further changes */
#define WRITE_BEHIND_ROWS 32 /* per batch, not to make its commit long */
#define REPLAY_MAX 1000      /* events that change no row, before objects_seq follows them */

/* --- what is to be written --- */

void
session_list_dirty(struct session *session)
{
    struct hub *hub = session->hub;

    if (session->is_listed_dirty)
        return;
    session->is_listed_dirty = true;
    session->next_dirty = NULL;
    *(hub->dirty_last ? &hub->dirty_last->next_dirty : &hub->dirty_first) = session;
    hub->dirty_last = session;
}

void
session_mark_dirty(struct session *session, struct object *object, int64_t seq)
{
    if (object->dirty_seq)
        return;
    object->dirty_seq = seq;
    object->dirty_ms = hub_mono_ms(session->hub);
    object->next_dirty = NULL;
    *(session->dirty_last ? &session->dirty_last->next_dirty : &session->dirty_first) = object;
    session->dirty_last = object;
    session->dirty_count++;
    session_list_dirty(session);
}

/* The camera is not what its column says. */
void
session_mark_camera(struct session *session)
{
    if (!session->is_camera_dirty) {
        session->is_camera_dirty = true;
        session->camera_dirty_ms = hub_mono_ms(session->hub);
    }
    session_list_dirty(session);
}

/* A durable event is in the open batch. */
void
session_mark_event(struct session *session)
{
    if (session->seq - session->rows_seq >= REPLAY_MAX)
        session_list_dirty(session);
}

/* --- writing it --- */

static void
write_object(struct batch *batch, struct batch_part *part, struct object *object)
{
    struct batch_object row = {
        .name = span_of(object->name),
        .body = object->is_deleted ? SPAN_NONE : object_body(object),
        .version = object->version,
        .time_ms = object->time_ms,
        .writer = span_of(object->writer),
    };

    batch_add_object(batch, part, &row);
    object->dirty_seq = 0;
    object->next_dirty = NULL;
    if (object->is_deleted)
        object_free(object);
}

static bool
is_camera_due(const struct session *session, int64_t before_ms)
{
    return session->is_camera_dirty && session->camera_dirty_ms <= before_ms;
}

/* Rows hold at least everything below the oldest row still to be written. */
static int64_t
rows_hold(const struct session *session)
{
    return session->dirty_first ? session->dirty_first->dirty_seq - 1 : session->seq;
}

/* Events that change no row leave objects_seq behind, which is seldom worth a write of its own. */
static bool
is_far_behind(const struct session *session)
{
    return rows_hold(session) - session->rows_seq >= REPLAY_MAX;
}

/* Writes the session's oldest dirty rows, those dirty since before `before_ms`; returns how many.
 */
static size_t
write_session(struct session *session, int64_t before_ms, size_t limit)
{
    size_t count = 0;
    struct batch_part *part = NULL;

    while (count < limit && session->dirty_first && session->dirty_first->dirty_ms <= before_ms) {
        struct object *object = session->dirty_first;

        part = journal_part(session);
        session->dirty_first = object->next_dirty;
        session->dirty_count--;
        write_object(session->hub->open, part, object);
        count++;
    }
    if (!session->dirty_first)
        session->dirty_last = NULL;
    if (is_camera_due(session, before_ms)) {
        part = journal_part(session);
        part->camera = arena_copy(&session->hub->open->arena, buf_span(&session->camera));
        session->is_camera_dirty = false;
        count++;
    }
    if (part || is_far_behind(session))
        journal_part(session)->objects_seq = session->rows_seq = rows_hold(session);
    return count;
}

static bool
may_write(const struct session *session)
{
    return session->state == SESSION_READY;
}

/* Goes once round the dirty sessions; what is still dirty stays listed. */
static void
write_behind(struct hub *hub, int64_t before_ms, size_t rows)
{
    struct session *session = hub->dirty_first;

    hub->dirty_first = hub->dirty_last = NULL;
    while (session) {
        struct session *next = session->next_dirty;

        session->is_listed_dirty = false;
        if (may_write(session) && session->is_world_timed) {
            write_session(session, INT64_MAX, SIZE_MAX);
        } else if (may_write(session) && rows > 0) {
            size_t written = write_session(session, before_ms, rows);

            rows -= written < rows ? written : rows;
        }
        if (session->dirty_first || session->is_camera_dirty)
            session_list_dirty(session);
        session = next;
    }
}

/* Has something waited long enough to be written? */
bool
write_behind_is_due(const struct hub *hub, int64_t now)
{
    const struct session *session = hub->dirty_first;
    int64_t before_ms = now - WRITE_BEHIND_MS;

    while (session && !may_write(session))
        session = session->next_dirty;
    return session && (is_camera_due(session, before_ms) ||
                       (session->dirty_first && session->dirty_first->dirty_ms <= before_ms));
}

/* With a batch that is about to be handed over: what has waited long enough, but not too many rows.
 */
void
write_behind_some(struct hub *hub, int64_t now)
{
    write_behind(hub, now - WRITE_BEHIND_MS, WRITE_BEHIND_ROWS);
}

void
hub_write_behind(struct hub *hub)
{
    write_behind(hub, INT64_MAX, SIZE_MAX);
}
