/* World scripts over the real hub: setting up, once and twice. */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "plugin/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
a_session_made_with_a_script_is_set_up(void **state)
{
    struct stage *stage = *state;
    struct conn *conn;
    struct span snapshot;

    stage_write(stage, WORLD);
    conn = conn_open(stage->scene);
    conn_send(stage->scene, conn,
              "{\"type\":\"session_created\",\"data\":{\"session_id\":\"demo\",\"script\":"
              "\"world\"}}");
    scene_settle(stage->scene);
    conn_close(stage->scene, conn);
    conn = conn_open(stage->scene);
    conn_send(stage->scene, conn, "{\"type\":\"join\",\"data\":{\"session_id\":\"demo\"}}");
    scene_settle(stage->scene);
    snapshot = conn_skip_to(conn, "session_snapshot");
    assert_true(message_is(snapshot, "data.world.title", "x"));
    assert_int_equal(message_int(snapshot, "data.world.size"), 10);
    assert_int_equal(message_int(snapshot, "data.camera.position.z"), 2);
    snapshot = conn_expect(conn, "session_snapshot"); /* the page of objects */
    assert_non_null(memmem(snapshot.at, snapshot.len, "\"name\":\"a\"", 10));
    assert_non_null(memmem(snapshot.at, snapshot.len, "\"name\":\"b\"", 10));
    conn_close(stage->scene, conn);
}

static void
running_it_twice_changes_nothing(void **state)
{
    struct stage *stage = *state;
    struct ran ran;

    stage_write(stage, WORLD);
    scene_create(stage->scene, "demo");
    assert_string_equal(stage_run(stage, &ran), "");
    assert_true(ran.last_seq - ran.first_seq == 2); /* world, a, b; the camera has no seq */
    assert_string_equal(stage_run(stage, &ran), "");
    assert_int_equal(ran.first_seq, 0);
}

static void
what_is_missing_is_made_again_and_what_differs_is_put_right(void **state)
{
    struct stage *stage = *state;
    struct rest_answer answer = {0};
    struct ran ran;

    stage_write(stage, WORLD);
    scene_create(stage->scene, "demo");
    stage_run(stage, &ran);
    assert_string_equal(scene_post(stage->scene, "demo", &answer,
                                   "{\"type\":\"object_deleted\",\"data\":{\"name\":\"a\"}}"),
                        "");
    buf_fini(&answer.result);
    assert_string_equal(
        scene_post(stage->scene, "demo", &answer,
                   "{\"type\":\"world_updated\",\"data\":{\"world\":{\"size\":20,\"own\":1}}}"),
        "");
    buf_fini(&answer.result);
    assert_string_equal(stage_run(stage, &ran), "");
    assert_int_equal(ran.last_seq - ran.first_seq, 1);
    assert_string_equal(stage_run(stage, &ran), "");
    assert_int_equal(ran.first_seq, 0);
}

static void
random_is_the_same_for_the_same_session(void **state)
{
    struct stage *stage = *state;
    struct conn *conn;
    struct span first, second;
    struct ran ran;
    char text[64];

    stage_write(stage, "after(0, function() session.emit('presence_probe', {}) end)\n"
                       "object{ name = 'a', type = 'cube', x = random(1000000), y = random(), "
                       "z = random(-5, 5) }");
    scene_create(stage->scene, "demo");
    conn = conn_join(stage->scene, "demo");
    stage_run(stage, &ran);
    first = conn_skip_to(conn, "object_created");
    snprintf(text, sizeof(text), "%lld", (long long)message_int(first, "data.object.x"));
    conn_send(stage->scene, conn,
              "{\"type\":\"object_deleted\",\"data\":{\"session_id\":\"demo\",\"name\":\"a\"}}");
    scene_settle(stage->scene);
    stage_run(stage, &ran);
    second = conn_skip_to(conn, "object_created");
    assert_int_equal(message_int(second, "data.object.x"), atoll(text));
    conn_close(stage->scene, conn);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_session_made_with_a_script_is_set_up),
        TEST(running_it_twice_changes_nothing),
        TEST(what_is_missing_is_made_again_and_what_differs_is_put_right),
        TEST(random_is_the_same_for_the_same_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
