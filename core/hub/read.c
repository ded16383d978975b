/* Reading for others than members: history, from the ring or from the store; and running a script.
 */
#include "hub/hub_state.h"

#include "err.h"

#include <stdlib.h>

#define HISTORY_BYTES (256 * 1024) /* of one page from the store */

struct history {
    struct session *session; /* a reference */
    int64_t since;
    size_t limit;
    hub_history_fn fn;
    void *ctx;
};

static void
history_free(struct history *history)
{
    session_unref(history->session);
    free(history);
}

static void
on_events(void *ctx, int status, const struct store_event *events, size_t count)
{
    struct history *history = ctx;
    struct watch_step step = watch_begin(&history->session->hub->watch);
    struct buf out = BUF_INIT;
    int64_t last = history->since;

    history->session->hub->reads--;
    if (status != 0) {
        struct refusal refusal;

        refusal_init(&refusal);
        refuse_storage(&refusal, HD1_EIO);
        history->fn(history->ctx, &refusal, SPAN_NONE, 0, 0, false);
        refusal_fini(&refusal);
        session_watched(history->session, &step, WATCH_PAGE);
        history_free(history);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct event_facts facts = {events[i].type, events[i].body,      events[i].time_ms,
                                    events[i].seq,  events[i].client_id, events[i].client_msg_id};

        if (i > 0)
            buf_append_char(&out, ',');
        event_encode(&out, &facts);
        last = events[i].seq;
    }
    history->fn(history->ctx, NULL, buf_span(&out), count, last,
                count > 0 && last < history->session->committed);
    buf_fini(&out);
    session_watched(history->session, &step, WATCH_PAGE);
    history_free(history);
}

static void
history_from_ring(const struct session *session, int64_t since, size_t limit, hub_history_fn fn,
                  void *ctx)
{
    struct watch_step step = watch_begin(&session->hub->watch);
    struct buf out = BUF_INIT;
    int64_t seq = since;
    size_t count = 0;

    while (count < limit && seq < session->ring.head_seq && out.len < HISTORY_BYTES) {
        if (count++ > 0)
            buf_append_char(&out, ',');
        buf_append_span(&out, ring_payload(&session->ring, ++seq));
    }
    fn(ctx, NULL, buf_span(&out), count, seq, seq < session->ring.head_seq);
    buf_fini(&out);
    session_watched(session, &step, WATCH_PAGE);
}

/* The ring holds committed events only, and the store is asked for those only: nothing to be held.
 */
void
hub_history(struct session *session, int64_t since, size_t limit, hub_history_fn fn, void *ctx)
{
    if (since >= session->committed || ring_reaches(&session->ring, since)) {
        history_from_ring(session, since, limit, fn, ctx);
        return;
    }
    struct history *history = mem_alloc(sizeof(*history));

    *history = (struct history){session, since, limit, fn, ctx};
    session->refs++;
    session->hub->reads++;
    store_history(session->hub->options.store, session->key, since, session->committed, limit,
                  HISTORY_BYTES, on_events, history);
}

/* --- scripts --- */

struct run {
    struct hub *hub;
    hub_reply_fn reply;
    void *ctx;
    struct session *session;
    int64_t seq, last_seq; /* before its first event, and of its last */
    char script[ID_SIZE];
    bool is_refused;
    struct refusal refusal; /* if so */
};

static void
on_run_held(void *ctx, bool is_kept)
{
    struct run *run = ctx;
    struct refusal refusal;
    struct outcome outcome = {
        .session_id = span_of(run->session->id),
        .first_seq = run->last_seq > run->seq ? run->seq + 1 : 0,
        .last_seq = run->last_seq,
    };

    refusal_init(&refusal);
    if (!is_kept) {
        refuse_storage(&refusal, run->session->failure);
        outcome.refusal = &refusal;
    } else if (run->is_refused) {
        outcome.refusal = &run->refusal;
    }
    run->reply(run->ctx, &outcome);
    refusal_fini(&refusal);
    refusal_fini(&run->refusal);
    session_unref(run->session);
    free(run);
}

static void
refuse_run(struct run *run, const struct refusal *refusal)
{
    struct outcome outcome = {.refusal = refusal};

    run->reply(run->ctx, &outcome);
    free(run);
}

/* The session remembers which script it runs. */
static void
note_script(struct session *session, const char *script)
{
    struct batch_part *part = journal_part(session);

    buf_clear(&session->script);
    buf_append_str(&session->script, script);
    part->script = arena_copy(&session->hub->open->arena, span_of(script));
}

static void
on_run_open(void *ctx, struct session *session, const struct refusal *refusal)
{
    struct run *run = ctx;
    const struct hub_scripts *scripts = run->hub->scripts;

    if (!session) {
        refuse_run(run, refusal);
        return;
    }
    refusal_init(&run->refusal);
    run->session = session;
    run->seq = session->seq;
    session->refs++;
    run->is_refused =
        scripts->check(scripts->ctx, span_of(run->script), &run->refusal) != 0 ||
        scripts->setup(scripts->ctx, session, span_of(run->script), &run->refusal) != 0;
    run->last_seq = session->seq;
    if (!run->is_refused)
        note_script(session, run->script);
    hub_hold(session, on_run_held, run);
}

/* It is charged like any other message. */
static bool
may_run(struct hub *hub, struct client *client, const struct run *run, struct span session_id,
        struct refusal *refusal)
{
    struct message_facts facts = {.type = SPAN("run_script"),
                                  .session_id = session_id,
                                  .bytes = strlen(run->script),
                                  .count = 1,
                                  .source = SOURCE_REST};

    if (!hub_charge(hub, client, &facts, refusal))
        return false;
    if (!run->script[0] || !hub->scripts || !hub->scripts->check || !hub->scripts->setup) {
        refuse(refusal, REFUSE_UNKNOWN_SCRIPT, "there is no such world script");
        return false;
    }
    return true;
}

void
hub_run_script(struct hub *hub, struct client *client, struct span session_id, struct span script,
               hub_reply_fn reply, void *ctx)
{
    struct run *run = mem_zalloc(sizeof(*run));
    struct refusal refusal;

    *run = (struct run){.hub = hub, .reply = reply, .ctx = ctx};
    if (id_is_valid(script))
        memcpy(run->script, script.at, script.len);
    refusal_init(&refusal);
    if (may_run(hub, client, run, session_id, &refusal))
        open_session(hub, session_id, client, 0, on_run_open, run);
    else
        refuse_run(run, &refusal);
    refusal_fini(&refusal);
}
