/* A session in memory: how it comes and goes, and what others may read of it (session.h). */
#include "hub/hub_state.h"

#include "clock.h"
#include "err.h"
#include "log.h"
#include "json/json.h"

#include <assert.h>
#include <stdlib.h>

struct session *
session_find(struct hub *hub, struct span id)
{
    return table_get(&hub->sessions, id);
}

/* key 0: not known yet (being loaded). */
struct session *
session_new(struct hub *hub, struct span id, int64_t key)
{
    struct session *session = mem_zalloc(sizeof(*session));

    assert(id.len <= ID_MAX);
    session->hub = hub;
    session->key = key;
    memcpy(session->id, id.at, id.len);
    session->used_ms = hub_mono_ms(hub);
    ring_init(&session->ring, 0);
    buf_append_str(&session->world, "{}");
    table_put(&hub->sessions, span_of(session->id), session);
    hub->stats.sessions++;
    return session;
}

/* Drops all that was loaded or applied; ring, members and waiting input stay. */
void
session_forget_state(struct session *session)
{
    size_t pos = 0;
    struct span key;
    void *object;

    while (session->dirty_first) {
        struct object *dirty = session->dirty_first;

        session->dirty_first = dirty->next_dirty;
        if (dirty->is_deleted)
            object_free(dirty);
    }
    session->dirty_last = NULL;
    session->dirty_count = 0;
    while (table_next(&session->objects, &pos, &key, &object))
        object_free(object);
    table_fini(&session->objects);
    buf_clear(&session->world);
    buf_append_str(&session->world, "{}");
    buf_clear(&session->camera);
    buf_clear(&session->script);
    snapshot_unref(session->snapshot);
    session->snapshot = NULL;
    session->is_camera_dirty = false;
}

static void
unlist(struct session *session)
{
    list_remove(&session->in_flush);
    list_remove(&session->in_round);
    list_remove(&session->in_dirty);
    list_remove(&session->in_prompt);
}

/* Nobody may be in it or wait for it any more. */
void
session_free(struct session *session)
{
    struct hub *hub = session->hub;

    assert(session->member_count == 0 && !session->waiting && session->refs == 0);
    assert(!session->open_holds.first && !session->flight_holds.first);
    if (hub->scripts && hub->scripts->forget)
        hub->scripts->forget(hub->scripts->ctx, session);
    unlist(session);
    session_forget_state(session);
    rings_reset(session, session->ring.head_seq);
    newest_fini(&session->newest);
    buf_fini(&session->world);
    buf_fini(&session->camera);
    buf_fini(&session->script);
    buf_fini(&session->round);
    buf_fini(&session->last_words);
    free(session->round_events);
    free(session->members);
    free(session->epochs);
    if (table_get(&hub->sessions, span_of(session->id)) == session)
        table_del(&hub->sessions, span_of(session->id));
    hub->stats.sessions--;
    free(session);
}

void
session_unref(struct session *session)
{
    if (--session->refs == 0 && session->state == SESSION_ENDED)
        session_free(session);
}

/* It is deleted, or never was: found by nobody any more, freed with the last reference. */
void
session_end(struct session *session)
{
    if (table_get(&session->hub->sessions, span_of(session->id)) == session)
        table_del(&session->hub->sessions, span_of(session->id));
    assert(session->member_count == 0); /* client_each() finds members by their session */
    volatile_clear(session);
    session->state = SESSION_ENDED;
    session->refs++;
    session_unref(session);
}

/* May it be evicted? Sessions at rest are loaded again when they are needed. */
bool
session_is_idle(const struct session *session)
{
    return session->member_count == 0 && !session->open_part && !session->flight_part &&
           !session->waiting && session->refs == 0 && session->dirty_count == 0 &&
           !session->is_camera_dirty && session->state == SESSION_READY &&
           !list_is_linked(&session->in_flush) && !list_is_linked(&session->in_round);
}

void
session_set_world(struct session *session, struct span world)
{
    struct span conflict;

    buf_clear(&session->world);
    buf_append_span(&session->world, world);
    session->is_world_timed = json_member(buf_span(&session->world), "conflict", &conflict) &&
                              span_eq(conflict, SPAN("\"timestamp\""));
}

/* The time of what happens in it now: it never goes back, whatever the system's clock does. */
int64_t
session_stamp(struct session *session)
{
    int64_t now = hub_unix_ms(session->hub);

    if (now > session->last_time_ms)
        session->last_time_ms = now;
    return session->last_time_ms;
}

void
session_watched(const struct session *session, const struct watch_step *step,
                enum watch_cause cause)
{
    struct watch *watch = &session->hub->watch;

    if (watch_end(watch, step, cause))
        watch_name(watch, cause, &(struct watch_who){{[WATCH_SESSION] = session->id}});
}

/* --- input that waits for the load --- */

void
session_wait(struct session *session, hub_open_fn fn, void *ctx, size_t bytes)
{
    struct waiting *waiting = mem_alloc(sizeof(*waiting));

    *waiting = (struct waiting){.fn = fn, .ctx = ctx, .bytes = bytes};
    *(session->waiting ? &session->last_waiting->next : &session->waiting) = waiting;
    session->last_waiting = waiting;
    session->waiting_bytes += bytes;
    session->hub->waiting_bytes += bytes;
}

/*
 * Lets everything that waits go on, with the session or (ready NULL) with the refusal. If one of
 * them makes a session of that id, those behind it get that one; if one deletes it, those behind it
 * wait again, for the outcome.
 */
void
session_run_waiting(struct session *session, struct session *ready, const struct refusal *refusal)
{
    struct waiting *waiting = session->waiting;

    session->waiting = session->last_waiting = NULL;
    session->waiting_bytes = 0;
    session->refs++;
    while (waiting) {
        struct waiting *next = waiting->next;

        struct session *made = ready ? ready : session_find(session->hub, span_of(session->id));
        bool is_there = made && made->state == SESSION_READY;

        session->hub->waiting_bytes -= waiting->bytes;
        if (made && !is_there && (ready || made != session))
            session_wait(made, waiting->fn, waiting->ctx, waiting->bytes);
        else
            waiting->fn(waiting->ctx, is_there ? made : NULL, is_there ? NULL : refusal);
        free(waiting);
        waiting = next;
    }
    session->refs--;
}

/* Why what was held was not kept, for whom nothing has changed whatever became of the events. */
int
session_failure(const struct session *session)
{
    return session->failure == HD1_EFULL ? HD1_EFULL : HD1_EIO;
}

/* --- epochs --- */

void
session_new_epoch(struct session *session)
{
    struct store_epoch *epochs =
        mem_realloc(session->epochs, (session->epoch_count + 1) * sizeof(*epochs));

    session->epochs = epochs;
    idgen(session->epoch, sizeof(session->epoch), "e-");
    memcpy(epochs[session->epoch_count].epoch, session->epoch, sizeof(session->epoch));
    epochs[session->epoch_count++].first_seq = session->seq + 1;
    session->is_epoch_kept = false;
}

const char *
session_epoch_of(const struct session *session, int64_t version)
{
    for (size_t i = session->epoch_count; i-- > 0;)
        if (session->epochs[i].first_seq <= version)
            return session->epochs[i].epoch;
    return "";
}
