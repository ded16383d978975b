/* Timers of world scripts: they run while somebody is there, and end when they must. */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "plugin/stage.h"

#include "plugin/script/script.h"

static void
timers_run_while_somebody_is_there(void **state)
{
    struct stage *stage = *state;
    struct conn *conn;
    struct ran ran;

    stage_write(stage, SPIN);
    scene_create(stage->scene, "demo");
    assert_string_equal(stage_run(stage, &ran), "");
    stage_pass(stage, 1000); /* nobody is there */
    conn = conn_join(stage->scene, "demo");
    scene_settle(stage->scene);
    stage_pass(stage, 99);
    stage_pass(stage, 1);
    assert_int_equal(message_int(conn_skip_to(conn, "object_moved"), "data.x"), 1);
    conn_expect_nothing(conn);
    stage_pass(stage, 100);
    assert_int_equal(message_int(conn_skip_to(conn, "object_moved"), "data.x"), 2);
    stage_pass(stage, 1000); /* late: once, not ten times */
    assert_int_equal(message_int(conn_skip_to(conn, "object_moved"), "data.x"), 3);
    conn_expect_nothing(conn);
    conn_close(stage->scene, conn);
    stage_pass(stage, 100);
    conn = conn_join(stage->scene, "demo");
    scene_settle(stage->scene);
    while (conn_next(conn).at) /* where it is now */
        ;
    stage_pass(stage, 100);
    assert_int_equal(message_int(conn_skip_to(conn, "object_moved"), "data.x"), 4);
    conn_close(stage->scene, conn);
}

static void
timers_go_on_after_a_restart_without_setting_up_again(void **state)
{
    struct stage *stage = *state;
    struct rest_answer answer = {0};
    struct conn *conn;
    struct ran ran;

    stage_write(stage, SPIN "object{ name = 'b', type = 'cube' }");
    scene_create(stage->scene, "demo");
    assert_string_equal(stage_run(stage, &ran), "");
    assert_string_equal(scene_post(stage->scene, "demo", &answer,
                                   "{\"type\":\"object_deleted\",\"data\":{\"name\":\"b\"}}"),
                        "");
    buf_fini(&answer.result);
    stage_restart(stage);
    conn = conn_join(stage->scene, "demo");
    stage_pass(stage, 100);
    assert_int_equal(message_int(conn_skip_to(conn, "object_moved"), "data.x"), 1);
    assert_string_equal(scene_post(stage->scene, "demo", &answer,
                                   "{\"type\":\"object_deleted\",\"data\":{\"name\":\"b\"}}"),
                        "unknown_object");
    buf_fini(&answer.result);
    conn_close(stage->scene, conn);
}

static void
a_script_sees_its_session_and_changes_it(void **state)
{
    struct stage *stage = *state;
    struct conn *conn;
    struct span event;
    struct ran ran;

    stage_write(stage,
                "world{ size = 10 } object{ name = 'a', type = 'cube' }\n"
                "after(0.05, function()\n"
                "  assert(session.id == 'demo' and session.clients == 1)\n"
                "  assert(session.objects == 1 and session.world.size == 10)\n"
                "  assert(session.now > 0 and session.object('b') == nil)\n"
                "  assert(not pcall(object, { name = 'x', type = 'cube' }))\n"
                "  local a = session.object('a')\n"
                "  session.update('a', { color = a.type .. a.name })\n"
                "  session.emit('object_created', { object = { name = 'b', type = 'cone' } })\n"
                "end)");
    scene_create(stage->scene, "demo");
    assert_string_equal(stage_run(stage, &ran), "");
    conn = conn_join(stage->scene, "demo");
    stage_pass(stage, 50);
    event = conn_skip_to(conn, "object_updated");
    assert_true(message_is(event, "data.object.color", "cubea"));
    assert_true(message_is(event, "client_id", "script:world"));
    event = conn_skip_to(conn, "object_created");
    assert_true(message_is(event, "data.object.name", "b"));
    stage_pass(stage, 1000); /* after() is once */
    conn_expect_nothing(conn);
    conn_close(stage->scene, conn);
}

static void
a_timer_that_always_fails_is_stopped_and_others_go_on(void **state)
{
    struct stage *stage = *state;
    struct conn *conn;
    struct ran ran;
    int moves = 0;

    stage_write(stage, SPIN "local fails = 0\nevery(0.1, function() fails = fails + 1 "
                            "if fails > 5 then session.update('a', { wrong = true }) end "
                            "error('boom') end)\n"
                            "local k = 0 every(0.1, function() k = k + 1 if k % 5 ~= 0 then "
                            "error('now and then') end end)\n"
                            "every(0.1, function() return false end)");
    scene_create(stage->scene, "demo");
    assert_string_equal(stage_run(stage, &ran), "");
    conn = conn_join(stage->scene, "demo");
    for (int i = 0; i < 20; i++)
        stage_pass(stage, 200);
    for (struct span event; (event = conn_next(conn)).at;) {
        assert_false(message_is(event, "type", "object_updated"));
        moves += message_is(event, "type", "object_moved");
    }
    assert_true(moves >= 10);
    conn_close(stage->scene, conn);
}

static void
a_looping_timer_is_stopped(void **state)
{
    struct stage *stage = *state;
    struct conn *conn;
    struct ran ran;

    stage_write(stage, "every(0.016, function() while true do end end)");
    scene_create(stage->scene, "demo");
    assert_string_equal(stage_run(stage, &ran), "");
    conn = conn_join(stage->scene, "demo");
    for (int i = 0; i < 20; i++)
        stage_pass(stage, 5000);
    assert_true(scripts_due_ms(stage->scripts) == INT64_MAX);
    conn_close(stage->scene, conn);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(timers_run_while_somebody_is_there),
        TEST(timers_go_on_after_a_restart_without_setting_up_again),
        TEST(a_script_sees_its_session_and_changes_it),
        TEST(a_timer_that_always_fails_is_stopped_and_others_go_on),
        TEST(a_looping_timer_is_stopped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
