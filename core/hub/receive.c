/*
 * The one way in, for whatever comes from wherever: decode, before_message; then dispatch.c finds
 * the session, process.c takes event by event through before_event and apply, journal.c stores.
 */
#include "hub/intake.h"

#include "err.h"
#include "json/json.h"

static bool
check_id(struct intake *intake)
{
    struct client *client = intake->message.client;
    int64_t id = intake->first.id;

    if (intake->message.source != SOURCE_WS || id == 0)
        return true;
    if (id <= client->last_id) {
        intake_refuse_as(intake, NULL, REFUSE_INVALID_MESSAGE,
                         "id must be larger than any sent before");
        return false;
    }
    client->last_id = id;
    return true;
}

static int
check_known(struct intake *intake, struct span name, struct refusal *refusal)
{
    const struct event_type *type = event_types_find(&intake->hub->types, name);

    intake->type = type;
    if (type && event_type_may_come(type, intake->message.source, intake->message.client))
        return 0;
    refuse(refusal, REFUSE_UNKNOWN_TYPE, "there is no event type %.*s to be sent",
           (int)(name.len < 64 ? name.len : 64), name.at);
    return HD1_EINVAL;
}

/* The text may be gone: whoever sent it was answered. */
void
intake_watched(const struct intake *intake, const struct watch_step *step)
{
    struct watch *watch = &intake->hub->watch;
    struct watch_who who = {{NULL}};

    if (!watch_end(watch, step, WATCH_EVENT))
        return;
    if (intake->type)
        who.fields[WATCH_TYPE] = intake->type->name;
    if (intake->session_id[0])
        who.fields[WATCH_SESSION] = intake->session_id;
    watch_name(watch, WATCH_EVENT, &who);
}

static void
receive_checked(struct intake *intake)
{
    const struct envelope *first = &intake->first;
    struct refusal refusal;

    if (!check_id(intake))
        return;
    if (intake->message.source == SOURCE_WS &&
        control_receive(intake->hub, intake->message.client, first->type, first->data, first->id))
        return;
    refusal_init(&refusal);
    if (check_known(intake, first->type, &refusal) != 0)
        intake_refuse_nonsense(intake, &refusal);
    else
        intake_dispatch(intake);
}

/* Plugins first: limits for whatever came in, nonsense too. */
static bool
call_before_message(struct hub *hub, struct client *client, const struct message_facts *facts,
                    struct refusal *refusal)
{
    const struct hub_hooks *hooks = hub->hooks;

    return !hooks || !hooks->before_message ||
           verdict_passes(hooks->before_message(hooks->ctx, client, facts, refusal), refusal);
}

bool
hub_charge(struct hub *hub, struct client *client, const struct message_facts *facts,
           struct refusal *refusal)
{
    if (hub->is_stopping) {
        refuse(refusal, REFUSE_STOPPING, "the server is stopping");
        return false;
    }
    return call_before_message(hub, client, facts, refusal);
}

/* The session that the message names, by its path or in its data. */
static void
read_session_id(struct intake *intake)
{
    struct span value, path = intake->message.session_id;
    char *id = intake->session_id;

    if (path.at) {
        intake->names_session = true;
        if (path.len <= ID_MAX)
            memcpy(id, path.at, path.len);
    } else if (json_member(intake->first.data, "session_id", &value) &&
               json_type_of(value) != JSON_NULL) {
        intake->names_session = true;
        if (json_copy_string(value, id, ID_SIZE) < 0)
            id[0] = '\0';
    }
    if (!id_is_valid(span_of(id)))
        id[0] = '\0';
}

/* What names no session, or nonsense, is not for plugins to remember anything by. */
static bool
charge(struct intake *intake, struct refusal *refusal)
{
    const struct message *message = &intake->message;
    struct message_facts facts = {
        .type = intake->first.type,
        .session_id = intake->session_id[0] ? span_of(intake->session_id) : SPAN_NONE,
        .bytes = message->text.len,
        .count = intake->count,
        .source = message->source,
    };

    if (message->source > SOURCE_REST)
        return true;
    return call_before_message(intake->hub, message->client, &facts, refusal);
}

static int
decode(struct intake *intake, struct refusal *refusal)
{
    struct json_error error;
    const struct hub_limits *limits = &intake->hub->options.limits;

    if (json_check(intake->message.text, &intake->value, &error) != 0) {
        refuse(refusal, REFUSE_MALFORMED, "not JSON: %s at byte %zu", error.what, error.offset);
        return HD1_ESYNTAX;
    }
    intake->count = envelope_count(intake->value);
    if (json_type_of(intake->value) == JSON_ARRAY &&
        (!intake->message.is_array_allowed || intake->count == 0)) {
        refuse(refusal, REFUSE_INVALID_MESSAGE, "a message is a JSON object");
        return HD1_EINVAL;
    }
    if (intake->count > limits->events_per_request) {
        refuse(refusal, REFUSE_TOO_LARGE, "%zu events; at most %zu in one request", intake->count,
               limits->events_per_request);
        return HD1_ETOOBIG;
    }
    return envelope_read(envelope_first(intake->value), &intake->first, refusal);
}

static void
receive(struct hub *hub, const struct message *message)
{
    struct intake intake = {.hub = hub, .message = *message, .count = 1};
    struct watch_step step = watch_begin(&hub->watch);
    struct refusal decoding, limits;

    refusal_init(&decoding);
    refusal_init(&limits);
    intake.received_us = traces_receive(hub);
    int status = decode(&intake, &decoding);

    read_session_id(&intake);

    if (hub->is_stopping && message->source <= SOURCE_REST) {
        refuse(&limits, REFUSE_STOPPING, "the server is stopping");
        intake_refuse(&intake, NULL, &limits, intake.first.id, 0);
    } else if (!charge(&intake, &limits)) {
        intake_refuse_nonsense(&intake, &limits);
    } else if (status != 0) {
        intake_refuse_nonsense(&intake, &decoding);
        decoding.details = BUF_INIT;
    } else {
        receive_checked(&intake);
    }
    refusal_fini(&decoding);
    intake_watched(&intake, &step);
}

void
hub_receive(struct hub *hub, const struct message *message)
{
    hub->watch.messages++;
    if (message->source != SOURCE_WS || !message->client->is_closing)
        receive(hub, message);
}

void
hub_receive_binary(struct hub *hub, struct client *client, size_t bytes)
{
    struct intake intake = {
        .hub = hub,
        .count = 1,
        .message = {.client = client, .source = SOURCE_WS, .text = {NULL, bytes}}};
    struct refusal refusal;

    if (client->is_closing)
        return;
    refusal_init(&refusal);
    if (charge(&intake, &refusal))
        refuse(&refusal, REFUSE_UNSUPPORTED, "messages are text, not binary");
    intake_refuse_nonsense(&intake, &refusal);
}
