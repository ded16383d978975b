/*
 * When a commit fails: who sent it is told, nothing of it is ever seen, its seqs are used again,
 * everybody stays and goes on, and memory is what a fresh load shows.
 */
#include "conn.h"
#include "failing.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

/* --- events over WebSocket --- */

static void
ws_event_fails(struct scene *scene, const struct failure *failure, const char *session)
{
    struct conn *alice = conn_join_quietly(scene, session),
                *bob = conn_join_quietly(scene, session);
    struct buf before = BUF_INIT, after = BUF_INIT;

    scene_pass(scene, 2000);
    scene_fail(scene, failure->point, failure->code, 1);
    conn_send(scene, alice, WS_UPDATE, 1, session, 5);
    conn_send(scene, alice, WS_CREATE, 2, session, "b");
    scene_settle(scene);
    conn_expect_error(alice, 1, failure->refusal);
    conn_expect_error(alice, 2, failure->refusal);
    conn_expect_nothing(alice);
    conn_expect_nothing(bob);
    scene_state(scene, session, &before);
    conn_send(scene, alice, WS_UPDATE, 3, session, 6);
    scene_settle(scene);
    conn_expect_seq(alice, "object_updated", 3);
    conn_expect_seq(bob, "object_updated", 3);
    conn_expect_nothing(alice);
    conn_expect_nothing(bob);
    assert_string_equal(buf_cstr(&before),
                        "2 {}\n{\"name\":\"a\",\"type\":\"cube\",\"x\":0,\"y\":0,"
                        "\"z\":0,\"scale\":1,\"version\":2}");
    conn_close(scene, alice);
    conn_close(scene, bob);
    buf_clear(&before);
    scene_state(scene, session, &before);
    scene_restart(scene);
    scene_state(scene, session, &after);
    assert_string_equal(buf_cstr(&before), buf_cstr(&after));
    buf_fini(&before);
    buf_fini(&after);
}

static void
a_websocket_sender_is_told_and_nobody_sees_what_failed(void **state)
{
    failure_for_each(*state, ALL_POINTS, ws_event_fails);
}

/* --- REST --- */

static void
rest_event_fails(struct scene *scene, const struct failure *failure, const char *session)
{
    struct conn *alice = conn_join_quietly(scene, session);
    struct rest_answer answer = {.is_answered = false};

    scene_pass(scene, 2000);
    scene_fail(scene, failure->point, failure->code, 1);
    assert_string_equal(scene_post(scene, session, &answer, UPDATE, 5), failure->refusal);
    conn_expect_nothing(alice);
    assert_string_equal(scene_post(scene, session, &answer, UPDATE, 6), "");
    assert_int_equal(answer.version, 3);
    conn_expect_seq(alice, "object_updated", 3);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
    rest_fini(&answer);
}

static void
a_rest_caller_is_told_and_nobody_sees_what_failed(void **state)
{
    failure_for_each(*state, ALL_POINTS, rest_event_fails);
}

static void
rest_array_fails(struct scene *scene, const struct failure *failure, const char *session)
{
    struct conn *alice = conn_join_quietly(scene, session);
    struct rest_answer answer = {.is_answered = false};

    scene_pass(scene, 2000);
    scene_fail(scene, failure->point, failure->code, 1);
    assert_string_equal(
        scene_post(scene, session, &answer, "[" CREATE("b") "," UPDATE "," CREATE("c") "]", 5),
        failure->refusal);
    conn_expect_nothing(alice);
    scene_expect_state(
        scene, session,
        "2 {}\n{\"name\":\"a\",\"type\":\"cube\",\"x\":0,\"y\":0,\"z\":0,\"scale\":1,"
        "\"version\":2}");
    assert_string_equal(scene_post(scene, session, &answer, "[" CREATE("b") "," UPDATE "]", 6), "");
    assert_int_equal(answer.first_seq, 3);
    assert_int_equal(answer.last_seq, 4);
    conn_expect_seq(alice, "object_created", 3);
    conn_expect_seq(alice, "object_updated", 4);
    conn_close(scene, alice);
    rest_fini(&answer);
}

