/* World scripts over the real hub: setting up once and twice, timers, what goes wrong. */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "hub/scene.h"

#include "heap.h"
#include "plugin/folder.h"
#include "plugin/script/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stage {
    void *scene_state;
    struct scene *scene;
    char path[64];
    struct scripts *scripts;
    int64_t mono_ms;
};

static int64_t
stage_mono_ms(void *ctx)
{
    return ((struct stage *)ctx)->mono_ms;
}

static void
open_scripts(struct stage *stage)
{
    stage->scripts = scripts_new(stage->path, stage->scene->hub);
    scripts_set_clock(stage->scripts, stage_mono_ms, stage);
    hub_set_scripts(stage->scene->hub, scripts_hooks(stage->scripts));
}

static int
setup(void **state)
{
    struct stage *stage = mem_zalloc(sizeof(*stage));

    scene_setup(&stage->scene_state);
    stage->scene = stage->scene_state;
    stage->mono_ms = 50000;
    folder_make(stage->path);
    open_scripts(stage);
    *state = stage;
    return 0;
}

static int
teardown(void **state)
{
    struct stage *stage = *state;

    scene_settle(stage->scene);
    hub_set_scripts(stage->scene->hub, NULL);
    scripts_free(stage->scripts);
    scene_teardown(&stage->scene_state);
    folder_remove(stage->path);
    free(stage);
    return 0;
}

static void
write_script(struct stage *stage, const char *text)
{
    folder_write(stage->path, "world.lua", text);
}

struct ran {
    bool is_answered;
    char code[48];
    int64_t first_seq, last_seq;
};

static void
on_ran(void *ctx, const struct outcome *outcome)
{
    struct ran *ran = ctx;

    ran->is_answered = true;
    snprintf(ran->code, sizeof(ran->code), "%s", outcome->refusal ? outcome->refusal->code : "");
    ran->first_seq = outcome->first_seq;
    ran->last_seq = outcome->last_seq;
}

/* Runs world.lua in the session; the refusal's code, "" if accepted. */
static const char *
run(struct stage *stage, struct ran *ran)
{
    struct hub_connection connection = {.kind = CLIENT_REST, .address = "127.0.0.1"};
    struct client *client = hub_connect(stage->scene->hub, &connection);

    memset(ran, 0, sizeof(*ran));
    hub_run_script(stage->scene->hub, client, SPAN("demo"), SPAN("world"), on_ran, ran);
    scene_settle(stage->scene);
    assert_true(ran->is_answered);
    hub_disconnect(stage->scene->hub, client);
    return ran->code;
}

static void
advance(struct stage *stage, int ms)
{
    stage->mono_ms += ms;
    scripts_run_timers(stage->scripts);
    assert_true(scripts_due_ms(stage->scripts) > stage->mono_ms);
    scene_settle(stage->scene);
}

#define WORLD                                                                                      \
    "-- A world.\n"                                                                                \
    "world{ size = 10, title = 'x' }\n"                                                            \
    "object{ name = 'a', type = 'cube' }\n"                                                        \
    "object{ name = 'b', type = 'sphere', x = 1, tags = {} }\n"                                    \
    "camera{ position = { x = 0, y = 1, z = 2 }, target = { x = 0, y = 0, z = 0 } }\n"

/* --- setting up --- */

static void
a_session_made_with_a_script_is_set_up(void **state)
{
    struct stage *stage = *state;
    struct conn *conn;
    struct span snapshot;

    write_script(stage, WORLD);
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

    write_script(stage, WORLD);
    scene_create(stage->scene, "demo");
    assert_string_equal(run(stage, &ran), "");
    assert_true(ran.last_seq - ran.first_seq == 2); /* world, a, b; the camera has no seq */
    assert_string_equal(run(stage, &ran), "");
    assert_int_equal(ran.first_seq, 0);
}

static void
what_is_missing_is_made_again_and_what_differs_is_put_right(void **state)
{
    struct stage *stage = *state;
    struct rest_answer answer = {0};
    struct ran ran;

    write_script(stage, WORLD);
    scene_create(stage->scene, "demo");
    run(stage, &ran);
    assert_string_equal(scene_post(stage->scene, "demo", &answer,
                                   "{\"type\":\"object_deleted\",\"data\":{\"name\":\"a\"}}"),
                        "");
    buf_fini(&answer.result);
    assert_string_equal(
        scene_post(stage->scene, "demo", &answer,
                   "{\"type\":\"world_updated\",\"data\":{\"world\":{\"size\":20,\"own\":1}}}"),
        "");
    buf_fini(&answer.result);
    assert_string_equal(run(stage, &ran), "");
    assert_int_equal(ran.last_seq - ran.first_seq, 1);
    assert_string_equal(run(stage, &ran), "");
    assert_int_equal(ran.first_seq, 0);
}

