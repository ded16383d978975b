/* Which session a message is for: it is found, loaded or made, and the message goes on there. */
#include "hub/intake.h"

#include <stdlib.h>

/* An empty session for session_created; it goes again if the event is refused. */
static void
create_in(struct intake *intake)
{
    struct hub *hub = intake->hub;
    struct session *session =
        session_new(hub, span_of(intake->session_id), store_next_key(hub->options.store));

    session->state = SESSION_LOADING;
    session->oldest_seq = 1;
    session_new_epoch(session);
    intake_process(intake, session);
    if (session->seq == 0)
        session_end(session);
}

static void
receive_in(struct intake *intake, struct session *session)
{
    struct client *client = intake->message.client;

    if (intake->is_creation) {
        intake_refuse_as(intake, session, REFUSE_SESSION_EXISTS,
                         "there is a session of that id already");
    } else if (intake->message.source == SOURCE_WS && !client_member(client, session)) {
        intake_refuse_as(intake, session, REFUSE_NOT_JOINED, "join the session first");
    } else {
        intake_process(intake, session);
    }
}

static void
on_opened(void *ctx, struct session *session, const struct refusal *refusal)
{
    struct intake *intake = ctx;
    bool is_unknown = refusal && refusal_is(refusal, REFUSE_UNKNOWN_SESSION);

    if (session)
        receive_in(intake, session);
    else if (intake->is_creation && is_unknown &&
             !session_find(intake->hub, span_of(intake->session_id)))
        create_in(intake);
    else
        intake_refuse_copy(intake, refusal);
}

static void
on_parked_opened(void *ctx, struct session *session, const struct refusal *refusal)
{
    struct intake *intake = ctx;
    struct client *client = intake->message.client;
    struct watch_step step = watch_begin(&intake->hub->watch);

    intake->type =
        event_types_find(&intake->hub->types, intake->first.type); /* a reload may be between */
    on_opened(intake, session, refusal);
    intake_watched(intake, &step);
    client_unref(client);
    buf_fini(&intake->text);
    free(intake);
}

/* Keeps the message until its session is loaded. */
static void
park(const struct intake *intake)
{
    struct intake *parked = mem_alloc(sizeof(*parked));

    *parked = *intake;
    parked->text = BUF_INIT;
    buf_append_span(&parked->text, intake->value);
    parked->value = buf_span(&parked->text);
    envelope_peek(parked->value, &parked->first); /* it is there now */
    parked->message.text = parked->value;
    parked->message.session_id = SPAN_NONE;
    if (intake->message.if_epoch.at) {
        size_t len = intake->message.if_epoch.len;

        parked->message.if_epoch.len = len < sizeof(parked->epoch) ? len : sizeof(parked->epoch);
        memcpy(parked->epoch, intake->message.if_epoch.at, parked->message.if_epoch.len);
        parked->message.if_epoch.at = parked->epoch;
    }
    client_ref(parked->message.client);
    open_session(intake->hub, span_of(parked->session_id), parked->message.client,
                 parked->text.len + sizeof(*parked), on_parked_opened, parked);
}

void
intake_dispatch(struct intake *intake)
{
    struct hub *hub = intake->hub;

    intake->is_creation = span_is(intake->first.type, "session_created");
    if (intake->is_creation && !intake->names_session)
        idgen(intake->session_id, ID_SIZE, "session-");
    if (!intake->session_id[0]) {
        intake_refuse_as(intake, NULL, REFUSE_INVALID_EVENT,
                         "data.session_id is missing or not 1 to 64 letters, digits, '_' or '-'");
        return;
    }
    struct session *session = session_find(hub, span_of(intake->session_id));

    if (session && session->state == SESSION_READY)
        receive_in(intake, session);
    else
        park(intake);
}
