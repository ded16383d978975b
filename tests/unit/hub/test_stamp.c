/* The times of what happens in a session never go back, though the system's clock does. */
#include "conn.h"
#include "failing.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#define MOVE "{\"type\":\"object_moved\",\"data\":{\"session_id\":\"s\",\"name\":\"a\",\"x\":1}}"

static void
conn_expect_time(struct conn *conn, const char *type, int64_t time_ms)
{
    struct span message = conn_expect(conn, type);

    assert_int_equal(message_int(message, "time_ms"), time_ms);
    assert_int_equal(message_int(message, "timestamp"), time_ms / 1000);
}

/* An update in s, as everyone sees it. */
static void
expect_update_at(struct scene *scene, struct conn *conn, int64_t time_ms)
{
    assert_string_equal(scene_post(scene, "s", NULL, UPDATE, 1), "");
    conn_expect_time(conn, "object_updated", time_ms);
}

static void
scene_create_a(struct scene *scene, const char *session)
{
    scene_create(scene, session);
    assert_string_equal(scene_post(scene, session, NULL, CREATE("a")), "");
}

static void
a_clock_that_is_set_back_stands_still_for_a_session_until_it_is_there_again(void **state)
{
    struct scene *scene = *state;
    int64_t now = scene->unix_ms;

    scene_create_a(scene, "s");
    struct conn *alice = conn_join(scene, "s");

    scene->unix_ms = now + 7000;
    expect_update_at(scene, alice, now + 7000);
    scene->unix_ms = now;
    expect_update_at(scene, alice, now + 7000);
    scene->unix_ms = now + 6999;
    expect_update_at(scene, alice, now + 7000);
    scene->unix_ms = now + 7001;
    expect_update_at(scene, alice, now + 7001);
    conn_close(scene, alice);
}

static void
volatile_events_and_presence_keep_to_it_too(void **state)
{
    struct scene *scene = *state;
    int64_t now = scene->unix_ms;

    scene_create_a(scene, "s");
    struct conn *alice = conn_join(scene, "s");

    scene->unix_ms = now + 7000;
    expect_update_at(scene, alice, now + 7000);
    scene->unix_ms = now;
    struct conn *bob = conn_join(scene, "s");

    conn_expect_time(alice, "client_connected", now + 7000);
    conn_send(scene, bob, MOVE);
    scene_settle(scene);
    conn_expect_time(alice, "object_moved", now + 7000);
    scene->unix_ms = now + 8000;
    conn_send(scene, bob, MOVE);
    scene_settle(scene);
    conn_expect_time(alice, "object_moved", now + 8000);
    scene->unix_ms = now;
    expect_update_at(scene, alice, now + 8000);
    scene->unix_ms = now + 9000;
    conn_close(scene, bob);
    conn_expect_time(alice, "client_disconnected", now + 9000);
    scene->unix_ms = now;
    expect_update_at(scene, alice, now + 9000);
    conn_close(scene, alice);
}

static void
it_holds_over_a_restart_and_a_failed_commit(void **state)
{
    struct scene *scene = *state;
    int64_t now = scene->unix_ms;

    scene_create_a(scene, "s");
    scene->unix_ms = now + 7000;
    assert_string_equal(scene_post(scene, "s", NULL, UPDATE, 1), "");
    scene->unix_ms = now;
    scene_restart(scene);
    struct conn *alice = conn_join(scene, "s");

    expect_update_at(scene, alice, now + 7000);
    scene->unix_ms = now + 9000;
    struct conn *bob = conn_join(scene, "s");

    conn_expect_time(alice, "client_connected", now + 9000);
    scene->unix_ms = now;
    scene_fail(scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    assert_string_equal(scene_post(scene, "s", NULL, UPDATE, 1), "storage_full");
    expect_update_at(scene, alice, now + 9000);
    conn_close(scene, bob);
    conn_close(scene, alice);
}

static void
each_session_has_its_own(void **state)
{
    struct scene *scene = *state;
    int64_t now = scene->unix_ms;

    scene_create_a(scene, "s");
    scene_create_a(scene, "t");
    struct conn *alice = conn_join(scene, "t");

    scene->unix_ms = now + 7000;
    assert_string_equal(scene_post(scene, "s", NULL, UPDATE, 1), "");
    scene->unix_ms = now + 1;
    assert_string_equal(scene_post(scene, "t", NULL, UPDATE, 1), "");
    conn_expect_time(alice, "object_updated", now + 1);
    conn_close(scene, alice);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_clock_that_is_set_back_stands_still_for_a_session_until_it_is_there_again),
        TEST(volatile_events_and_presence_keep_to_it_too),
        TEST(it_holds_over_a_restart_and_a_failed_commit),
        TEST(each_session_has_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
