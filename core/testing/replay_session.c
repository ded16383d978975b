/* A session of a case file made: its world, its objects, its members. */
#include "testing/replay_call.h"

#include "hub/session.h"
#include "testing/stage_state.h"
#include "json/json.h"

#include <stdio.h>

/* METHOD /api/sessions/ID/PATH with that body; true if it was done. */
static bool
ask(struct stage *stage, const char *method, const char *id, const char *path, struct span body)
{
    struct stage_visit visit = {.address = "127.0.0.1", .identity = SPAN_NONE};
    struct buf head = BUF_INIT;
    struct stage_answer answer;
    bool is_done;

    buf_appendf(&head, "%s /api/sessions/%s/%s HTTP/1.1\r\n\r\n", method, id, path);
    is_done = stage_request(stage, &visit, buf_span(&head), body, &answer) == 0 &&
              answer.status / 100 == 2;
    stage_answer_fini(&answer);
    buf_fini(&head);
    return is_done;
}

static void
send_to(struct stage *stage, struct stage_client *client, const char *type, struct span data)
{
    struct buf text = BUF_INIT;

    buf_appendf(&text, "{\"type\":\"%s\",\"data\":", type);
    buf_append_span(&text, data);
    buf_append_char(&text, '}');
    stage_send(stage, client, buf_span(&text));
    buf_fini(&text);
}

static struct stage_client *
find_client(const struct stage *stage, const char *id)
{
    struct stage_client *client = stage->clients;

    while (client && strcmp(client_id(client->client), id) != 0)
        client = client->next;
    return client;
}

struct stage_client *
replay_connect(struct stage *stage, struct span entry)
{
    char id[128], address[64];
    struct stage_visit visit = {
        .path = SPAN("/ws"), .headers = SPAN(""), .address = address, .identity = SPAN_NONE};
    struct stage_client *client;
    struct stage_answer refused;
    struct span info;

    if (replay_text(entry, "id", id, sizeof(id)) < 0)
        return NULL;
    client = find_client(stage, id);
    if (client)
        return client;
    replay_text(entry, "address", address, sizeof(address));
    json_member(entry, "identity", &visit.identity);
    client = stage_connect(stage, id, &visit, &refused);
    stage_answer_fini(&refused);
    if (client && json_member(entry, "info", &info))
        send_to(stage, client, "client_info", info);
    return client;
}

static void
make_members(struct stage *stage, const char *session, struct span list)
{
    struct json_iter iter;
    struct span entry;
    char data[ID_SIZE + 32];

    snprintf(data, sizeof(data), "{\"session_id\":\"%s\"}", session);
    json_iter_init(&iter, list);
    while (json_next_element(&iter, &entry)) {
        struct stage_client *client = replay_connect(stage, entry);

        if (client)
            send_to(stage, client, "join", span_of(data));
    }
}

static void
make_objects(struct stage *stage, const char *session, struct span list)
{
    struct json_iter iter;
    struct span object;

    json_iter_init(&iter, list);
    while (json_next_element(&iter, &object))
        ask(stage, "POST", session, "objects", object);
}

/* How many there were besides: of what is counted, not all is in the file. */
static size_t
missing(struct span session, const char *count, size_t made)
{
    int64_t then = replay_integer(session, count);

    return then > (int64_t)made ? (size_t)then - made : 0;
}

static void
note_absent(struct replay *replay, const struct stage *stage, const char *id, struct span value)
{
    const struct session *session = hub_session(stage->hub, span_of(id));
    struct replay_absent *absent = &replay->absents[replay->absent_count];

    if (!session || replay->absent_count == sizeof(replay->absents) / sizeof(replay->absents[0]))
        return;
    replay->absent_count++;
    snprintf(absent->session, sizeof(absent->session), "%s", id);
    absent->counts = (struct plugins_absent){
        missing(value, "object_count", session_object_count(session)),
        missing(value, "client_count", session_client_count(session)),
    };
}

struct plugins_absent
replay_absent(void *ctx, const struct session *session)
{
    const struct replay *replay = ctx;

    for (size_t i = 0; i < replay->absent_count; i++)
        if (strcmp(replay->absents[i].session, session_id(session)) == 0)
            return replay->absents[i].counts;
    return (struct plugins_absent){0, 0};
}

static int
make_bare(struct stage *stage, const char *id, struct span session, struct buf *why)
{
    struct span world = SPAN("{}");
    struct buf data = BUF_INIT;
    struct refusal refusal;
    int err;

    refusal_init(&refusal);
    json_member(session, "world", &world);
    buf_appendf(&data, "{\"session_id\":\"%s\",\"world\":", id);
    buf_append_span(&data, world);
    buf_append_char(&data, '}');
    err = stage_make_session(stage, buf_span(&data), &refusal);
    if (err)
        buf_appendf(why, "session %s cannot be made: %s\n", id, refusal.message);
    refusal_fini(&refusal);
    buf_fini(&data);
    return err;
}

int
replay_make_session(struct replay *replay, struct stage *stage, struct span session,
                    struct buf *why)
{
    char id[ID_SIZE];
    struct span value;
    int err;

    if (replay_text(session, "id", id, sizeof(id)) < 0)
        return 0;
    err = make_bare(stage, id, session, why);
    if (err)
        return err;
    if (json_member(session, "objects", &value))
        make_objects(stage, id, value);
    if (json_member(session, "camera", &value))
        ask(stage, "PUT", id, "camera/position", value);
    if (json_member(session, "clients", &value))
        make_members(stage, id, value);
    note_absent(replay, stage, id, session);
    return 0;
}
