/* World scripts of sessions that are deleted, and made again. */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "plugin/stage.h"

#include "plugin/script/script.h"

static void
a_deleted_session_takes_its_script_along(void **state)
{
    struct stage *stage = *state;
    struct rest_answer answer = {0};
    struct conn *conn;
    struct ran ran;

    stage_write(stage, SPIN);
    scene_create(stage->scene, "demo");
    assert_string_equal(stage_run(stage, &ran), "");
    conn = conn_join(stage->scene, "demo");
    assert_string_equal(
        scene_post(stage->scene, "demo", &answer, "{\"type\":\"session_deleted\",\"data\":{}}"),
        "");
    buf_fini(&answer.result);
    for (int i = 0; i < 10; i++) {
        stage_pass(stage, 200);
        hub_tick(stage->scene->hub);
    }
    conn_close(stage->scene, conn);
}

/* What needs no reader. */
static void
go_on(struct stage *stage)
{
    for (int i = 0; i < 20; i++) {
        scene_catch_up(stage->scene);
        scene_turn(stage->scene);
    }
}

static void
expect_moved(struct stage *stage, struct conn *conn)
{
    stage->mono_ms += 100;
    scripts_run_timers(stage->scripts);
    go_on(stage);
    conn_skip_to(conn, "object_moved");
}

/* A page of its history is on its way, and comes when the session is long deleted. */
static struct conn *
ask_for_history(struct stage *stage)
{
    struct scene *scene = stage->scene;
    struct conn *late = conn_greet(scene);

    atomic_store(&scene->is_reader_held, 1);
    conn_send(scene, late,
              "{\"type\":\"join\",\"data\":{\"session_id\":\"demo\",\"since\":1,\"epoch\":\"%s\"}}",
              session_epoch_of(hub_session(scene->hub, SPAN("demo")), 1));
    return late;
}

static void
what_is_left_of_a_deleted_session_leaves_the_script_of_the_next_one(void **state)
{
    struct stage *stage = *state;
    struct scene *scene = stage->scene;
    struct rest_answer deleted = {0}, made = {0};
    struct conn *late, *conn;
    struct ran ran;

    stage_write(stage, SPIN);
    scene_create(scene, "demo");
    assert_string_equal(stage_run(stage, &ran), "");
    stage_restart(stage); /* the ring is empty now */
    conn = conn_join(scene, "demo");
    late = ask_for_history(stage);
    rest_send(scene, "demo", &deleted, "{\"type\":\"session_deleted\",\"data\":{}}");
    rest_send(scene, NULL, &made,
              "{\"type\":\"session_created\",\"data\":{\"session_id\":\"demo\","
              "\"script\":\"world\"}}");
    go_on(stage);
    conn_skip_to(conn, "session_deleted");
    conn_send(scene, conn, "{\"type\":\"join\",\"data\":{\"session_id\":\"demo\"}}");
    go_on(stage);
    conn_skip_to(conn, "session_snapshot");
    expect_moved(stage, conn);
    atomic_store(&scene->is_reader_held, 0);
    scene_settle(scene);
    expect_moved(stage, conn);
    assert_string_equal(rest_await(scene, &deleted), "");
    assert_string_equal(rest_await(scene, &made), "");
    rest_fini(&deleted);
    rest_fini(&made);
    conn_close(scene, late);
    conn_close(scene, conn);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_deleted_session_takes_its_script_along),
        TEST(what_is_left_of_a_deleted_session_leaves_the_script_of_the_next_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
