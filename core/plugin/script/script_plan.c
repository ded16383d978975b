/*
 * Setting up a world: what the script wants and the session does not have yet, as one array of
 * events through hub_receive(), all or nothing. Run twice, the second time there is nothing to
 * send.
 */
#include "plugin/script/script_state.h"

#include "err.h"
#include "log.h"
#include "json/json.h"
#include "json/json_equal.h"

#include <stdio.h>
#include <stdlib.h>

void
script_plan_fini(struct script_plan *plan)
{
    for (size_t i = 0; i < plan->object_count; i++) {
        buf_fini(&plan->objects[i]->body);
        free(plan->objects[i]);
    }
    free(plan->objects);
    table_fini(&plan->by_name);
    buf_fini(&plan->world);
    buf_fini(&plan->camera);
    free(plan->lines);
    memset(plan, 0, sizeof(*plan));
}

/* Appends {"type":T,"data":{...}}; key "": the body is the data, else the data's only member. line:
 * of the call that wants it. */
static void
append_event(struct script_plan *plan, struct buf *out, const char *type, const char *key,
             struct span body, int line)
{
    plan->lines = mem_realloc(plan->lines, (plan->event_count + 1) * sizeof(*plan->lines));
    plan->lines[plan->event_count++] = line;
    buf_appendf(out, "%s{\"type\":\"%s\",\"data\":", out->len > 1 ? "," : "", type);
    if (*key)
        buf_appendf(out, "{\"%s\":", key);
    buf_append_span(out, body);
    buf_append_str(out, *key ? "}}" : "}");
}

/* Appends the members of wanted that has does not have alike, as an object. False if there are
 * none. */
static bool
append_difference(struct buf *out, struct span wanted, struct span has)
{
    struct span key, value, old;
    struct json_iter iter, others;
    bool is_same, is_any = false;

    buf_append_char(out, '{');
    json_iter_init(&iter, wanted);
    while (json_next_member(&iter, &key, &value)) {
        struct span other;

        is_same = false;
        json_iter_init(&others, has);
        while (!is_same && json_next_member(&others, &other, &old))
            is_same = json_key_eq(key, other) && json_equal(value, old);
        if (is_same)
            continue;
        buf_append_str(out, is_any ? ",\"" : "\"");
        buf_append_span(out, key);
        buf_append_str(out, "\":");
        buf_append_span(out, value);
        is_any = true;
    }
    buf_append_char(out, '}');
    return is_any;
}

static void
append_world(struct script *script, struct buf *out)
{
    struct span wanted = buf_span(&script->plan.world);
    struct buf changed = BUF_INIT;

    if (wanted.len == 0)
        return;
    if (span_is(session_world(script->session), "{}"))
        append_event(&script->plan, out, "world_initialized", "world", wanted,
                     script->plan.world_line);
    else if (append_difference(&changed, wanted, session_world(script->session)))
        append_event(&script->plan, out, "world_updated", "world", buf_span(&changed),
                     script->plan.world_line);
    buf_fini(&changed);
}

/* The session's camera has members of its own besides what a script says. */
static bool
same_member(struct span a, struct span b, const char *name)
{
    struct span left, right;

    return a.at && json_member(a, name, &left) && json_member(b, name, &right) &&
           json_equal(left, right);
}

/* The whole array; "[]" if nothing is to be done. */
static void
append_message(struct script *script, struct buf *out)
{
    struct script_plan *plan = &script->plan;
    struct span camera = session_camera(script->session), wanted = buf_span(&plan->camera);

    buf_append_char(out, '[');
    append_world(script, out);
    for (size_t i = 0; i < plan->object_count; i++)
        if (!session_object(script->session, span_of(plan->objects[i]->name)))
            append_event(plan, out, "object_created", "object", buf_span(&plan->objects[i]->body),
                         plan->objects[i]->line);
    if (plan->camera.len > 0 &&
        !(same_member(camera, wanted, "position") && same_member(camera, wanted, "target")))
        append_event(plan, out, "camera_moved", "", buf_span(&plan->camera), plan->camera_line);
    buf_append_char(out, ']');
}

/* Waits for what becomes of the message; that may come when the script is long gone. */
struct setup {
    char name[ID_SIZE], session_id[ID_SIZE];
    struct refusal *refusal; /* where to put an immediate one; NULL: hub_receive() has returned */
    bool is_answered, is_refused;
    size_t refused_index;
};

static void
copy_refusal(struct refusal *to, const struct refusal *from)
{
    struct buf details = to->details;

    *to = *from;
    to->details = details;
    buf_clear(&to->details);
    buf_append_span(&to->details, buf_span(&from->details));
}

static void
on_outcome(void *ctx, const struct outcome *outcome)
{
    struct setup *setup = ctx;

    setup->is_answered = true;
    setup->is_refused = outcome->refusal != NULL;
    setup->refused_index = outcome->refused_index;
    if (setup->refusal) {
        if (outcome->refusal)
            copy_refusal(setup->refusal, outcome->refusal);
        return;
    }
    if (outcome->refusal)
        log_warn(setup->name, "setting up failed later", log_str("session", setup->session_id),
                 log_str("code", outcome->refusal->code),
                 log_str("reason", outcome->refusal->message));
    free(setup);
}

/* Says in the refusal's message which call of the script it is about. */
static void
name_line(const struct script *script, size_t index, struct refusal *refusal)
{
    char message[sizeof(refusal->message)];

    if (index >= script->plan.event_count)
        return;
    memcpy(message, refusal->message, sizeof(message));
    snprintf(refusal->message, sizeof(refusal->message), "%s.lua:%d: %s", script->name,
             script->plan.lines[index], message);
}

static void
log_refusal(struct script *script, const struct refusal *refusal)
{
    if (scripts_may_log(script->all))
        log_warn(script->name, "setting up was refused", log_str("session", script->session_id),
                 log_str("code", refusal->code), log_str("reason", refusal->message));
}

static int
send_message(struct script *script, struct span text, struct refusal *refusal)
{
    struct setup *setup = mem_zalloc(sizeof(*setup));
    struct message message = {.client = script->client,
                              .source = SOURCE_SCRIPT,
                              .text = text,
                              .is_array_allowed = true,
                              .session_id = span_of(script->session_id),
                              .if_version = -1,
                              .is_told_at_once = true,
                              .reply = on_outcome,
                              .reply_ctx = setup};
    bool is_refused;

    memcpy(setup->name, script->name, sizeof(setup->name));
    memcpy(setup->session_id, script->session_id, sizeof(setup->session_id));
    setup->refusal = refusal;
    hub_receive(script->all->hub, &message);
    is_refused = setup->is_answered && setup->is_refused;
    if (is_refused) {
        name_line(script, setup->refused_index, refusal);
        log_refusal(script, refusal);
    }
    if (setup->is_answered)
        free(setup);
    else
        setup->refusal = NULL;
    return is_refused ? HD1_ESCRIPT : 0;
}

int
script_plan_send(struct script *script, struct refusal *refusal)
{
    struct buf text = BUF_INIT;
    size_t limit;
    int err = 0;

    if (!script->client)
        return 0;
    limit = hub_limits(script->all->hub)->body_bytes;
    append_message(script, &text);
    if (text.len > limit) {
        refuse(refusal, REFUSE_TOO_LARGE, "script %s sets up %zu bytes, more than %zu",
               script->name, text.len, limit);
        err = HD1_ETOOBIG;
    } else if (text.len > 2) {
        err = send_message(script, buf_span(&text), refusal);
    }
    buf_fini(&text);
    return err;
}
