/*
 * After an input or output error nobody knows whether it was written: what is then on disk is the
 * truth.
 */
#include "conn.h"
#include "failing.h"
#include "rest.h"
#include "scene.h"

static void
an_unknown_outcome_that_is_found_on_disk_is_delivered_once(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answer = {.is_answered = false};

    scene_create(scene, "s");
    struct conn *alice = conn_join(scene, "s");

    scene_fail(scene, STORE_POINT_COMMITTED, FAULT_IOERR, 1);
    conn_send(scene, alice, WS_CREATE, 1, "s", "a");
    rest_send(scene, "s", &answer, "[" CREATE("b") "," CREATE("c") "]");
    assert_string_equal(rest_await(scene, &answer), "");
    assert_int_equal(answer.last_seq, 4);
    for (int64_t seq = 2; seq <= 4; seq++)
        conn_expect_seq(alice, "object_created", seq);
    conn_expect_nothing(alice);
    assert_true(scene_has_failed(scene, STORE_POINT_COMMITTED));
    conn_close(scene, alice);
    rest_fini(&answer);
}

/* The disk fails so badly that it cannot even be looked for: said so; what is there is delivered
 * then. */
static void
an_outcome_that_stays_unknown_is_called_so_and_delivered_if_it_is_there(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answer = {.is_answered = false};

    scene_create(scene, "s");
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    scene_fail(scene, STORE_POINT_COMMITTED, FAULT_IOERR, 1);
    scene_fail(scene, STORE_POINT_REOPEN, FAULT_IOERR, 1);
    conn_send(scene, alice, WS_CREATE, 1, "s", "a");
    rest_send(scene, "s", &answer, CREATE("b"));
    assert_string_equal(rest_await(scene, &answer), "outcome_unknown");
    conn_expect_error(alice, 1, "outcome_unknown");
    conn_expect_seq(alice, "object_created", 2);
    conn_expect_seq(alice, "object_created", 3);
    conn_expect_seq(bob, "object_created", 2);
    conn_expect_seq(bob, "object_created", 3);
    conn_send(scene, bob, WS_CREATE, 1, "s", "c");
    scene_settle(scene);
    conn_expect_seq(alice, "object_created", 4);
    conn_expect_seq(bob, "object_created", 4);
    conn_expect_nothing(alice);
    conn_expect_nothing(bob);
    conn_close(scene, alice);
    conn_close(scene, bob);
    rest_fini(&answer);
}

static void
an_outcome_that_stays_unknown_and_is_not_there_leaves_nothing(void **state)
{
    struct scene *scene = *state;
    struct rest_answer first = {.is_answered = false}, later = {.is_answered = false};

    scene_create(scene, "s");
    struct conn *alice = conn_join(scene, "s");

    scene->is_store_held = 1;
    scene_fail(scene, STORE_POINT_COMMIT, FAULT_IOERR, 1);
    scene_fail(scene, STORE_POINT_REOPEN, FAULT_IOERR, 1);
    scene_pass(scene, 10);
    rest_send(scene, "s", &first, CREATE("a"));
    scene_round(scene);
    rest_send(scene, "s", &later, CREATE("b"));
    scene->is_store_held = 0;
    assert_string_equal(rest_await(scene, &first), "outcome_unknown");
    /* It was never handed over: that it did not happen is known. */
    assert_string_equal(rest_await(scene, &later), "storage_unavailable");
    conn_expect_nothing(alice);
    conn_send(scene, alice, WS_CREATE, 1, "s", "c");
    scene_settle(scene);
    conn_expect_seq(alice, "object_created", 2);
    conn_close(scene, alice);
    rest_fini(&first);
    rest_fini(&later);
}

static void
a_creation_of_unknown_outcome_is_there_or_not(void **state)
{
    struct scene *scene = *state;

    scene_fail(scene, STORE_POINT_COMMITTED, FAULT_IOERR, 1);
    scene_fail(scene, STORE_POINT_REOPEN, FAULT_IOERR, 1);
    assert_string_equal(
        scene_post(scene, NULL, NULL,
                   "{\"type\":\"session_created\",\"data\":{\"session_id\":\"s\"}}"),
        "outcome_unknown");
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("a")), "");
    scene_fail(scene, STORE_POINT_COMMIT, FAULT_IOERR, 1);
    scene_fail(scene, STORE_POINT_REOPEN, FAULT_IOERR, 1);
    assert_string_equal(
        scene_post(scene, NULL, NULL,
                   "{\"type\":\"session_created\",\"data\":{\"session_id\":\"t\"}}"),
        "outcome_unknown");
    assert_string_equal(scene_post(scene, "t", NULL, CREATE("a")), "unknown_session");
    scene_create(scene, "t");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_unknown_outcome_that_is_found_on_disk_is_delivered_once),
        TEST(an_outcome_that_stays_unknown_is_called_so_and_delivered_if_it_is_there),
        TEST(an_outcome_that_stays_unknown_and_is_not_there_leaves_nothing),
        TEST(a_creation_of_unknown_outcome_is_there_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
