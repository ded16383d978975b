/* The camera of a session: kept, shown to who joins, written lazily. */
#include "conn.h"
#include "message.h"
#include "moving.h"
#include "rest.h"
#include "scene.h"

#include <string.h>

static void
the_camera_is_shown_to_joiners_and_survives_a_restart(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    assert_string_equal(scene_post(scene, "s", NULL, CAMERA, 5), "");
    for (int i = 0; i < 2; i++) {
        struct conn *alice = conn_open_path(scene, "s");

        scene_settle(scene);
        assert_true(
            message_is(conn_skip_to(alice, "session_snapshot"), "data.camera.position", "[5,0,0]"));
        conn_close(scene, alice);
        hub_write_behind(scene->hub);
        scene_restart(scene);
    }
}

static void
an_orbit_is_not_undone_by_what_the_camera_did_before(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join_quietly(scene, "s");

    conn_send(scene, alice, CAMERA, 7);
    scene_settle(scene);
    scene_post(scene, "s", NULL,
               "{\"type\":\"camera_orbit_started\",\"data\":{\"center\":[0,0,0],\"radius\":3}}");
    struct conn *bob = conn_open_path(scene, "s");

    scene_settle(scene);
    assert_true(message_is(conn_skip_to(bob, "session_snapshot"), "data.camera.orbit.radius", "3"));
    for (struct span message; (message = conn_next(bob)).at;)
        assert_false(message_is(message, "type", "camera_moved"));
    conn_close(scene, alice);
    conn_close(scene, bob);
}

/* Each of its moves would be a transaction otherwise. */
static void
the_camera_is_written_lazily(void **state)
{
    struct scene *scene = *state;
    struct hub_stats before, after;

    scene_create_pair(scene);
    scene_pass(scene, 2000);
    scene_settle(scene);
    hub_stats(scene->hub, &before);
    for (int i = 0; i < 20; i++)
        scene_post(scene, "s", NULL, CAMERA, i);
    hub_stats(scene->hub, &after);
    assert_int_equal(after.batches, before.batches);
    scene_pass(scene, 1001);
    scene_settle(scene);
    hub_stats(scene->hub, &after);
    assert_int_equal(after.batches, before.batches + 1);
}

static void
a_refused_array_does_not_move_the_camera(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *bob = conn_join_quietly(scene, "s");

    assert_string_equal(scene_post(scene, "s", NULL, "[" CAMERA "," CREATE("a") "]", 5),
                        "object_exists");
    conn_expect_nothing(bob);
    struct conn *alice = conn_open_path(scene, "s");

    scene_settle(scene);
    assert_false(message_has(conn_skip_to(alice, "session_snapshot"), "data.camera"));
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
a_camera_event_is_small(void **state)
{
    struct scene *scene = *state;
    char filler[5001];

    memset(filler, '1', 5000);
    filler[5000] = '\0';
    scene_create_pair(scene);
    assert_string_equal(
        scene_post(scene, "s", NULL,
                   "{\"type\":\"camera_moved\",\"data\":{\"position\":\"%s\",\"target\":0}}",
                   filler),
        "too_large");
    assert_string_equal(
        scene_post(scene, "s", NULL,
                   "{\"type\":\"camera_orbit_started\",\"data\":{\"center\":\"%s\",\"radius\":0}}",
                   filler),
        "too_large");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_camera_is_shown_to_joiners_and_survives_a_restart),
        TEST(an_orbit_is_not_undone_by_what_the_camera_did_before),
        TEST(the_camera_is_written_lazily),
        TEST(a_refused_array_does_not_move_the_camera),
        TEST(a_camera_event_is_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
