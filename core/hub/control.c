/* Control messages of WebSocket clients: join, leave, client_info, presence. They change no log. */
#include "hub/hub_state.h"

#include "json/json.h"

#include <stdlib.h>

#define INFO_BYTES_MAX 4096 /* of client_info */

void
join_request_free(struct join_request *request)
{
    if (request) {
        client_unref(request->client);
        free(request);
    }
}

static void
refuse_control(struct client *client, int64_t id, enum refusal_code code, const char *what)
{
    struct refusal refusal;

    refusal_init(&refusal);
    refuse(&refusal, code, "%s", what);
    client_refuse(client, &refusal, id);
    refusal_fini(&refusal);
}

/* The hook is asked once, however often the join is made again. */
static bool
may_join(const struct join_request *request, struct session *session)
{
    struct client *client = request->client;
    int64_t id = request->id;
    const struct hub_hooks *hooks = client->hub->hooks;
    struct refusal refusal;
    bool is_allowed = true;

    if (client_member(client, session)) {
        refuse_control(client, id, REFUSE_INVALID_MESSAGE, "already joined to this session");
        return false;
    }
    if (client->member_count >= CLIENT_SESSIONS_MAX) {
        refuse_control(client, id, REFUSE_TOO_MANY_SESSIONS, "joined to 16 sessions already");
        return false;
    }
    if (request->tries > 0 || !hooks || !hooks->before_join)
        return true;
    refusal_init(&refusal);
    if (!verdict_passes(hooks->before_join(hooks->ctx, client, session, &refusal), &refusal)) {
        client_refuse(client, &refusal, id);
        is_allowed = false;
    }
    refusal_fini(&refusal);
    return is_allowed;
}

static void
on_join_open(void *ctx, struct session *session, const struct refusal *refusal)
{
    struct join_request *request = ctx;
    struct client *client = request->client;

    if (client->is_closing) {
        /* nobody is there to be told */
    } else if (!session) {
        client_refuse(client, refusal, request->id);
    } else if (may_join(request, session)) {
        member_join(session, request);
        return;
    }
    join_request_free(request);
}

/* The state that it was to be told was not committed: it waits for what is on disk. Takes request.
 */
void
control_join_again(struct hub *hub, struct join_request *request, const char *session_id)
{
    request->tries++;
    open_session(hub, span_of(session_id), request->client, sizeof(*request), on_join_open,
                 request);
}

static struct join_request *
join_request_new(struct client *client, int64_t id)
{
    struct join_request *request = mem_zalloc(sizeof(*request));

    request->client = client_ref(client);
    request->id = id;
    request->since = -1;
    return request;
}

/* since and epoch; false if they are there and no good. */
static bool
read_resume(struct join_request *request, struct span data)
{
    struct span value;

    if (json_member(data, "since", &value) && json_type_of(value) != JSON_NULL &&
        (!json_integer(value, &request->since) || request->since < 0))
        return false;
    if (json_member(data, "epoch", &value) && json_type_of(value) != JSON_NULL &&
        json_copy_string(value, request->epoch, sizeof(request->epoch)) < 0)
        request->epoch[0] = '\0'; /* none of ours: unknown */
    return true;
}

static int
read_session_id(struct span data, char id[ID_SIZE])
{
    struct span value;

    return json_member(data, "session_id", &value) ? json_copy_string(value, id, ID_SIZE) : -1;
}

static void
join(struct hub *hub, struct client *client, struct span data, int64_t id)
{
    struct join_request *request = join_request_new(client, id);
    char session_id[ID_SIZE];

    if (read_session_id(data, session_id) < 0) {
        refuse_control(client, id, REFUSE_INVALID_MESSAGE, "join needs data.session_id");
    } else if (!read_resume(request, data)) {
        refuse_control(client, id, REFUSE_INVALID_MESSAGE, "since is a seq: a whole number from 0");
    } else {
        open_session(hub, span_of(session_id), client, sizeof(*request), on_join_open, request);
        return;
    }
    join_request_free(request);
}

