/* See rest.h. */
#include "rest.h"

#include "message.h"
#include "scene.h"

#include <stdio.h>

static void
on_reply(void *ctx, const struct outcome *outcome)
{
    struct rest_answer *answer = ctx;

    assert_false(answer->is_answered);
    answer->is_answered = true;
    if (outcome->refusal) {
        snprintf(answer->code, sizeof(answer->code), "%s", outcome->refusal->code);
        answer->index = outcome->refused_index;
        buf_append_span(&answer->result, buf_span(&outcome->refusal->details));
        return;
    }
    snprintf(answer->session_id, sizeof(answer->session_id), "%.*s", (int)outcome->session_id.len,
             outcome->session_id.at);
    answer->first_seq = outcome->first_seq;
    answer->last_seq = outcome->last_seq;
    answer->version = outcome->version;
    buf_append_span(&answer->result, outcome->result);
}

static void
send_request(struct scene *scene, const char *session_id, struct rest_answer *answer,
             struct span text)
{
    struct hub_connection connection = {.kind = CLIENT_REST, .address = "127.0.0.1"};
    struct message message = {.source = SOURCE_REST,
                              .text = text,
                              .is_array_allowed = true,
                              .session_id = session_id ? span_of(session_id) : SPAN_NONE,
                              .if_version = -1,
                              .reply = on_reply,
                              .reply_ctx = answer};

    rest_fini(answer);
    *answer = (struct rest_answer){.client = hub_connect(scene->hub, &connection)};
    message.client = answer->client;
    hub_receive(scene->hub, &message);
}

void
rest_send(struct scene *scene, const char *session_id, struct rest_answer *answer,
          const char *format, ...)
{
    struct buf text = BUF_INIT;
    va_list args;

    va_start(args, format);
    message_write(&text, format, args);
    va_end(args);
    send_request(scene, session_id, answer, buf_span(&text));
    buf_fini(&text);
}

const char *
rest_await(struct scene *scene, struct rest_answer *answer)
{
    scene_settle(scene);
    assert_true(answer->is_answered);
    hub_disconnect(scene->hub, answer->client);
    answer->client = NULL;
    scene_settle(scene);
    return answer->code;
}

void
rest_fini(struct rest_answer *answer)
{
    buf_fini(&answer->result);
}

const char *
scene_post(struct scene *scene, const char *session_id, struct rest_answer *answer,
           const char *format, ...)
{
    static struct rest_answer fallback;
    struct buf text = BUF_INIT;
    va_list args;

    va_start(args, format);
    message_write(&text, format, args);
    va_end(args);
    send_request(scene, session_id, answer ? answer : &fallback, buf_span(&text));
    buf_fini(&text);
    rest_await(scene, answer ? answer : &fallback);
    rest_fini(&fallback);
    return answer ? answer->code : fallback.code;
}

void
scene_create(struct scene *scene, const char *session_id)
{
    const char *code =
        scene_post(scene, NULL, NULL,
                   "{\"type\":\"session_created\",\"data\":{\"session_id\":\"%s\"}}", session_id);

    assert_string_equal(code, "");
}
