/* The moments at which plugins are asked and told, and what they emit. */
#include "conn.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include "err.h"

#include <stdio.h>

#define CREATE(name)                                                                               \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"" name "\",\"type\":\"cube\"}}" \
    "}"
#define WS_CREATE(name)                                                                            \
    "{\"type\":\"object_created\",\"id\":%d,\"data\":{\"session_id\":\"s\",\"object\":{\"name\":"  \
    "\"" name "\",\"type\":\"cube\"}}}"

/* What the hooks of a test do and saw; the scene is hooks.ctx's. */
static struct {
    struct scene *scene;
    /* before_message */
    int messages;
    size_t count, bytes;
    char types[256], sessions[256];
    bool refuses;
    /* before_event */
    enum verdict verdict;
    const char *patch, *replacement;
    int emits, emit_errors, refused_error;
    const char *emit_text, *emit_session;
    int max_depth;
    /* after_event */
    char after[512];
    int64_t after_seq;
    size_t seen_by_conn;
    struct conn *watched;
    /* join */
    int joined, left;
    bool refuses_join, drops_join;
} hook;

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

static void
emit_some(struct client *client)
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
        emit_some(event->client);
        refuse(refusal, REFUSE_INVALID_EVENT, "no");
        return VERDICT_REJECT;
    }
    if (hook.patch)
        event_patch(event, span_of(hook.patch));
    if (hook.replacement)
        event_set_data(event, span_of(hook.replacement));
    if (hook.emit_text && (event->depth == 0 || hook.emits == 1))
        emit_some(event->client);
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

static int
setup(void **state)
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

/* --- before_message --- */

static void
whatever_comes_in_is_charged(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s");

    hook.messages = 0;
    hook.types[0] = hook.sessions[0] = '\0';
    hook.count = 0;
    conn_send(scene, alice, "nonsense");
    conn_send(scene, alice, "{\"type\":\"presence\",\"data\":{}}");
    conn_send(scene, alice, "{\"type\":\"no_such\",\"data\":{\"session_id\":\"x\"}}");
    hub_receive_binary(scene->hub, alice->client, 77);
    assert_int_equal(hook.bytes, 77);
    assert_int_equal(hook.messages, 4);
    assert_int_equal(hook.count, 4);
    assert_string_equal(hook.types, ",presence,no_such,,");
    assert_string_equal(hook.sessions, ",,x,,");
    scene_post(scene, "s", NULL, "[" CREATE("a") "," CREATE("b") "," CREATE("c") "]");
    assert_int_equal(hook.messages, 5);
    assert_int_equal(hook.count, 7); /* an array counts each */
    scene_settle(scene);
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "malformed"));
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "unknown_type"));
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "unsupported"));
    conn_close(scene, alice);
}

static void
what_is_refused_by_before_message_changes_nothing(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s");

    hook.refuses = true;
    conn_send(scene, alice, WS_CREATE("a"), 4);
    hub_receive_binary(scene->hub, alice->client, 1);
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("b")), "rate_limited");
    struct span error = conn_expect(alice, "error");

    assert_int_equal(message_int(error, "data.id"), 4);
    assert_int_equal(message_int(error, "data.status"), 429);
    assert_int_equal(message_int(error, "data.retry_after_ms"), 50);
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "rate_limited"));
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

static void
what_plugins_emit_is_not_charged(void **state)
{
    struct scene *scene = *state;

    hook.emits = 1;
    hook.emit_session = "s";
    hook.emit_text = CREATE("b");
    scene_post(scene, "s", NULL, CREATE("a"));
    assert_int_equal(hook.messages, 1);
    assert_string_equal(hook.after, "object_created,object_created,");
}

/* --- joins --- */

