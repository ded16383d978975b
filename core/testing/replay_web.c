/* The calls of hub/web.h made again. */
#include "testing/replay_call.h"

#include "json/json.h"

bool
replay_before_connect(struct call *call)
{
    struct buf identity = BUF_INIT, headers = BUF_INIT;
    struct web_request request;
    bool is_there = replay_request(call->replay, call->value, NULL, &request);

    if (is_there && call->web->before_connect)
        call->web->before_connect(call->web->ctx, &request, &identity, &call->refusal, &headers);
    buf_fini(&identity);
    buf_fini(&headers);
    return is_there;
}

bool
replay_route(struct call *call)
{
    struct web_answer answer = {0};
    struct web_match match = {0};
    struct web_request request;
    bool is_there =
        call->client && replay_request(call->replay, call->value, call->client, &request);

    if (is_there && call->web->find_route)
        call->web->find_route(call->web->ctx,
                              request.method == METHOD_HEAD ? METHOD_GET : request.method,
                              request.path, &match);
    if (is_there && !match.route)
        buf_append_str(call->report, "the plugin has no such route any more\n");
    if (match.route)
        call->web->call_route(call->web->ctx, &match, &request, &answer, &call->refusal);
    web_answer_fini(&answer);
    return is_there;
}

/* --- sockets: the other side hears nothing --- */

static int
port_check(void *conn)
{
    (void)conn;
    return 0;
}

static int
port_send(void *conn, struct span bytes, bool is_binary)
{
    (void)conn;
    (void)bytes;
    (void)is_binary;
    return 0;
}

static void
port_close(void *conn, int code, const char *reason)
{
    (void)conn;
    (void)code;
    (void)reason;
}

static const struct web_port port = {.check = port_check, .send = port_send, .close = port_close};

/* It connects; then there is the reload, the message, or the end. */
bool
replay_socket(struct call *call)
{
    struct replay *replay = call->replay;
    struct web_request request;
    struct span socket, bytes;
    char which[16];
    int code = 0;

    if (!call->client || !json_member(call->value, "socket", &socket) ||
        replay_text(socket, "call", which, sizeof(which)) < 0 ||
        !replay_request(replay, call->value, call->client, &request))
        return false;
    replay->socket = call->web->open_socket(call->web->ctx, &request, &port, replay, &code);
    if (code == 1012)
        buf_append_str(call->report, "the plugin has no such socket any more\n");
    bytes = replay_bytes(replay, socket, "message");
    if (replay->socket && strcmp(which, "message") == 0 && bytes.at)
        call->web->receive(replay->socket, bytes, replay_integer(socket, "is_binary") != 0);
    if (replay->socket && strcmp(which, "resume") == 0)
        plugins_play_resume(stage_plugins(replay->stage));
    if (replay->socket && strcmp(which, "close") == 0) {
        call->web->closed(replay->socket, (int)replay_integer(socket, "code"));
        replay->socket = NULL;
    }
    return true;
}

void
replay_end(struct replay *replay)
{
    if (replay->socket)
        plugins_web(stage_plugins(replay->stage))->closed(replay->socket, 1001);
    if (replay->stage)
        replay_disconnect(replay);
    stage_free(replay->stage);
    arena_fini(&replay->arena);
}