static void
a_refused_event_refuses_all(void **state)
{
    struct stage *stage = *state;
    struct rest_answer answer = {0};
    struct ran ran;

    write_script(stage, "object{ name = 'a', type = 'cube' } object{ name = 'b' }");
    scene_create(stage->scene, "demo");
    assert_string_not_equal(run(stage, &ran), "");
    assert_string_equal(scene_post(stage->scene, "demo", &answer,
                                   "{\"type\":\"object_deleted\",\"data\":{\"name\":\"a\"}}"),
                        "unknown_object");
    buf_fini(&answer.result);
}

static const char *
create_with_script(struct stage *stage)
{
    static struct rest_answer answer;
    const char *code = scene_post(stage->scene, NULL, &answer,
                                  "{\"type\":\"session_created\",\"data\":{\"session_id\":"
                                  "\"demo\",\"script\":\"world\"}}");

    buf_fini(&answer.result);
    return code;
}

static void
assert_no_session(struct stage *stage)
{
    struct buf text = BUF_INIT;

    scene_state(stage->scene, "demo", &text);
    assert_string_equal(buf_cstr(&text), "unknown_session");
    buf_fini(&text);
}

static void
a_session_whose_script_is_refused_is_not_made(void **state)
{
    struct stage *stage = *state;

    write_script(stage, "object{ name = 'a', type = 'cube' } object{ name = 'b' }");
    assert_string_equal(create_with_script(stage), "invalid_event");
    assert_no_session(stage);
    write_script(stage, "error('boom')");
    assert_string_equal(create_with_script(stage), "script_failed");
    assert_no_session(stage);
    write_script(stage, "object{ name = 'a', type = 'cube' }");
    assert_string_equal(create_with_script(stage), "");
}

static void
refuse_creations(struct stage *stage, int count)
{
    for (int i = 0; i < count; i++) {
        assert_string_equal(
            scene_post(stage->scene, NULL, NULL,
                       "{\"type\":\"session_created\",\"data\":{\"session_id\":\"demo\","
                       "\"script\":\"world\",\"world\":{\"pad\":\"%0*d\"}}}",
                       10000, i),
            "script_failed");
    }
}

static void
sessions_that_are_not_made_leave_no_memory_behind(void **state)
{
    struct stage *stage = *state;
    size_t before;

    write_script(stage, "error('boom')");
    refuse_creations(stage, 20);
    before = heap_bytes();
    refuse_creations(stage, 50);
    assert_in_range(heap_bytes(), 0, before + 100000);
}

static void
faults_in_the_file_are_a_refusal(void **state)
{
    static const char *const texts[] = {
        "error('boom')",
        "while true do end",
        "syntax error",
        "object{ type = 'cube' }",
        "object{ name = 'not valid!', type = 'cube' }",
        "object{ name = 'a' } object{ name = 'a' }",
        "world{} world{}",
        "world{ 1, 2 }",
        "world(7)",
        "world{ x = print }",
        "object{ name = 'a', text = ('x'):rep(100000) }",
        "every(-1, print)",
        "every(1)",
        "every('x', print)",
        "after(0/0, print)",
        "for i = 1, 100 do every(1, print) end",
        "session.emit()",
        "session.emit('not valid!')",
        "session.emit('x', { 1 })",
        "session.move()",
        "session.move('a')",
        "session.nothing()",
        "random(0)",
        "random(2, 1)",
        "os.exit()",
        "local t = {} for i = 1, 1e9 do t[i] = {} end",
        "for i = 1, 1e6 do object{ name = 'n' .. i, type = ('x'):rep(1000) } end",
    };
    struct stage *stage = *state;
    struct ran ran;

    scene_create(stage->scene, "demo");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        write_script(stage, texts[i]);
        if (strcmp(run(stage, &ran), "script_failed") != 0)
            fail_msg("%s: %s", texts[i], ran.code);
    }
}

static void
an_unknown_script_is_refused(void **state)
{
    struct stage *stage = *state;
    struct ran ran;

    scene_create(stage->scene, "demo");
    assert_string_equal(run(stage, &ran), "unknown_script");
}

