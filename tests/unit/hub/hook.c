/* See hook.h. */
#include "hook.h"

#include "conn.h"
#include "rest.h"
#include "scene.h"

#include <stdio.h>
#include <string.h>

struct hook hook;

static void
note(char *out, size_t size, struct span text)
{
    size_t len = strlen(out);

    snprintf(out + len, size - len, "%.*s,", (int)text.len, text.at ? text.at : "");
}

static enum verdict
before_message(void *ctx, struct client *client, const struct message_facts *facts,
               struct refusal *refusal)
{
    (void)ctx;
    (void)client;
    hook.messages++;
    hook.count += facts->count;
    hook.bytes = facts->bytes;
    note(hook.types, sizeof(hook.types), facts->type);
    note(hook.sessions, sizeof(hook.sessions), facts->session_id);
    if (hook.refuses) {
        refuse(refusal, REFUSE_RATE_LIMITED, "too fast");
        refusal->retry_after_ms = 50;
        return VERDICT_REJECT;
    }
    return VERDICT_PASS;
}

static enum verdict
before_join(void *ctx, struct client *client, struct session *session, struct refusal *refusal)
{
    (void)ctx;
    (void)client;
    assert_string_equal(session_id(session), "s");
    if (hook.refuses_join) {
        refuse(refusal, REFUSE_FORBIDDEN, "not you");
        return VERDICT_REJECT;
    }
    return hook.drops_join ? VERDICT_DROP : VERDICT_PASS;
}

void
hook_emit(struct client *client)
{
    for (int i = 0; i < hook.emits; i++) {
        int err =
            hub_emit(hook.scene->hub, client, SOURCE_PLUGIN,
                     span_of(hook.emit_session ? hook.emit_session : "s"), span_of(hook.emit_text));

        if (err) {
            hook.emit_errors++;
            hook.refused_error = err;
        }
    }
}

static enum verdict
before_event(void *ctx, struct event *event, struct refusal *refusal)
{
    (void)ctx;
    if (event->depth > hook.max_depth)
        hook.max_depth = event->depth;
    if (!event->session || (event->depth > 0 && hook.emits == 1 && hook.emit_session))
        return VERDICT_PASS;
    if (hook.verdict == VERDICT_REJECT && event->depth == 0) {
        hook_emit(event->client);
        refuse(refusal, REFUSE_INVALID_EVENT, "no");
        return VERDICT_REJECT;
    }
    if (hook.patch)
        event_patch(event, span_of(hook.patch));
    if (hook.replacement)
        event_set_data(event, span_of(hook.replacement));
    if (hook.emit_text && (event->depth == 0 || hook.emits == 1))
        hook_emit(event->client);
    return event->depth == 0 ? hook.verdict : VERDICT_PASS;
}

static void
after_event(void *ctx, const struct event *event)
{
    (void)ctx;
    note(hook.after, sizeof(hook.after), span_of(event->type->name));
    hook.after_seq = event->seq;
    if (hook.watched)
        hook.seen_by_conn = hook.watched->in.len;
}

static void
after_join(void *ctx, struct client *client, struct session *session)
{
    (void)ctx;
    (void)client;
    (void)session;
    hook.joined++;
}

static void
after_leave(void *ctx, struct client *client, struct session *session)
{
    (void)ctx;
    (void)client;
    (void)session;
    hook.left++;
}

int
hook_setup(void **state)
{
    int status = scene_setup(state);
    struct scene *scene = *state;

    memset(&hook, 0, sizeof(hook));
    hook.scene = scene;
    scene_create(scene, "s");
    scene->hooks = (struct hub_hooks){.before_message = before_message,
                                      .before_join = before_join,
                                      .before_event = before_event,
                                      .after_event = after_event,
                                      .after_join = after_join,
                                      .after_leave = after_leave};
    return status;
}