static void
a_join_may_be_refused(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_greet(scene);

    hook.refuses_join = true;
    conn_send(scene, alice, "{\"type\":\"join\",\"id\":3,\"data\":{\"session_id\":\"s\"}}");
    scene_settle(scene);
    struct span error = conn_expect(alice, "error");

    assert_int_equal(message_int(error, "data.id"), 3);
    assert_true(message_is(error, "data.code", "forbidden"));
    assert_int_equal(hook.joined, 0);
    hook.refuses_join = false;
    hook.drops_join = true; /* only events can be dropped: it is told */
    conn_send(scene, alice, "{\"type\":\"join\",\"id\":4,\"data\":{\"session_id\":\"s\"}}");
    scene_settle(scene);
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "forbidden"));
    hook.drops_join = false;
    conn_send(scene, alice, "{\"type\":\"join\",\"id\":5,\"data\":{\"session_id\":\"s\"}}");
    scene_settle(scene);
    conn_expect(alice, "session_snapshot");
    assert_int_equal(hook.joined, 1);
    assert_int_equal(hook.left, 0);
    conn_close(scene, alice);
    assert_int_equal(hook.left, 1);
}

/* --- before_event --- */

static void
a_hook_may_reject_patch_replace_or_drop(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answer = {.is_answered = false};

    hook.verdict = VERDICT_REJECT;
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("a")), "invalid_event");
    hook.verdict = VERDICT_DROP;
    assert_string_equal(scene_post(scene, "s", &answer, CREATE("a")), "");
    assert_int_equal(answer.last_seq, 0);
    hook.verdict = VERDICT_PASS;
    hook.patch = "{\"by\":\"hook\",\"object\":{\"color\":\"red\",\"type\":\"ball\"}}";
    struct conn *alice = conn_join_quietly(scene, "s");

    assert_string_equal(scene_post(scene, "s", &answer, CREATE("a")), "");
    assert_int_equal(answer.last_seq, 2);
    struct span message = conn_expect(alice, "object_created");

    assert_true(message_is(message, "data.by", "hook"));
    assert_true(message_is(message, "data.object.color", "red"));
    assert_true(message_is(message, "data.object.type", "ball"));
    assert_true(message_is(message, "data.object.name", "a"));
    hook.patch = NULL;
    hook.replacement = "{\"session_id\":\"s\",\"object\":{\"name\":\"z\",\"type\":\"t\"}}";
    assert_string_equal(scene_post(scene, "s", &answer, CREATE("a")), "");
    assert_true(message_is(conn_expect(alice, "object_created"), "data.object.name", "z"));
    conn_expect_nothing(alice);
    conn_close(scene, alice);
    rest_fini(&answer);
}

/* --- after_event --- */

static void
after_event_comes_after_the_flush(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s");

    conn_expect_nothing(alice);
    hook.watched = alice;
    scene->is_store_held = 1;
    conn_send(scene, alice, WS_CREATE("a"), 1);
    scene_round(scene);
    scene_round(scene);
    assert_string_equal(hook.after, "");
    scene->is_store_held = 0;
    scene_settle(scene);
    assert_string_equal(hook.after, "object_created,");
    assert_int_equal(hook.after_seq, 2);
    assert_true(hook.seen_by_conn > 0);
    hook.watched = NULL;
    conn_close(scene, alice);
}

static void
after_event_hears_of_volatile_events_and_of_the_end_of_a_session(void **state)
{
    struct scene *scene = *state;

    scene_post(scene, "s", NULL, CREATE("a"));
    scene_post(scene, "s", NULL, "{\"type\":\"object_moved\",\"data\":{\"name\":\"a\"}}");
    scene_post(scene, "s", NULL, "{\"type\":\"session_deleted\"}");
    assert_string_equal(hook.after, "object_created,object_moved,session_deleted,");
}

/* --- emits --- */

static void
an_emitted_event_goes_with_its_cause(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s");

    hook.emits = 2;
    hook.emit_text = CREATE("b");
    hook.verdict = VERDICT_REJECT;
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("a")), "invalid_event");
    conn_expect_nothing(alice);
    hook.verdict = VERDICT_PASS;
    assert_string_equal(scene_post(scene, "s", NULL, "[" CREATE("a") "," CREATE("a") "]"),
                        "object_exists"); /* all of them go with the array */
    conn_expect_nothing(alice);
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("a")), "");
    assert_true(message_is(conn_expect(alice, "object_created"), "data.object.name", "a"));
    assert_true(message_is(conn_expect(alice, "object_created"), "data.object.name", "b"));
    conn_expect_nothing(alice); /* the second b is refused, and nobody is told */
    assert_int_equal(hook.max_depth, 1);
    conn_close(scene, alice);
}

