/*
 * Rows written behind: an event's own row makes it durable; the rows of objects and the camera
 * follow once they have been quiet for a second, some with each batch. objects_seq says what the
 * rows hold; loading replays the events above it, and pruning leaves them.
 *
 * Where conflicts go by time the rows come with their events: who changed what when by his own
 * clock is in the rows alone.
 *
 * Each batch looks at the sessions it writes rows of, and at those that have events in it, but not
 * at all that have rows to be written.
 */
#include "hub/hub_state.h"

#define WRITE_BEHIND_MS 1000 /* rows wait so long for further changes */
#define WRITE_BEHIND_ROWS 32 /* per batch, not to make its commit long */
#define REPLAY_MAX 1000      /* events that change no row, before objects_seq follows them */

/* --- what is to be written --- */

static bool
is_dirty(const struct session *session)
{
    return session->dirty_first || session->is_camera_dirty;
}

static void
list_dirty(struct session *session)
{
    struct hub *hub = session->hub;

    list_append(&hub->dirty_sessions, &session->in_dirty);
    if (session->is_world_timed)
        list_append(&hub->prompt_sessions, &session->in_prompt);
}

void
session_mark_dirty(struct session *session, struct object *object, int64_t seq)
{
    if (!object->dirty_seq) {
        object->dirty_seq = seq;
        object->dirty_ms = hub_mono_ms(session->hub);
        object->next_dirty = NULL;
        *(session->dirty_last ? &session->dirty_last->next_dirty : &session->dirty_first) = object;
        session->dirty_last = object;
        session->dirty_count++;
    }
    list_dirty(session);
}

/* The camera is not what its column says. */
void
session_mark_camera(struct session *session)
{
    if (!session->is_camera_dirty) {
        session->is_camera_dirty = true;
        session->camera_dirty_ms = hub_mono_ms(session->hub);
    }
    list_dirty(session);
}

/* A durable event is in the open batch. */
void
session_mark_event(struct session *session)
{
    if (session->seq - session->rows_seq >= REPLAY_MAX)
        list_append(&session->hub->prompt_sessions, &session->in_prompt);
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

static bool
is_due(const struct session *session, int64_t before_ms)
{
    return is_camera_due(session, before_ms) ||
           (session->dirty_first && session->dirty_first->dirty_ms <= before_ms);
}

/* Whose rows come with their events; and who is far behind, whose rows wait for their turn. */
static void
write_prompt(struct hub *hub)
{
    struct list *at;

    while ((at = list_shift(&hub->prompt_sessions))) {
        struct session *session = LIST_ELEMENT(at, struct session, in_prompt);

        if (may_write(session) && session->is_world_timed)
            write_session(session, INT64_MAX, SIZE_MAX);
        else if (may_write(session) && is_far_behind(session))
            write_session(session, 0, 0);
    }
}

/*
 * The sessions lie in the order in which they became dirty, or had some of their rows written: what
 * is not due yet at the front ends it. So a row may wait for a second more than it should.
 */
static void
write_due(struct hub *hub, int64_t before_ms, size_t rows)
{
    struct list left, *at;

    list_init(&left);
    while (rows > 0 && (at = list_next(&hub->dirty_sessions, &hub->dirty_sessions))) {
        struct session *session = LIST_ELEMENT(at, struct session, in_dirty);
        size_t written;

        if (may_write(session) && is_dirty(session) && !is_due(session, before_ms))
            break;
        list_remove(at);
        written = may_write(session) ? write_session(session, before_ms, rows) : 0;
        rows -= written < rows ? written : rows;
        if (is_dirty(session))
            list_append(&left, at);
    }
    while ((at = list_shift(&left)))
        list_append(&hub->dirty_sessions, at);
}

/* Has something waited long enough to be written? */
bool
write_behind_is_due(const struct hub *hub, int64_t now)
{
    const struct list *at = &hub->dirty_sessions;
    const struct session *session;

    do {
        at = list_next(&hub->dirty_sessions, at);
        session = at ? LIST_ELEMENT(at, struct session, in_dirty) : NULL;
    } while (session && !(may_write(session) && is_dirty(session)));
    return session && is_due(session, now - WRITE_BEHIND_MS);
}

/* With a batch that is about to be handed over: what has waited long enough, but not too many rows.
 */
void
write_behind_some(struct hub *hub, int64_t now)
{
    write_prompt(hub);
    write_due(hub, now - WRITE_BEHIND_MS, WRITE_BEHIND_ROWS);
}

void
hub_write_behind(struct hub *hub)
{
    write_due(hub, INT64_MAX, SIZE_MAX);
}