/* /ws/{session_id}: as if it had sent a join, for which it is charged. */
void
control_join_path(struct hub *hub, struct client *client, struct span session_id)
{
    struct message_facts facts = {
        .type = SPAN("join"), .session_id = session_id, .count = 1, .source = SOURCE_WS};
    struct join_request *request;
    struct refusal refusal;

    refusal_init(&refusal);
    if (hub_charge(hub, client, &facts, &refusal)) {
        request = join_request_new(client, 0);
        open_session(hub, session_id, client, sizeof(*request), on_join_open, request);
    } else {
        client_refuse(client, &refusal, 0);
    }
    refusal_fini(&refusal);
}

/* The member that the message is about: named, or the only one. */
static struct member *
find_member(struct client *client, struct span data, int64_t id)
{
    char session_id[ID_SIZE] = "";
    struct member *member = client->members;

    if (read_session_id(data, session_id) < 0 && member && !member->next_of_client &&
        !json_member(data, "session_id", NULL))
        return member;
    while (member && strcmp(member->session->id, session_id) != 0)
        member = member->next_of_client;
    if (!member)
        refuse_control(client, id, REFUSE_NOT_JOINED, "not joined to that session");
    return member;
}

/* A leave that waits for the session as a join before it does: what is sent in order happens in
 * order. */
struct leave_request {
    struct client *client; /* a reference */
    int64_t id;
    char session_id[ID_SIZE];
};

static void
on_leave_open(void *ctx, struct session *session, const struct refusal *refusal)
{
    struct leave_request *request = ctx;
    struct member *member = request->client->members;

    (void)session;
    while (member && strcmp(member->session->id, request->session_id) != 0)
        member = member->next_of_client;
    if (refusal && refusal_is(refusal, REFUSE_BUSY)) { /* what it sent before still waits */
        client_refuse(request->client, refusal, request->id);
    } else if (member) { /* who is in may leave though the disk fails */
        member_leave(member);
    } else {
        refuse_control(request->client, request->id, REFUSE_NOT_JOINED,
                       "not joined to that session");
    }
    client_unref(request->client);
    free(request);
}

static void
leave(struct hub *hub, struct client *client, struct span data, int64_t id)
{
    char session_id[ID_SIZE];
    struct session *session =
        read_session_id(data, session_id) < 0 ? NULL : session_find(hub, span_of(session_id));
    struct member *member;

    if (session && open_must_wait(session)) {
        struct leave_request *request = mem_alloc(sizeof(*request));

        *request = (struct leave_request){client_ref(client), id, ""};
        memcpy(request->session_id, session_id, sizeof(request->session_id));
        open_session(hub, span_of(session->id), client, sizeof(*request), on_leave_open, request);
    } else if ((member = find_member(client, data, id))) {
        member_leave(member);
    }
}

static void
info(struct hub *hub, struct client *client, struct span data, int64_t id)
{
    (void)hub;
    if (data.len > INFO_BYTES_MAX) {
        refuse_control(client, id, REFUSE_TOO_LARGE, "client_info has at most 4096 bytes");
        return;
    }
    presence_info(client, data);
}

static void
presence(struct hub *hub, struct client *client, struct span data, int64_t id)
{
    struct member *member = find_member(client, data, id);

    (void)hub;
    if (member && data.len > HUB_PRESENCE_BYTES_MAX)
        refuse_control(client, id, REFUSE_TOO_LARGE, "presence has at most 4096 bytes");
    else if (member)
        presence_update(member, data);
}

static const struct {
    const char *type;
    void (*receive)(struct hub *hub, struct client *client, struct span data, int64_t id);
} controls[] = {{"join", join}, {"leave", leave}, {"client_info", info}, {"presence", presence}};

/* False if the type is no control message. data is a checked JSON object. */
bool
control_receive(struct hub *hub, struct client *client, struct span type, struct span data,
                int64_t id)
{
    for (size_t i = 0; i < sizeof(controls) / sizeof(*controls); i++) {
        if (span_is(type, controls[i].type)) {
            controls[i].receive(hub, client, data, id);
            return true;
        }
    }
    return false;
}