static void
random_is_the_same_for_the_same_session(void **state)
{
    struct stage *stage = *state;
    struct conn *conn;
    struct span first, second;
    struct ran ran;
    char text[64];

    write_script(stage, "after(0, function() session.emit('presence_probe', {}) end)\n"
                        "object{ name = 'a', type = 'cube', x = random(1000000), y = random(), "
                        "z = random(-5, 5) }");
    scene_create(stage->scene, "demo");
    conn = conn_join(stage->scene, "demo");
    run(stage, &ran);
    first = conn_skip_to(conn, "object_created");
    snprintf(text, sizeof(text), "%lld", (long long)message_int(first, "data.object.x"));
    conn_send(stage->scene, conn,
              "{\"type\":\"object_deleted\",\"data\":{\"session_id\":\"demo\",\"name\":\"a\"}}");
    scene_settle(stage->scene);
    run(stage, &ran);
    second = conn_skip_to(conn, "object_created");
    assert_int_equal(message_int(second, "data.object.x"), atoll(text));
    conn_close(stage->scene, conn);
}

/* --- timers --- */

#define SPIN                                                                                       \
    "object{ name = 'a', type = 'cube' }\nlocal n = 0\n"                                           \
    "every(0.1, function() n = n + 1 session.move('a', { x = n, y = 0, z = 0 }) end)\n"

