/* What comes in over REST; and what the reference foretells of it. */
#include "hub/message.h"
#include "hub/rest.h"
#include "play.h"

#define BURST 10

/* --- foretelling --- */

static const struct thing *
thing_of(const struct fold *fold, struct span data)
{
    struct span name = message_get(data, "name");

    if (!name.at)
        name = message_get(data, "object.name");
    return name.at ? &fold->things[name.at[2] - '0'] : NULL; /* "oN" with its quotes */
}

/* What becomes of the next event; "" if it is accepted, and then fold is what is after it. */
static const char *
foretell_one(struct fold *fold, struct span envelope)
{
    struct span data = message_get(envelope, "data");
    const struct thing *thing = thing_of(fold, data);
    bool is_creation = message_is(envelope, "type", "object_created");
    struct buf event = BUF_INIT;

    if (message_is(envelope, "type", "session_created"))
        return fold->seq > 0 && !fold->is_over ? "session_exists" : "";
    if (fold->seq == 0 || fold->is_over)
        return "unknown_session";
    if (thing && is_creation == thing->exists)
        return is_creation ? "object_exists" : "unknown_object";
    if (thing && message_has(data, "if_version") &&
        message_int(data, "if_version") != thing->version)
        return "version_mismatch";
    buf_append(&event, envelope.at, envelope.len - 1);
    buf_appendf(&event, ",\"seq\":%lld}", (long long)fold->seq + 1);
    assert_null(fold_event(fold, buf_span(&event)));
    buf_fini(&event);
    return "";
}

/* --- requests --- */

static void
begin(const struct play *play, struct request *request, int session)
{
    *request = (struct request){
        .is_sent = true, .session = session, .first_v = (int64_t)play->sending_count + 1};
}

/* Takes the text's bytes. */
static void
send(struct play *play, struct request *request, struct buf *text)
{
    play_say(play, -1, "says", buf_span(text));
    rest_send(play->scene, play_session_id(request->session), &request->answer, "%s",
              buf_cstr(text));
    buf_fini(text);
}

/* An array of changes; what the reference foretells if fold is given. */
static const char *
append_array(struct play *play, struct request *request, struct buf *text, struct fold *fold,
             size_t *index)
{
    const char *code = "";

    buf_append_char(text, '[');
    for (int i = 0; i < request->count; i++) {
        size_t at = text->len + (i > 0);

        buf_append_str(text, i ? "," : "");
        play_append_change(play, text, request->session, -1, 0);
        play->sendings[request->first_v + i].array = request->count > 1 ? request->first_v : 0;
        if (fold && !code[0]) {
            *index = (size_t)i;
            code = foretell_one(fold, (struct span){text->data + at, text->len - at});
        }
    }
    buf_append_char(text, ']');
    return code;
}

/* Enough at once to leave a slow reader behind. */
static void
append_burst(struct play *play, struct request *request, struct buf *text)
{
    request->count = BURST;
    for (int i = 0; i < BURST; i++) {
        buf_append_char(text, i ? ',' : '[');
        play_append_world(play, text, request->session);
        play->sendings[request->first_v + i].array = request->first_v;
    }
    buf_append_char(text, ']');
}

/* Sessions that are not there are made, those that are there are deleted; seldom the other way. */
static const char *
append_lifecycle(struct play *play, struct request *request, struct buf *text, struct fold *fold)
{
    bool is_there = play_current_life(play, request->session) != NULL;

    request->count = 1;
    play_append_lifecycle(play, text, request->session, -1, 0, is_there == play_chance(play, 10));
    return fold ? foretell_one(fold, buf_span(text)) : "";
}

static bool
wants_lifecycle(struct play *play, const struct request *request)
{
    return play_chance(play, play_current_life(play, request->session) ? 7 : 60);
}

void
play_request(struct play *play)
{
    struct request *request = &play->requests[play_random(play, REQUESTS)];
    struct buf text = BUF_INIT;

    if (request->is_sent)
        return;
    begin(play, request, (int)play_random(play, SESSIONS));
    if (wants_lifecycle(play, request)) {
        append_lifecycle(play, request, &text, NULL);
    } else if (play_chance(play, 15)) {
        append_burst(play, request, &text);
    } else {
        request->count = play_chance(play, 50) ? 1 : 2 + (int)play_random(play, 4);
        append_array(play, request, &text, NULL, NULL);
    }
    send(play, request, &text);
}

void
play_create(struct play *play, int session)
{
    struct request request;
    struct buf text = BUF_INIT;

    begin(play, &request, session);
    request.count = 1;
    play_append_lifecycle(play, &text, session, -1, 0, true);
    send(play, &request, &text);
    scene_settle(play->scene);
    assert_string_equal(request.answer.code, "");
    play_take_answer(play, &request);
}

void
play_foretell(struct play *play)
{
    struct request request;
    struct buf text = BUF_INIT;
    const char *code;
    size_t index = 0;

    play_check(play);
    begin(play, &request, (int)play_random(play, SESSIONS));
    const struct life *life = play_current_life(play, request.session);
    struct fold fold = life ? life->fold : (struct fold){.seq = 0};

    if (wants_lifecycle(play, &request)) {
        code = append_lifecycle(play, &request, &text, &fold);
    } else {
        request.count = 1 + (int)play_random(play, 4);
        code = append_array(play, &request, &text, &fold, &index);
    }
    int64_t seq = play->sendings[request.first_v].kind == TALLY_SESSION_CREATED
                      ? 1
                      : (life ? life->fold.seq : 0) + 1;

    send(play, &request, &text);
    scene_settle(play->scene);
    assert_true(request.answer.is_answered);
    assert_string_equal(request.answer.code, code);
    assert_true(code[0] == '\0' || request.answer.index == index);
    assert_true(code[0] != '\0' || request.answer.first_seq == seq);
    play_take_answer(play, &request);
    play->tally->count[TALLY_FORETOLD]++;
}
