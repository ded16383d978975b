/* The moments at which plugins are asked and told. */
#include "conn.h"
#include "hook.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, hook_setup, scene_teardown)

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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
