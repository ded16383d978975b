/*
 * The moments of hub/hooks.h: calls the plugins that have a hook for it, in order. The first that
 * does not let pass decides.
 */
#include "plugin/plugin_state.h"

#include "hub/event.h"
#include "hub/hooks.h"
#include "plugin/api/api.h"
#include "plugin/api/box.h"

#include <lauxlib.h>

/* --- the arguments; each [-0, +n] --- */

static int
push_event(lua_State *L, struct plugin *plugin)
{
    box_push_event(L, plugin);
    box_push_client(L, plugin, plugin->now.client);
    return 2;
}

static int
push_message(lua_State *L, struct plugin *plugin)
{
    box_push_client(L, plugin, plugin->now.client);
    box_push_message(L, plugin);
    return 2;
}

static int
push_client(lua_State *L, struct plugin *plugin)
{
    box_push_client(L, plugin, plugin->now.client);
    return 1;
}

static int
push_member(lua_State *L, struct plugin *plugin)
{
    box_push_client(L, plugin, plugin->now.client);
    box_push_session(L, plugin, plugin->now.session);
    return 2;
}

/* --- the moments --- */

/* Calls all plugins that have this hook, until one does not let pass. */
static enum verdict
ask_all(struct plugins *plugins, struct hook_call *call, struct refusal *refusal)
{
    enum verdict verdict = VERDICT_PASS;

    for (size_t i = 0; i < plugins->count && verdict == VERDICT_PASS; i++) {
        call->ref = plugins->items[i]->hook_refs[call->moment];
        if (call->ref != LUA_NOREF)
            verdict = plugin_ask(plugins->items[i], call, NULL, refusal);
    }
    return verdict;
}

static void
tell_all(struct plugins *plugins, struct hook_call *call)
{
    for (size_t i = 0; i < plugins->count; i++) {
        call->ref = plugins->items[i]->hook_refs[call->moment];
        if (call->ref != LUA_NOREF)
            plugin_tell(plugins->items[i], call);
    }
}

static enum verdict
before_message(void *ctx, struct client *client, const struct message_facts *facts,
               struct refusal *refusal)
{
    struct hook_call call = {.moment = BEFORE_MESSAGE,
                             .push = push_message,
                             .take = api_answer_take,
                             .client = client,
                             .facts = facts};

    return ask_all(ctx, &call, refusal);
}

static enum verdict
before_join(void *ctx, struct client *client, struct session *session, struct refusal *refusal)
{
    struct hook_call call = {.moment = BEFORE_JOIN,
                             .push = push_member,
                             .take = api_answer_take,
                             .client = client,
                             .session = session};

    return ask_all(ctx, &call, refusal);
}

static enum verdict
before_event(void *ctx, struct event *event, struct refusal *refusal)
{
    const struct type_hooks *hooks = type_hooks_of(ctx, event->type);
    struct hook_call call = {.moment = BEFORE_EVENT,
                             .push = push_event,
                             .take = api_answer_take,
                             .what = event->type->name,
                             .event = event,
                             .client = event->client,
                             .session = event->session};
    enum verdict verdict = VERDICT_PASS;

    for (size_t i = 0; i < hooks->before_count && verdict == VERDICT_PASS; i++) {
        call.ref = hooks->items[i].ref;
        verdict = plugin_ask(hooks->items[i].plugin, &call, event, refusal);
    }
    return verdict;
}

static void
after_join(void *ctx, struct client *client, struct session *session)
{
    struct hook_call call = {
        .moment = AFTER_JOIN, .push = push_member, .client = client, .session = session};

    tell_all(ctx, &call);
}

static void
after_event(void *ctx, const struct event *event)
{
    const struct type_hooks *hooks = type_hooks_of(ctx, event->type);
    struct hook_call call = {.moment = AFTER_EVENT,
                             .push = push_event,
                             .what = event->type->name,
                             .event = event,
                             .client = event->client,
                             .session = event->session};

    for (size_t i = 0; i < hooks->after_count; i++) {
        call.ref = hooks->items[hooks->before_count + i].ref;
        plugin_tell(hooks->items[hooks->before_count + i].plugin, &call);
    }
}

static void
after_leave(void *ctx, struct client *client, struct session *session)
{
    struct hook_call call = {
        .moment = AFTER_LEAVE, .push = push_member, .client = client, .session = session};

    tell_all(ctx, &call);
}

static void
after_connect(void *ctx, struct client *client)
{
    struct hook_call call = {.moment = AFTER_CONNECT, .push = push_client, .client = client};

    tell_all(ctx, &call);
}

static void
after_disconnect(void *ctx, struct client *client)
{
    struct hook_call call = {.moment = AFTER_DISCONNECT, .push = push_client, .client = client};

    tell_all(ctx, &call);
}

static bool
wants_after(void *ctx, const struct event_type *type)
{
    return type_hooks_of(ctx, type)->after_count > 0;
}

void
hooks_init(struct plugins *plugins)
{
    plugins->hooks = (struct hub_hooks){.ctx = plugins,
                                        .before_message = before_message,
                                        .before_join = before_join,
                                        .before_event = before_event,
                                        .after_join = after_join,
                                        .after_event = after_event,
                                        .after_leave = after_leave,
                                        .after_connect = after_connect,
                                        .after_disconnect = after_disconnect,
                                        .wants_after = wants_after};
}
