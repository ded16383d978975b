/*
 * Sessions are loaded when they are first needed; whoever needs one meanwhile waits, within bounds:
 * of one session, and of the whole server.
 * So does who needs one that is being deleted: that it is gone may be said once that is on disk
 * (invariant 4).
 */
#include "hub/hub_state.h"

#define WAITING_BYTES_MAX (1024 * 1024) /* of input for one session being loaded */

bool
open_must_wait(const struct session *session)
{
    return session->state != SESSION_READY;
}

static void
refuse_unknown(hub_open_fn fn, void *ctx, struct span id)
{
    struct refusal refusal;

    refusal_init(&refusal);
    refuse(&refusal, REFUSE_UNKNOWN_SESSION, "there is no session %.*s",
           (int)(id.len < ID_MAX ? id.len : ID_MAX), id.at ? id.at : "");
    fn(ctx, NULL, &refusal);
    refusal_fini(&refusal);
}

static void
refuse_loading(hub_open_fn fn, void *ctx, struct span id)
{
    struct refusal refusal;

    refusal_init(&refusal);
    refuse(&refusal, REFUSE_BUSY, "too much waits for session %.*s, or others, to be read",
           (int)id.len, id.at);
    refusal.retry_after_ms = 1000;
    fn(ctx, NULL, &refusal);
    refusal_fini(&refusal);
}

/* The first of a session always may, within what all sessions' together may be. */
static bool
may_wait(const struct hub *hub, const struct session *session, size_t bytes)
{
    return (!session || !session->waiting || session->waiting_bytes + bytes <= WAITING_BYTES_MAX) &&
           hub->waiting_bytes + bytes <= hub->options.limits.pending_bytes;
}

/* Calls fn at once or when the session is loaded; bytes is what ctx keeps meanwhile, sender (NULL:
 * nobody) who is not read from if too much waits. */
void
open_session(struct hub *hub, struct span id, struct client *sender, size_t bytes, hub_open_fn fn,
             void *ctx)
{
    struct session *session = id_is_valid(id) ? session_find(hub, id) : NULL;

    if (!id_is_valid(id)) {
        refuse_unknown(fn, ctx, id);
        return;
    }
    if (session && !open_must_wait(session)) {
        session->used_ms = hub_mono_ms(hub);
        fn(ctx, session, NULL);
        return;
    }
    bytes += sizeof(struct waiting) + (session ? 0 : sizeof(*session));
    if (sender)
        journal_pressure(hub, sender, hub->waiting_bytes + bytes);
    if (!may_wait(hub, session, bytes)) {
        refuse_loading(fn, ctx, id);
        return;
    }
    if (!session) {
        session = session_new(hub, id, 0);
        session->state = SESSION_LOADING;
    }
    session_wait(session, fn, ctx, bytes);
    if (session->state == SESSION_LOADING)
        session_load(session);
}

void
hub_open(struct hub *hub, struct span session_id, hub_open_fn fn, void *ctx)
{
    open_session(hub, session_id, NULL, 0, fn, ctx);
}

struct session *
hub_session(struct hub *hub, struct span id)
{
    struct session *session = id_is_valid(id) ? session_find(hub, id) : NULL;

    return session && !open_must_wait(session) ? session : NULL;
}