static void
an_array_that_fails_leaves_nothing_behind(void **state)
{
    failure_for_each(*state, ALL_POINTS, rest_array_fails);
}

/* --- sessions that begin and end --- */

static void
creation_fails(struct scene *scene, const struct failure *failure, const char *session)
{
    struct conn *alice = conn_greet(scene);

    scene_fail(scene, failure->point, failure->code, 1);
    assert_string_equal(
        scene_post(scene, NULL, NULL,
                   "{\"type\":\"session_created\",\"data\":{\"session_id\":\"new-%s\"}}", session),
        failure->refusal);
    conn_expect_nothing(alice);
    scene_fail(scene, failure->point, failure->code, 1);
    conn_send(scene, alice,
              "{\"type\":\"session_created\",\"id\":1,\"data\":{\"session_id\":\"new-%s\"}}",
              session);
    scene_settle(scene);
    conn_expect_error(alice, 1, failure->refusal);
    conn_send(scene, alice, "{\"type\":\"join\",\"id\":2,\"data\":{\"session_id\":\"new-%s\"}}",
              session);
    scene_settle(scene);
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "unknown_session"));
    conn_send(scene, alice,
              "{\"type\":\"session_created\",\"id\":3,\"data\":{\"session_id\":\"new-%s\"}}",
              session);
    scene_settle(scene);
    conn_expect_seq(alice, "session_created", 1);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

static void
a_session_whose_creation_fails_never_was(void **state)
{
    failure_for_each(*state, POINT(BEGIN) | POINT(EVENT) | POINT(SESSION) | POINT(COMMIT),
                     creation_fails);
}

static void
deletion_fails(struct scene *scene, const struct failure *failure, const char *session)
{
    struct conn *alice = conn_join_quietly(scene, session), *lobby = conn_greet(scene);

    scene_fail(scene, failure->point, failure->code, 1);
    assert_string_equal(scene_post(scene, session, NULL, "{\"type\":\"session_deleted\"}"),
                        failure->refusal);
    conn_expect_nothing(alice);
    conn_expect_nothing(lobby);
    conn_send(scene, alice, WS_UPDATE, 1, session, 5);
    scene_settle(scene);
    conn_expect_seq(alice, "object_updated", 3);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
    conn_close(scene, lobby);
}

static void
a_session_whose_deletion_fails_goes_on(void **state)
{
    failure_for_each(*state, POINT(BEGIN) | POINT(EVENT) | POINT(SESSION) | POINT(COMMIT),
                     deletion_fails);
}

static void
who_asks_for_a_session_being_deleted_waits_for_the_outcome(void **state)
{
    struct scene *scene = *state;
    struct rest_answer deletion = {.is_answered = false}, change = {.is_answered = false};

    scene_create(scene, "s");
    scene_fail(scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    rest_send(scene, "s", &deletion, "{\"type\":\"session_deleted\"}");
    rest_send(scene, "s", &change, CREATE("b"));
    assert_string_equal(rest_await(scene, &deletion), "storage_full");
    assert_string_equal(rest_await(scene, &change), "");
    assert_int_equal(change.version, 2);
    rest_send(scene, "s", &deletion, "{\"type\":\"session_deleted\"}");
    rest_send(scene, "s", &change, CREATE("b"));
    assert_string_equal(rest_await(scene, &deletion), "");
    assert_string_equal(rest_await(scene, &change), "unknown_session");
    rest_fini(&deletion);
    rest_fini(&change);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_websocket_sender_is_told_and_nobody_sees_what_failed),
        TEST(a_rest_caller_is_told_and_nobody_sees_what_failed),
        TEST(an_array_that_fails_leaves_nothing_behind),
        TEST(a_session_whose_creation_fails_never_was),
        TEST(a_session_whose_deletion_fails_goes_on),
        TEST(who_asks_for_a_session_being_deleted_waits_for_the_outcome),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
