/* The hub below REST, and the store's list: notes what it is told, does what the test says. */
#include "fake_request.h"
#include "rest_scene.h"

#include "hub/basis.h"

#include "json/json.h"

#include <stdio.h>

static char *
note(void)
{
    assert_true(scene->said_count < SCENE_MAX);
    return scene->said[scene->said_count++];
}

/* What the next message meets. */
static void
reply_with(hub_reply_fn reply, void *ctx)
{
    struct outcome outcome = {0};
    struct refusal refusal;
    size_t i = scene->said_count - 1;

    refusal_init(&refusal);
    if (i < scene->refusal_count && scene->refusals[i] != REFUSE_COUNT) {
        refuse(&refusal, scene->refusals[i], "as the test says");
        outcome.refusal = &refusal;
        outcome.refused_index = 2;
    } else {
        outcome.session_id = SPAN("demo");
        outcome.epoch = SPAN("abc");
        outcome.version = scene->version;
        outcome.first_seq = outcome.last_seq = scene->version;
        outcome.result = span_of(scene->result);
    }
    reply(ctx, &outcome);
    refusal_fini(&refusal);
}

void
hub_receive(struct hub *hub, const struct message *message)
{
    struct span value;

    (void)hub;
    assert_ptr_equal(message->client, &caller);
    assert_int_equal(message->source, SOURCE_REST);
    if (json_check(message->text, &value, NULL) != 0 || value.at[0] == '5' ||
        (value.at[0] == '[' && !message->is_array_allowed)) {
        snprintf(note(), 1024, "nonsense");
        if (scene->refusal_count == 0)
            scene->refusals[scene->refusal_count++] = REFUSE_MALFORMED;
        reply_with(message->reply, message->reply_ctx);
        return;
    }
    snprintf(note(), 1024, "%.*s in=%.*s if=%.*s-%lld", (int)message->text.len, message->text.at,
             (int)message->session_id.len, message->session_id.at ? message->session_id.at : "",
             (int)message->if_epoch.len, message->if_epoch.at ? message->if_epoch.at : "",
             (long long)message->if_version);
    scene->was_array = message->is_array_allowed;
    reply_with(message->reply, message->reply_ctx);
}

bool
hub_charge(struct hub *hub, struct client *client, const struct message_facts *facts,
           struct refusal *refusal)
{
    (void)hub;
    assert_ptr_equal(client, &caller);
    snprintf(note(), 1024, "charge %.*s %zu", (int)facts->type.len, facts->type.at, facts->bytes);
    if (scene->refusal_count > 0)
        refuse(refusal, scene->refusals[0], "as the test says");
    return scene->refusal_count == 0;
}

void
hub_run_script(struct hub *hub, struct client *client, struct span session_id, struct span script,
               hub_reply_fn reply, void *ctx)
{
    (void)client;
    (void)hub;
    snprintf(note(), 1024, "run %.*s in=%.*s", (int)script.len, script.at, (int)session_id.len,
             session_id.at);
    reply_with(reply, ctx);
}

void
hub_open(struct hub *hub, struct span session_id, hub_open_fn fn, void *ctx)
{
    struct refusal refusal;

    (void)hub;
    if (span_is(session_id, "demo")) {
        fn(ctx, &scene->session, NULL);
        return;
    }
    refusal_init(&refusal);
    refuse(&refusal, REFUSE_UNKNOWN_SESSION, "no such session");
    fn(ctx, NULL, &refusal);
    refusal_fini(&refusal);
}

void
basis_hold(struct hub *hub, const struct basis *basis, hub_hold_fn fn, void *ctx)
{
    (void)hub;
    assert_int_equal(basis->count, 1);
    hub_hold(basis->sessions[0], fn, ctx);
}

void
hub_hold(struct session *session, hub_hold_fn fn, void *ctx)
{
    (void)session;
    fn(ctx, scene->lost_holds-- <= 0);
}

void
hub_history(struct session *session, int64_t since, size_t limit, hub_history_fn fn, void *ctx)
{
    (void)session;
    snprintf(note(), 1024, "history %lld %zu", (long long)since, limit);
    fn(ctx, NULL, SPAN("{\"seq\":6},{\"seq\":7}"), 2, 7, limit == 2);
}

struct watch *
hub_watch(struct hub *hub)
{
    (void)hub;
    return &scene->watch;
}

struct event_types *
hub_types(struct hub *hub)
{
    (void)hub;
    return &scene->types;
}

void
store_list(struct store *store, struct span after, size_t limit, store_list_fn fn, void *ctx)
{
    struct store_listing items[] = {{SPAN("a"), SPAN("gallery"), 5, 3}, {SPAN("b"), {0}, 6, 1}};

    (void)store;
    snprintf(note(), 1024, "list after=%.*s %zu", (int)after.len, after.at ? after.at : "", limit);
    fn(ctx, 0, items, limit < 2 ? limit : 2);
}
