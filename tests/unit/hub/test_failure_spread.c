/*
 * What a failed commit takes with it: what was filling meanwhile, what rests on it, what it
 * caused.
 */
#include "conn.h"
#include "failing.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include <stdio.h>

/* --- what depends on it --- */

static void
a_refusal_that_rests_on_failed_state_is_not_given(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    struct conn *alice = conn_join(scene, "s");

    scene_fail(scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    conn_send(scene, alice, WS_CREATE, 1, "s", "a");
    conn_send(scene, alice, WS_CREATE, 2, "s", "a"); /* a 409 that would show the object */
    conn_send(scene, alice, WS_UPDATE, 3, "s", 5);
    scene_settle(scene);
    conn_expect_error(alice, 1, "storage_full");
    conn_expect_error(alice, 3, "storage_full");
    conn_expect_error(alice, 2, "storage_full");
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

static void
what_was_filling_meanwhile_fails_with_it(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answer = {.is_answered = false};

    for (size_t i = 0; i < FAILURE_CLASSES; i++) {
        char session[8], other[8];

        snprintf(session, sizeof(session), "s%zu", i);
        snprintf(other, sizeof(other), "t%zu", i);
        scene_create(scene, session);
        scene_create(scene, other);
        struct conn *alice = conn_join_quietly(scene, session),
                    *bob = conn_join_quietly(scene, other);

        scene->is_store_held = 1;
        scene_fail(scene, STORE_POINT_COMMIT, failure_classes[i].code, 1);
        scene_pass(scene, 10);
        conn_send(scene, alice, WS_CREATE, 1, session, "a");
        scene_round(scene); /* in flight */
        conn_send(scene, alice, WS_CREATE, 2, session, "b");
        conn_send(scene, bob, WS_CREATE, 1, other, "a");
        rest_send(scene, session, &answer, UPDATE, 5);
        scene_round(scene);
        scene->is_store_held = 0;
        assert_string_equal(rest_await(scene, &answer), failure_classes[i].refusal);
        conn_expect_error(alice, 1, failure_classes[i].refusal);
        conn_expect_error(alice, 2, failure_classes[i].refusal);
        conn_expect_nothing(alice);
        conn_expect_seq(bob, "object_created", 2);
        conn_expect_nothing(bob);
        conn_send(scene, alice, WS_CREATE, 3, session, "b");
        scene_settle(scene);
        conn_expect_seq(alice, "object_created", 2);
        conn_close(scene, alice);
        conn_close(scene, bob);
    }
    rest_fini(&answer);
}

/* Input that comes while the session is read again waits for it. */
static void
who_sends_while_the_session_is_read_again_is_served_after(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_greet(scene);

    scene->is_reader_held = 1;
    scene_fail(scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    scene_pass(scene, 10);
    conn_send(scene, alice, WS_CREATE, 1, "s", "a");
    scene_round(scene);
    scene_deliver(scene, 1000);
    scene_round(scene);
    conn_expect_error(alice, 1, "storage_full");
    conn_send(scene, alice, WS_CREATE, 2, "s", "b");
    conn_send(scene, alice, WS_UPDATE, 3, "s", 1);
    conn_send(scene, bob, WS_JOIN, 1, "s");
    scene_round(scene);
    conn_expect_nothing(alice);
    scene->is_reader_held = 0;
    scene_settle(scene);
    conn_expect(bob, "session_snapshot");
    assert_int_equal(message_int(conn_expect(bob, "session_snapshot"), "data.seq"), 2);
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "unknown_object"));
    conn_expect_seq(alice, "object_created", 2);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
the_constraint_of_one_session_does_not_fail_another(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    scene_create(scene, "t");
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "t");

    for (int code = FAULT_CORRUPT; code <= FAULT_CONSTRAINT;
         code += FAULT_CONSTRAINT - FAULT_CORRUPT) {
        int64_t id = code, seq = code == FAULT_CORRUPT ? 2 : 3;

        scene_fail(scene, STORE_POINT_EVENT, code, 2); /* together, then the first by itself */
        conn_send(scene, alice, WS_CREATE, code, "s", "a");
        conn_send(scene, bob, WS_CREATE, code, "t", code == FAULT_CORRUPT ? "a" : "b");
        scene_settle(scene);
        conn_expect_error(alice, id, "storage_unavailable");
        conn_expect_nothing(alice);
        conn_expect_seq(bob, "object_created", seq);
        conn_expect_nothing(bob);
    }
    conn_close(scene, alice);
    conn_close(scene, bob);
}

/* --- what was caused by it --- */

static enum verdict
emit_another(void *ctx, struct event *event, struct refusal *refusal)
{
    struct scene *scene = ctx;

    (void)refusal;
    if (event->depth == 0 && event->session) {
        hub_emit(scene->hub, event->client, SOURCE_PLUGIN, span_of(session_id(event->session)),
                 SPAN(CREATE("echo")));
    }
    return VERDICT_PASS;
}

static void
what_a_failed_event_caused_does_not_happen(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    struct conn *alice = conn_join(scene, "s");

    scene->is_store_held = 1;
    scene_fail(scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    scene_pass(scene, 10);
    conn_send(scene, alice, WS_CREATE, 1, "s", "a");
    scene_round(scene);
    scene->hooks.ctx = scene;
    scene->hooks.before_event = emit_another;
    conn_send(scene, alice, WS_CREATE, 2, "s", "b"); /* its echo waits for the round's end */
    scene->is_store_held = 0;
    scene_deliver(scene, 1000);
    scene_settle(scene);
    conn_expect_error(alice, 1, "storage_full");
    conn_expect_error(alice, 2, "storage_full");
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

static void
figures_count_failures(void **state)
{
    struct scene *scene = *state;
    struct hub_stats stats;

    scene_create(scene, "s");
    scene_fail(scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("a")), "storage_full");
    hub_stats(scene->hub, &stats);
    assert_int_equal(stats.storage_failures, 1);
    assert_int_equal(stats.pending_bytes, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_refusal_that_rests_on_failed_state_is_not_given),
        TEST(what_was_filling_meanwhile_fails_with_it),
        TEST(who_sends_while_the_session_is_read_again_is_served_after),
        TEST(the_constraint_of_one_session_does_not_fail_another),
        TEST(what_a_failed_event_caused_does_not_happen),
        TEST(figures_count_failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
