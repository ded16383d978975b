/* The end of a session, for those who ask for it at that moment. */
#include "conn.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include <stdio.h>

#define DELETE "{\"type\":\"session_deleted\"}"
#define WORLD "{\"type\":\"world_updated\",\"data\":{\"world\":{\"w\":1}}}"
#define JOIN "{\"type\":\"join\",\"id\":%d,\"data\":{\"session_id\":\"s\"}}"

static void
expect_unknown(struct conn *conn, int64_t id)
{
    struct span error = conn_expect(conn, "error");

    assert_int_equal(message_int(error, "data.id"), id);
    assert_true(message_is(error, "data.code", "unknown_session"));
}

/* The deletion and what is behind it wait together until the session is loaded. */
static void
what_follows_a_deletion_that_waited_for_the_load_waits_for_its_outcome(void **state)
{
    struct scene *scene = *state;
    struct rest_answer deleted = {.is_answered = false}, change = {.is_answered = false};

    scene_create(scene, "s");
    scene_restart(scene);
    scene->is_store_held = 1;
    rest_send(scene, "s", &deleted, DELETE);
    rest_send(scene, "s", &change, WORLD);
    scene_catch_up(scene);
    assert_false(deleted.is_answered || change.is_answered);
    scene->is_store_held = 0;
    assert_string_equal(rest_await(scene, &deleted), "");
    assert_string_equal(rest_await(scene, &change), "unknown_session");
    rest_fini(&deleted);
    rest_fini(&change);
}

static void
what_follows_a_deletion_that_fails_happens(void **state)
{
    struct scene *scene = *state;
    struct rest_answer deleted = {.is_answered = false}, change = {.is_answered = false};

    scene_create(scene, "s");
    scene_restart(scene);
    scene_fail(scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    rest_send(scene, "s", &deleted, DELETE);
    rest_send(scene, "s", &change, WORLD);
    assert_string_equal(rest_await(scene, &deleted), "storage_full");
    assert_string_equal(rest_await(scene, &change), "");
    assert_int_equal(change.first_seq, 2);
    rest_fini(&deleted);
    rest_fini(&change);
}

static void
who_asked_to_join_is_answered_though_it_is_deleted_before_the_first_page(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    struct conn *alice = conn_greet(scene);

    alice->is_blocked = true;
    conn_send(scene, alice, JOIN, 1);
    scene_settle(scene);
    assert_string_equal(scene_post(scene, "s", NULL, DELETE), "");
    conn_unblock(scene, alice);
    scene_settle(scene);
    conn_expect_seq(alice, "session_deleted", 2);
    expect_unknown(alice, 1);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

/* It is on disk, but nobody can say so until the session is read again, and is not there. */
static void
a_deletion_of_unknown_outcome_that_happened_is_told_to_everyone(void **state)
{
    struct scene *scene = *state;
    struct rest_answer deleted = {.is_answered = false};

    scene_create(scene, "s");
    struct conn *alice = conn_join_quietly(scene, "s"), *outside = conn_greet(scene);

    scene_fail(scene, STORE_POINT_COMMITTED, FAULT_IOERR, 1);
    scene_fail(scene, STORE_POINT_REOPEN, FAULT_IOERR, 1);
    rest_send(scene, "s", &deleted, DELETE);
    assert_string_equal(rest_await(scene, &deleted), "outcome_unknown");
    conn_expect_seq(alice, "session_deleted", 2);
    conn_expect_seq(outside, "session_deleted", 2);
    conn_expect_nothing(alice);
    conn_send(scene, alice, JOIN, 1);
    scene_settle(scene);
    expect_unknown(alice, 1);
    rest_fini(&deleted);
    conn_close(scene, alice);
    conn_close(scene, outside);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_follows_a_deletion_that_waited_for_the_load_waits_for_its_outcome),
        TEST(what_follows_a_deletion_that_fails_happens),
        TEST(who_asked_to_join_is_answered_though_it_is_deleted_before_the_first_page),
        TEST(a_deletion_of_unknown_outcome_that_happened_is_told_to_everyone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
