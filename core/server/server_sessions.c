/* The sessions that the configuration names are made at start, by the same way in as any other. */
#include "server/server_state.h"

#include "clock.h"
#include "exit_code.h"
#include "log.h"
#include "json/json.h"

#include <stdlib.h>

#define WAIT_MS 30000 /* for the disk, in all */

struct making {
    struct server *server;
    const struct config_session *session;
    bool is_done;
    int exit_code;
};

static void
append_envelope(struct buf *out, const struct config_session *session)
{
    buf_append_str(out, "{\"type\":\"session_created\",\"data\":{\"session_id\":");
    json_append_string(out, span_of(session->id));
    if (session->world) {
        buf_append_str(out, ",\"world\":");
        buf_append_str(out, session->world);
    }
    if (session->script) {
        buf_append_str(out, ",\"script\":");
        json_append_string(out, span_of(session->script));
    }
    buf_append_str(out, "}}");
}

static void
on_made(void *ctx, const struct outcome *outcome)
{
    struct making *making = ctx;
    const struct config_session *session = making->session;

    making->is_done = true;
    if (!outcome->refusal) {
        log_info("server", "session made", log_str("session", session->id));
        return;
    }
    if (strcmp(outcome->refusal->code, refusal_code_text(REFUSE_SESSION_EXISTS)) == 0)
        return;
    making->exit_code = outcome->refusal->status == 503 ? CODE_FAILURE : CODE_CONFIG;
    log_error("server", "a configured session cannot be made", log_str("session", session->id),
              log_str("file", making->server->config->file), log_int("line", session->line),
              log_str("code", outcome->refusal->code),
              log_str("reason", outcome->refusal->message));
}

static void
begin(struct making *making, struct client *client)
{
    struct buf text = BUF_INIT;
    struct message message = {
        .client = client,
        .source = SOURCE_SCRIPT,
        .if_version = -1,
        .reply = on_made,
        .reply_ctx = making,
    };

    append_envelope(&text, making->session);
    message.text = buf_span(&text);
    hub_receive(making->server->hub, &message);
    buf_fini(&text);
}

/* The loop does not run yet: the store is waited for here. */
static void
wait_for(struct server *server, const struct making *making)
{
    int64_t until = clock_mono_ms() + WAIT_MS;

    while (!making->is_done && clock_mono_ms() < until) {
        hub_round_end(server->hub);
        if (!making->is_done)
            store_wait(server->store, 10);
    }
}

static int
make_one(struct server *server, struct client *client, const struct config_session *session)
{
    /* On the heap: should the store never answer, the hub still points to it. */
    struct making *making = mem_zalloc(sizeof(*making));
    int code;

    *making = (struct making){server, session, false, CODE_OK};
    begin(making, client);
    wait_for(server, making);
    if (!making->is_done) {
        log_error("server", "the database does not answer", log_str("session", session->id));
        return CODE_FAILURE; /* and leaves it allocated */
    }
    code = making->exit_code;
    free(making);
    return code;
}

int
server_sessions_make(struct server *server)
{
    const struct config *config = server->config;
    struct hub_connection local = {.kind = CLIENT_LOCAL, .address = "server"};
    struct client *client;
    int code = CODE_OK;

    if (config->session_count == 0)
        return CODE_OK;
    client = hub_connect(server->hub, &local);
    for (size_t i = 0; i < config->session_count; i++) {
        int made = make_one(server, client, &config->sessions[i]);

        code = code ? code : made;
    }
    hub_disconnect(server->hub, client);
    return code;
}