static void
into_another_session_it_goes_once_its_cause_is_on_disk(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "t");
    struct conn *alice = conn_join_quietly(scene, "s"), *bob;

    hook.refuses_join = false;
    scene->hooks.before_join = NULL;
    bob = conn_join_quietly(scene, "t");
    hook.emits = 1;
    hook.emit_session = "t";
    hook.emit_text = CREATE("b");
    scene->is_store_held = 1;
    conn_send(scene, alice, WS_CREATE("a"), 1);
    scene_round(scene);
    scene_fail(scene, STORE_POINT_EVENT, FAULT_CONSTRAINT, 2); /* s alone, were it with t */
    scene->is_store_held = 0;
    scene_settle(scene);
    scene_fail(scene, STORE_POINT_EVENT, 0, 0);
    conn_expect(alice, "error");
    conn_expect_nothing(bob);
    conn_send(scene, alice, WS_CREATE("a"), 2);
    scene_settle(scene);
    conn_expect_seq(alice, "object_created", 2);
    conn_expect_seq(bob, "object_created", 2);
    conn_expect_nothing(bob);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
one_event_emits_64_at_most(void **state)
{
    struct scene *scene = *state;

    hook.emits = 70;
    hook.emit_text = "{\"type\":\"world_updated\",\"data\":{\"world\":{}}}";
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("a")), "");
    assert_int_equal(hook.emit_errors, 6);
    assert_int_equal(hook.refused_error, HD1_EFULL);
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("b")), "");
    assert_int_equal(hook.emit_errors, 12); /* each event anew */
}

static void
events_that_cause_one_another_end_at_depth_8(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answer = {.is_answered = false};

    hook.emits = 1;
    hook.emit_text = "{\"type\":\"world_updated\",\"data\":{\"world\":{}}}";
    scene_post(scene, "s", NULL, CREATE("a"));
    assert_int_equal(hook.max_depth, 8);
    assert_int_equal(hook.emit_errors, 1);
    assert_int_equal(hook.refused_error, HD1_EINVAL);
    hook.emit_text = NULL;
    scene_post(scene, "s", &answer, CREATE("b"));
    assert_int_equal(answer.last_seq, 11);
    rest_fini(&answer);
}

static void
emit_on_join(void *ctx, struct client *client, struct session *session)
{
    (void)ctx;
    (void)session;
    emit_some(client);
}

/* What an earlier hook emitted does not count. */
static void
a_join_may_emit_after_an_event_emitted_all_it_may(void **state)
{
    struct scene *scene = *state;

    hook.emits = 64;
    hook.emit_text = "{\"type\":\"world_updated\",\"data\":{\"world\":{}}}";
    hook.verdict = VERDICT_REJECT;
    scene_post(scene, "s", NULL, CREATE("a"));
    assert_int_equal(hook.emit_errors, 0);
    hook.emits = 1;
    scene->hooks.after_join = emit_on_join;
    scene->hooks.before_event = NULL;
    scene->hooks.after_event = NULL;
    struct conn *alice = conn_join_quietly(scene, "s");

    assert_int_equal(hook.emit_errors, 0);
    conn_expect(alice, "world_updated");
    conn_close(scene, alice);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whatever_comes_in_is_charged),
        TEST(what_is_refused_by_before_message_changes_nothing),
        TEST(what_plugins_emit_is_not_charged),
        TEST(a_join_may_be_refused),
        TEST(a_hook_may_reject_patch_replace_or_drop),
        TEST(after_event_comes_after_the_flush),
        TEST(after_event_hears_of_volatile_events_and_of_the_end_of_a_session),
        TEST(an_emitted_event_goes_with_its_cause),
        TEST(into_another_session_it_goes_once_its_cause_is_on_disk),
        TEST(one_event_emits_64_at_most),
        TEST(events_that_cause_one_another_end_at_depth_8),
        TEST(a_join_may_emit_after_an_event_emitted_all_it_may),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
