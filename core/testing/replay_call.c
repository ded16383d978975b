/*
 * The functions of hub/hooks.h and hub/web.h are called as hub and network would, with what is made
 * from the file. How each moment is played again is the table below; what was called later (a
 * timer's function, hd1.open()'s) comes after the call that handed it over.
 */
#include "testing/replay_call.h"

#include "err.h"
#include "plugin/api/base64url.h"
#include "json/json.h"

#include <stdio.h>

int
replay_text(struct span object, const char *name, char *out, size_t size)
{
    struct span value;

    out[0] = '\0';
    return json_member(object, name, &value) ? json_copy_string(value, out, size) : HD1_ENOENT;
}

int64_t
replay_integer(struct span object, const char *name)
{
    struct span value;
    int64_t number = 0;

    return json_member(object, name, &value) && json_integer(value, &number) ? number : 0;
}

struct span
replay_bytes(struct replay *replay, struct span object, const char *name)
{
    struct buf text = BUF_INIT;
    struct span value, bytes = SPAN_NONE;

    if (!json_member(object, name, &value))
        return bytes;
    if (json_type_of(value) == JSON_STRING) {
        json_append_unescaped(&text, value);
        bytes = arena_copy(&replay->arena, text.data ? buf_span(&text) : SPAN(""));
    } else if (json_member(value, "base64url", &value) && json_plain_string(value, &value)) {
        char *out = arena_alloc(&replay->arena, value.len + 1);
        long len = base64url_decode(out, value);

        bytes = len < 0 ? SPAN_NONE : (struct span){out, (size_t)len};
    }
    buf_fini(&text);
    return bytes;
}

static enum source
source_of(struct span object)
{
    char text[16];

    replay_text(object, "source", text, sizeof(text));
    for (int source = SOURCE_WS; source <= SOURCE_PLUGIN; source++)
        if (strcmp(source_text((enum source)source), text) == 0)
            return (enum source)source;
    return SOURCE_WS;
}

/* --- the calls --- */

static bool
read_event(struct call *call)
{
    struct span event;

    if (!call->client || !json_member(call->value, "event", &event) ||
        replay_text(event, "type", call->type, sizeof(call->type)) < 0)
        return false;
    call->event = (struct event){
        .type = event_types_find(hub_types(stage_hub(call->replay->stage)), span_of(call->type)),
        .source = source_of(event),
        .client = call->client,
        .session = call->session,
        .data = SPAN("{}"),
        .id = replay_integer(event, "id"),
        .time_ms = replay_integer(event, "time_ms"),
        .seq = replay_integer(event, "seq"),
        .if_version = -1,
    };
    json_member(event, "data", &call->event.data);
    return call->event.type != NULL;
}

static bool
play_message(struct call *call)
{
    struct span message;

    if (!call->client || !json_member(call->value, "message", &message))
        return false;
    call->facts = (struct message_facts){.bytes = (size_t)replay_integer(message, "bytes"),
                                         .count = (size_t)replay_integer(message, "count"),
                                         .source = source_of(message)};
    if (replay_text(message, "type", call->type, sizeof(call->type)) >= 0)
        call->facts.type = span_of(call->type);
    if (replay_text(message, "session_id", call->session_id, sizeof(call->session_id)) >= 0)
        call->facts.session_id = span_of(call->session_id);
    call->hooks->before_message(call->hooks->ctx, call->client, &call->facts, &call->refusal);
    return true;
}

static bool
play_before_event(struct call *call)
{
    if (!read_event(call))
        return false;
    call->hooks->before_event(call->hooks->ctx, &call->event, &call->refusal);
    return true;
}

static bool
play_after_event(struct call *call)
{
    if (!read_event(call))
        return false;
    call->hooks->after_event(call->hooks->ctx, &call->event);
    return true;
}

/* Somebody in, or before, a session? */
static bool
is_there(const struct call *call)
{
    return call->session && call->client;
}

static bool
play_before_join(struct call *call)
{
    if (is_there(call))
        call->hooks->before_join(call->hooks->ctx, call->client, call->session, &call->refusal);
    return is_there(call);
}

static bool
play_after_join(struct call *call)
{
    if (is_there(call))
        call->hooks->after_join(call->hooks->ctx, call->client, call->session);
    return is_there(call);
}

static bool
play_after_leave(struct call *call)
{
    if (is_there(call))
        call->hooks->after_leave(call->hooks->ctx, call->client, call->session);
    return is_there(call);
}

static bool
play_after_connect(struct call *call)
{
    if (call->client)
        call->hooks->after_connect(call->hooks->ctx, call->client);
    return call->client != NULL;
}

static bool
play_after_disconnect(struct call *call)
{
    if (call->client)
        call->hooks->after_disconnect(call->hooks->ctx, call->client);
    return call->client != NULL;
}