static void
timers_run_while_somebody_is_there(void **state)
{
    struct stage *stage = *state;
    struct conn *conn;
    struct ran ran;

    write_script(stage, SPIN);
    scene_create(stage->scene, "demo");
    assert_string_equal(run(stage, &ran), "");
    advance(stage, 1000); /* nobody is there */
    conn = conn_join(stage->scene, "demo");
    scene_settle(stage->scene);
    advance(stage, 99);
    advance(stage, 1);
    assert_int_equal(message_int(conn_skip_to(conn, "object_moved"), "data.x"), 1);
    conn_expect_nothing(conn);
    advance(stage, 100);
    assert_int_equal(message_int(conn_skip_to(conn, "object_moved"), "data.x"), 2);
    advance(stage, 1000); /* late: once, not ten times */
    assert_int_equal(message_int(conn_skip_to(conn, "object_moved"), "data.x"), 3);
    conn_expect_nothing(conn);
    conn_close(stage->scene, conn);
    advance(stage, 100);
    conn = conn_join(stage->scene, "demo");
    scene_settle(stage->scene);
    while (conn_next(conn).at) /* where it is now */
        ;
    advance(stage, 100);
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

    write_script(stage, SPIN "object{ name = 'b', type = 'cube' }");
    scene_create(stage->scene, "demo");
    assert_string_equal(run(stage, &ran), "");
    assert_string_equal(scene_post(stage->scene, "demo", &answer,
                                   "{\"type\":\"object_deleted\",\"data\":{\"name\":\"b\"}}"),
                        "");
    buf_fini(&answer.result);
    scene_settle(stage->scene);
    scripts_free(stage->scripts);
    hub_set_scripts(stage->scene->hub, NULL);
    scene_restart(stage->scene);
    open_scripts(stage);
    conn = conn_join(stage->scene, "demo");
    advance(stage, 100);
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

    write_script(stage,
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
    assert_string_equal(run(stage, &ran), "");
    conn = conn_join(stage->scene, "demo");
    advance(stage, 50);
    event = conn_skip_to(conn, "object_updated");
    assert_true(message_is(event, "data.object.color", "cubea"));
    assert_true(message_is(event, "client_id", "script:world"));
    event = conn_skip_to(conn, "object_created");
    assert_true(message_is(event, "data.object.name", "b"));
    advance(stage, 1000); /* after() is once */
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

    write_script(stage, SPIN "local fails = 0\nevery(0.1, function() fails = fails + 1 "
                             "if fails > 5 then session.update('a', { wrong = true }) end "
                             "error('boom') end)\n"
                             "local k = 0 every(0.1, function() k = k + 1 if k % 5 ~= 0 then "
                             "error('now and then') end end)\n"
                             "every(0.1, function() return false end)");
    scene_create(stage->scene, "demo");
    assert_string_equal(run(stage, &ran), "");
    conn = conn_join(stage->scene, "demo");
    for (int i = 0; i < 20; i++)
        advance(stage, 200);
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

    write_script(stage, "every(0.016, function() while true do end end)");
    scene_create(stage->scene, "demo");
    assert_string_equal(run(stage, &ran), "");
    conn = conn_join(stage->scene, "demo");
    for (int i = 0; i < 20; i++)
        advance(stage, 5000);
    assert_true(scripts_due_ms(stage->scripts) == INT64_MAX);
    conn_close(stage->scene, conn);
}

static void
a_deleted_session_takes_its_script_along(void **state)
{
    struct stage *stage = *state;
    struct rest_answer answer = {0};
    struct conn *conn;
    struct ran ran;

    write_script(stage, SPIN);
    scene_create(stage->scene, "demo");
    assert_string_equal(run(stage, &ran), "");
    conn = conn_join(stage->scene, "demo");
    assert_string_equal(
        scene_post(stage->scene, "demo", &answer, "{\"type\":\"session_deleted\",\"data\":{}}"),
        "");
    buf_fini(&answer.result);
    for (int i = 0; i < 10; i++) {
        advance(stage, 200);
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
reopen(struct stage *stage)
{
    scene_settle(stage->scene);
    scripts_free(stage->scripts);
    hub_set_scripts(stage->scene->hub, NULL);
    scene_restart(stage->scene);
    open_scripts(stage);
}

static void
what_is_left_of_a_deleted_session_leaves_the_script_of_the_next_one(void **state)
{
    struct stage *stage = *state;
    struct scene *scene = stage->scene;
    struct rest_answer deleted = {0}, made = {0};
    struct conn *late, *conn;
    struct ran ran;

    write_script(stage, SPIN);
    scene_create(scene, "demo");
    assert_string_equal(run(stage, &ran), "");
    reopen(stage); /* the ring is empty now */
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

/* --- the folder --- */

static void
the_folder_is_described_and_checked(void **state)
{
    struct stage *stage = *state;
    struct buf out = BUF_INIT, why = BUF_INIT;

    write_script(stage, WORLD);
    folder_write(stage->path, "empty.lua", "");
    folder_write(stage->path, "notes.txt", "-- no script");
    scripts_describe(stage->scripts, &out);
    assert_string_equal(buf_cstr(&out), "[{\"name\":\"empty\",\"doc\":\"\"},"
                                        "{\"name\":\"world\",\"doc\":\"A world.\"}]");
    assert_int_equal(scripts_check(stage->scripts, &why), 0);
    folder_write(stage->path, "bad.lua", "\nworld{ x = nothing() }");
    assert_int_not_equal(scripts_check(stage->scripts, &why), 0);
    assert_non_null(strstr(buf_cstr(&why), "/bad.lua:2: "));
    buf_fini(&out);
    buf_fini(&why);
}

static void
a_check_needs_no_hub(void **state)
{
    struct stage *stage = *state;
    struct scripts *dry = scripts_new(stage->path, NULL);
    struct buf why = BUF_INIT;

    write_script(stage, WORLD "every(1, print) session.move(\"a\", { x = session.clients })");
    assert_int_equal(scripts_check(dry, &why), 0);
    write_script(stage, "object{ name = 'o', type = 'cube' }\n"
                        "assert(session.update('o', { x = 1 }))\n"
                        "assert(session.move('o', { x = 2 }))\n"
                        "assert(session.emit('object_deleted', { name = 'o' }))\n");
    if (scripts_check(dry, &why) != 0)
        fail_msg("%s", buf_cstr(&why));
    scripts_free(dry);
    dry = scripts_new("/nowhere/at/all", NULL);
    assert_int_not_equal(scripts_check(dry, &why), 0);
    scripts_free(dry);
    buf_fini(&why);
}

static void
the_shipped_scripts_check(void **state)
{
    struct scripts *dry = scripts_new(HD1_SOURCE_DIR "/scripts", NULL);
    struct buf why = BUF_INIT;

    (void)state;
    if (scripts_check(dry, &why) != 0)
        fail_msg("%s", buf_cstr(&why));
    scripts_free(dry);
    buf_fini(&why);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_session_made_with_a_script_is_set_up),
        TEST(running_it_twice_changes_nothing),
        TEST(what_is_missing_is_made_again_and_what_differs_is_put_right),
        TEST(a_refused_event_refuses_all),
        TEST(a_session_whose_script_is_refused_is_not_made),
        TEST(sessions_that_are_not_made_leave_no_memory_behind),
        TEST(faults_in_the_file_are_a_refusal),
        TEST(an_unknown_script_is_refused),
        TEST(random_is_the_same_for_the_same_session),
        TEST(timers_run_while_somebody_is_there),
        TEST(timers_go_on_after_a_restart_without_setting_up_again),
        TEST(a_script_sees_its_session_and_changes_it),
        TEST(a_timer_that_always_fails_is_stopped_and_others_go_on),
        TEST(a_looping_timer_is_stopped),
        TEST(a_deleted_session_takes_its_script_along),
        TEST(what_is_left_of_a_deleted_session_leaves_the_script_of_the_next_one),
        TEST(the_folder_is_described_and_checked),
        TEST(a_check_needs_no_hub),
        cmocka_unit_test(the_shipped_scripts_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
