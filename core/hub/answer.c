/* What the sender of a message is told, and when: not before what it shows is on disk. */
#include "hub/intake.h"

#include "err.h"
#include "log.h"

#include <stdlib.h>

/* Replies per client to nonsense, without id and with one, which asks for an answer; the rest is
 * counted only. */
#define ERRORS_PER_S 20
#define ERRORS_WITH_ID_PER_S 500
#define COMPLAIN_MS 10000 /* between two log lines about one client's nonsense */

/* --- refusals --- */

struct held_refusal {
    struct client *client; /* a reference */
    struct session *session;
    struct message message;
    struct refusal refusal;
    int64_t id;
    size_t index;
};

static void
tell_refusal(const struct message *message, const struct refusal *refusal, int64_t id, size_t index)
{
    if (message->reply) {
        struct outcome outcome = {.refusal = refusal, .refused_index = index};

        message->reply(message->reply_ctx, &outcome);
    } else {
        client_refuse(message->client, refusal, id);
    }
}

static void
on_refusal_held(void *ctx, bool is_kept)
{
    struct held_refusal *held = ctx;

    if (!is_kept) /* what it was refused for may never have been */
        refuse_storage(&held->refusal, session_failure(held->session));
    tell_refusal(&held->message, &held->refusal, held->id, held->index);
    refusal_fini(&held->refusal);
    client_unref(held->client);
    free(held);
}

/* Takes the refusal's bytes. A refusal may show uncommitted state, so it waits for it. */
void
intake_refuse(struct intake *intake, struct session *session, struct refusal *refusal, int64_t id,
              size_t index)
{
    intake->hub->stats.refused++;
    if (!session || intake->message.is_told_at_once ||
        (!session->open_part && !session->flight_part)) {
        tell_refusal(&intake->message, refusal, id, index);
        refusal_fini(refusal);
        return;
    }
    struct held_refusal *held = mem_alloc(sizeof(*held));

    *held = (struct held_refusal){
        client_ref(intake->message.client), session, intake->message, *refusal, id, index};
    hub_hold(session, on_refusal_held, held);
}

void
intake_refuse_as(struct intake *intake, struct session *session, enum refusal_code code,
                 const char *what)
{
    struct refusal refusal;

    refusal_init(&refusal);
    refuse(&refusal, code, "%s", what);
    intake_refuse(intake, session, &refusal, intake->first.id, 0);
}

/* The session cannot be had: unknown, or the disk fails. */
void
intake_refuse_copy(struct intake *intake, const struct refusal *refusal)
{
    struct refusal copy = *refusal;

    copy.details = BUF_INIT;
    buf_append_span(&copy.details, buf_span(&refusal->details));
    intake_refuse(intake, NULL, &copy, intake->first.id, 0);
}

/* --- nonsense --- */

/* Nonsense is answered at a bounded rate, and logged seldom. */
static bool
may_answer_nonsense(struct client *client, const struct refusal *refusal, int64_t id)
{
    int64_t now = hub_mono_ms(client->hub);
    struct client_more *more;

    if (client->kind != CLIENT_WS)
        return true;
    more = client_more(client);
    if (more->complained_ms == 0 || now - more->complained_ms >= COMPLAIN_MS) {
        more->complained_ms = now;
        log_info("receive", "message refused", log_str("client", client_id(client)),
                 log_str("code", refusal->code), log_str("why", refusal->message));
    }
    if (more->errors_s != now / 1000) {
        more->errors_s = now / 1000;
        more->errors = 0;
    }
    return more->errors++ < (id > 0 ? ERRORS_WITH_ID_PER_S : ERRORS_PER_S);
}

void
intake_refuse_nonsense(struct intake *intake, struct refusal *refusal)
{
    int64_t id = intake->first.id;

    if (intake->message.reply || may_answer_nonsense(intake->message.client, refusal, id)) {
        intake_refuse(intake, NULL, refusal, id, 0);
    } else {
        intake->hub->stats.refused++;
        refusal_fini(refusal);
    }
}

/* --- acceptance --- */

struct held_outcome {
    struct session *session;
    hub_reply_fn reply;
    void *ctx;
    struct outcome outcome;
    char session_id[ID_SIZE];
    char epoch[24];
    struct buf result;
};

static void
on_outcome_held(void *ctx, bool is_kept)
{
    struct held_outcome *held = ctx;
    struct refusal refusal;

    refusal_init(&refusal);
    if (!is_kept) {
        refuse_storage(&refusal, held->session->failure);
        held->outcome = (struct outcome){.refusal = &refusal};
    }
    held->reply(held->ctx, &held->outcome);
    refusal_fini(&refusal);
    buf_fini(&held->result);
    free(held);
}

/* The thing as it is after the event. */
static void
append_result(struct held_outcome *held, const struct event *event)
{
    struct session *session = event->session;
    const struct object *object =
        event->object_name.at ? session_object(session, event->object_name) : NULL;

    if (object && event->seq > 0) {
        held->outcome.version = object_version(object);
        object_append(&held->result, object);
    } else if (event->seq > 0 && session->world_version == event->seq && event->seq > 1) {
        held->outcome.version = event->seq;
        buf_append_span(&held->result, session_world(session));
    } else if (event->seq == 1) {
        session_append_detail(&held->result, session);
    } else {
        buf_append_span(&held->result, event->data);
    }
}

void
intake_accepted(struct intake *intake, struct session *session, const struct event *events,
                size_t count)
{
    struct held_outcome *held;

    if (!intake->message.reply)
        return;
    held = mem_zalloc(sizeof(*held));
    held->session = session;
    held->reply = intake->message.reply;
    held->ctx = intake->message.reply_ctx;
    memcpy(held->session_id, session->id, sizeof(held->session_id));
    held->outcome.session_id = span_of(held->session_id);
    for (size_t i = 0; i < count; i++) {
        if (events[i].seq > 0) {
            held->outcome.first_seq =
                held->outcome.first_seq ? held->outcome.first_seq : events[i].seq;
            held->outcome.last_seq = events[i].seq;
        }
    }
    if (count == 1 && events[0].type) {
        append_result(held, &events[0]);
        held->outcome.result = buf_span(&held->result);
    }
    memcpy(held->epoch, session->epoch, sizeof(held->epoch));
    held->outcome.epoch = span_of(held->epoch);
    hub_hold(session, on_outcome_held, held);
}