static bool
play_tick(struct call *call)
{
    struct span tick, dt;
    double dt_s = 0;

    if (!call->session || !json_member(call->value, "tick", &tick) ||
        !json_member(tick, "dt", &dt) || !json_number(dt, &dt_s))
        return false;
    plugins_play_tick(stage_plugins(call->replay->stage), call->session,
                      replay_integer(tick, "number"), dt_s);
    return true;
}

/* What went wrong is the stage's to tell. */
static void
hand_over(struct call *call, struct span state, const char *old_version)
{
    struct buf why = BUF_INIT;

    plugins_play_handover(stage_plugins(call->replay->stage), state, old_version, &why);
    buf_fini(&why);
}

static bool
play_save(struct call *call)
{
    hand_over(call, SPAN_NONE, NULL);
    return true;
}

static bool
play_restore(struct call *call)
{
    struct span restore, state;
    char old_version[65];

    if (!json_member(call->value, "restore", &restore) || !json_member(restore, "state", &state) ||
        replay_text(restore, "old_version", old_version, sizeof(old_version)) < 0)
        return false;
    hand_over(call, state, old_version);
    return true;
}

/* --- functions that are called later --- */

static int play_value(struct replay *replay, struct span value, struct buf *report);

/* The call that handed the function over; none: setup did. */
static bool
play_cause(struct call *call, const char *part, struct span *origin)
{
    struct span cause;

    if (!json_member(call->value, part, origin))
        return false;
    if (!json_member(*origin, "cause", &cause))
        return true;
    return play_value(call->replay, cause, call->report) == 0 && stage_settle(call->replay->stage);
}

static bool
play_timer(struct call *call)
{
    struct plugins *plugins = stage_plugins(call->replay->stage);
    struct span origin, place;

    if (!play_cause(call, "timer", &origin) || !json_member(origin, "at", &place) ||
        !json_plain_string(place, &place))
        return false;
    if (plugins_play_timers(plugins, place) > 0)
        return true;
    buf_appendf(call->report,
                "no timer has a function at %.*s now: all %zu that were set are called instead\n",
                (int)place.len, place.at, plugins_play_timers(plugins, SPAN_NONE));
    return true;
}

/* The hub opens the session, and calls, by itself. */
static bool
play_open(struct call *call)
{
    struct span origin;

    return play_cause(call, "open", &origin);
}

/* Each makes its call; false: the file lacks what is needed. */
static const struct playable {
    const char *moment;
    bool (*play)(struct call *call);
} playable[] = {
    {"before_message", play_message},
    {"before_connect", replay_before_connect},
    {"before_join", play_before_join},
    {"before_event", play_before_event},
    {"after_connect", play_after_connect},
    {"after_join", play_after_join},
    {"after_event", play_after_event},
    {"after_leave", play_after_leave},
    {"after_disconnect", play_after_disconnect},
    {"on_tick", play_tick},
    {"timer", play_timer},
    {"routes", replay_route},
    {"sockets", replay_socket},
    {"on_open", play_open},
    {"save", play_save},
    {"restore", play_restore},
};

static const struct playable *
find_playable(const char *moment)
{
    for (size_t i = 0; i < sizeof(playable) / sizeof(playable[0]); i++)
        if (strcmp(playable[i].moment, moment) == 0)
            return &playable[i];
    return NULL;
}

struct opened {
    struct session *session;
};

static void
on_open(void *ctx, struct session *session, const struct refusal *refusal)
{
    (void)refusal;
    ((struct opened *)ctx)->session = session;
}

/* In memory as long as the stage does not settle. */
static struct session *
find_session(struct call *call)
{
    struct opened opened = {NULL};
    char id[ID_SIZE];

    if (replay_text(call->value, "session", id, sizeof(id)) >= 0)
        hub_open(stage_hub(call->replay->stage), span_of(id), on_open, &opened);
    return opened.session;
}

/* A call with these arguments: of the file, or of what led to it. */
static int
play_value(struct replay *replay, struct span value, struct buf *report)
{
    struct call call = {.replay = replay,
                        .value = value,
                        .hooks = plugins_hooks(stage_plugins(replay->stage)),
                        .web = plugins_web(stage_plugins(replay->stage)),
                        .report = report};
    const struct playable *found;
    bool is_played;

    replay_text(value, "moment", call.moment, sizeof(call.moment));
    found = find_playable(call.moment);
    if (!found) {
        buf_appendf(report, "this hd1 knows no moment '%s'\n", call.moment);
        return HD1_EINVAL;
    }
    call.client = replay_client(replay, value);
    call.session = find_session(&call);
    refusal_init(&call.refusal);
    is_played = found->play(&call);
    refusal_fini(&call.refusal);
    buf_fini(&call.event.scratch);
    if (is_played)
        return 0;
    buf_appendf(report,
                "the file lacks what %s is called with, or the type of the event is not "
                "known here\n",
                call.moment);
    return HD1_EINVAL;
}

int
replay_call(struct replay *replay, struct buf *report)
{
    int err = play_value(replay, replay->value, report);

    stage_settle(replay->stage);
    return err;
}
