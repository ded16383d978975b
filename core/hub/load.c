/*
 * A session comes from disk: its object rows and the replay of the events above them. Also after a
 * failed commit: what is then on disk is the truth.
 */
#include "hub/hub_state.h"

#include "err.h"
#include "hub/invariants.h"
#include "log.h"
#include "json/json.h"

#include <stdlib.h>

#define RETRY_MS 1000

static void
fill_object(struct session *session, const struct store_object *row)
{
    struct object *object = object_new(row->name);

    object->body = mem_strndup(row->body.at, row->body.len);
    object->body_len = (uint32_t)row->body.len;
    object->version = row->version;
    object->time_ms = row->time_ms;
    if (row->writer.at)
        object->writer = mem_strndup(row->writer.at, row->writer.len);
    table_put(&session->objects, span_of(object->name), object);
}

static void
fill_epochs(struct session *session, const struct store_session *loaded)
{
    free(session->epochs);
    session->epochs = mem_alloc((loaded->epoch_count + 1) * sizeof(*session->epochs));
    session->epoch_count = loaded->epoch_count;
    if (loaded->epoch_count > 0)
        memcpy(session->epochs, loaded->epochs, loaded->epoch_count * sizeof(*loaded->epochs));
}

static void
fill_state(struct session *session, const struct store_session *loaded)
{
    session->created_ms = loaded->created_ms;
    if (loaded->last_time_ms > session->last_time_ms) /* volatile events had stamps, too */
        session->last_time_ms = loaded->last_time_ms;
    session->seq = session->committed = loaded->last_seq;
    session->oldest_seq = loaded->first_seq;
    session->rows_seq = loaded->objects_seq;
    session_set_world(session, loaded->world.at ? loaded->world : SPAN("{}"));
    session->world_version = loaded->world_version;
    buf_append_span(&session->camera, loaded->camera);
    buf_append_span(&session->script, loaded->script);
    for (size_t i = 0; i < loaded->object_count; i++)
        fill_object(session, &loaded->objects[i]);
    for (size_t i = 0; i < loaded->event_count; i++)
        apply_replay(session, &loaded->events[i]);
}

static void
first_load(struct session *session, const struct store_session *loaded)
{
    session->key = loaded->key;
    fill_epochs(session, loaded);
    session_new_epoch(session);
    ring_init(&session->ring, session->committed);
}

/*
 * The epoch goes on as long as all that anybody saw is still there. Events that were committed
 * though we were not told so are delivered now, from the store, as history.
 */
static void
second_load(struct session *session, const struct store_session *loaded)
{
    int64_t head = session->ring.head_seq;
    bool was_kept = false;

    for (size_t i = 0; i < loaded->epoch_count; i++)
        was_kept = was_kept || strcmp(loaded->epochs[i].epoch, session->epoch) == 0;
    session->is_epoch_kept = was_kept;
    if (session->committed < head) {
        log_error("load", "the database has lost events", log_str("session", session->id),
                  log_int("seen", head), log_int("found", session->committed));
        fill_epochs(session, loaded);
        session_new_epoch(session);
    }
    if (session->committed != head) {
        rings_reset(session, session->committed);
        for (size_t i = 0; i < session->member_count; i++)
            member_restart(session->members[i]);
        flush_session_later(session);
    }
}

static void
load_failed(struct session *session, int status)
{
    struct refusal refusal;

    refusal_init(&refusal);
    if (status == HD1_ENOENT) {
        refuse(&refusal, REFUSE_UNKNOWN_SESSION, "there is no session %s", session->id);
    } else {
        refuse_storage(&refusal, HD1_EIO);
        log_error("load", "session cannot be read", log_str("session", session->id),
                  log_str("error", err_text(status)));
    }
    bool was_known = session->state == SESSION_RELOADING;

    if (status != HD1_ENOENT && was_known) { /* its members stay; tried again, see hub_tick */
        session->retry_load_ms = hub_mono_ms(session->hub) + RETRY_MS;
        session_run_waiting(session, NULL, &refusal);
    } else {
        flush_session(session);
        gather_run(session->hub);
        session_say_last_words(session);
        member_dismiss_all(session, &refusal);
        table_del(&session->hub->sessions, span_of(session->id));
        session_run_waiting(session, NULL, &refusal);
        session_end(session);
    }
    refusal_fini(&refusal);
}

static void
on_loaded(void *ctx, int status, const struct store_session *loaded)
{
    struct session *session = ctx;
    struct watch_step step = watch_begin(&session->hub->watch);

    session->is_load_asked = false;
    session->hub->reads--;
    session->refs++; /* this function's, besides the one of the request */
    if (status != 0) {
        load_failed(session, status);
    } else {
        bool is_first = session->state == SESSION_LOADING;

        session_forget_state(session);
        fill_state(session, loaded);
        session->state = SESSION_READY;
        (is_first ? first_load : second_load)(session, loaded);
        invariants_at_load(session);
        session->used_ms = hub_mono_ms(session->hub);
        log_debug("load", "session loaded", log_str("session", session->id),
                  log_int("objects", (int64_t)session->objects.count),
                  log_int("seq", session->seq));
        session_run_waiting(session, session, NULL);
    }
    session_watched(session, &step, WATCH_LOAD);
    session_unref(session);
    session_unref(session);
}

/* Asks the store for it, unless that is under way. */
void
session_load(struct session *session)
{
    if (!session->is_load_asked) {
        session->is_load_asked = true;
        session->hub->reads++;
        session->refs++;
        store_load(session->hub->options.store, span_of(session->id), on_loaded, session);
    }
}

/* What is in memory is no longer true. Members stay, with what they were sent. */
void
session_reload(struct session *session)
{
    session->state = SESSION_RELOADING;
    session_forget_state(session);
    session_load(session);
}
