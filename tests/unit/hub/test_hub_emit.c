/* What hooks emit: with its cause, and not without end. */
#include "conn.h"
#include "hook.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include "err.h"

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
    hook_emit(client);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, hook_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_emitted_event_goes_with_its_cause),
        TEST(into_another_session_it_goes_once_its_cause_is_on_disk),
        TEST(one_event_emits_64_at_most),
        TEST(events_that_cause_one_another_end_at_depth_8),
        TEST(a_join_may_emit_after_an_event_emitted_all_it_may),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
