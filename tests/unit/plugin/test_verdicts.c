/* What a hook's answer does, and what happens when it fails. */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "plugin/hooking.h"

#include <stdio.h>

/* --- verdicts --- */

static void
nothing_returned_lets_pass(void **state)
{
    struct play *play = *state;

    play_add_setup(play, "a", "return { before_event = function() end }");
    play_start(play);
    scene_create(play->scene, "demo");
    play_expect_event(play, REST_OBJECT("a"), "");
}

static void
reject_reaches_the_sender_with_all_it_says(void **state)
{
    struct play *play = *state;
    struct conn *conn;
    struct span error;

    scene_create(play->scene, "demo");
    play_add_setup(play, "a",
                   "return { before_event = { object_created = function(event, client) "
                   "return hd1.reject{ code = 'no_cubes', message = 'not today', status = 409, "
                   "retry_after_ms = 1500, details = { path = '/object/type' } } end } }");
    play_start(play);
    conn = conn_join(play->scene, "demo");
    conn_send(play->scene, conn, OBJECT);
    scene_settle(play->scene);
    error = conn_skip_to(conn, "error");
    assert_true(message_is(error, "data.code", "no_cubes"));
    assert_true(message_is(error, "data.message", "not today"));
    assert_true(message_is(error, "data.details.path", "/object/type"));
    assert_int_equal(message_int(error, "data.status"), 409);
    assert_int_equal(message_int(error, "data.retry_after_ms"), 1500);
    assert_int_equal(message_int(error, "data.id"), 7);
    conn_close(play->scene, conn);
}

static void
patch_merges_into_data_and_into_its_object(void **state)
{
    struct play *play = *state;
    struct conn *conn;
    struct span event;

    scene_create(play->scene, "demo");
    play_add_setup(play, "a",
                   "return { before_event = { object_created = function(event) "
                   "return hd1.patch{ note = 'x', object = { color = 'red', x = 5 } } end } }");
    play_start(play);
    conn = conn_join(play->scene, "demo");
    conn_send(play->scene, conn, OBJECT);
    scene_settle(play->scene);
    event = conn_skip_to(conn, "object_created");
    assert_true(message_is(event, "data.object.color", "red"));
    assert_true(message_is(event, "data.object.name", "a"));
    assert_true(message_is(event, "data.session_id", "demo"));
    assert_int_equal(message_int(event, "data.object.x"), 5);
    conn_close(play->scene, conn);
}

static void
replace_keeps_the_session_id(void **state)
{
    struct play *play = *state;
    struct conn *conn;
    struct span event;

    scene_create(play->scene, "demo");
    play_add_setup(play, "a",
                   "return { before_event = { object_created = function(event) "
                   "return hd1.replace{ object = { name = 'b', type = 'sphere' } } end } }");
    play_start(play);
    conn = conn_join(play->scene, "demo");
    conn_send(play->scene, conn, OBJECT);
    scene_settle(play->scene);
    event = conn_skip_to(conn, "object_created");
    assert_true(message_is(event, "data.object.name", "b"));
    assert_true(message_is(event, "data.session_id", "demo"));
    assert_false(message_has(event, "data.object.color"));
    conn_close(play->scene, conn);
}

static void
drop_is_silence(void **state)
{
    struct play *play = *state;
    struct conn *conn;

    scene_create(play->scene, "demo");
    play_add_setup(
        play, "a",
        "return { before_event = { object_created = function() return hd1.drop() end } }");
    play_start(play);
    conn = conn_join(play->scene, "demo");
    scene_settle(play->scene);
    while (conn_next(conn).at)
        ;
    conn_send(play->scene, conn, OBJECT);
    scene_settle(play->scene);
    conn_expect_nothing(conn);
    conn_close(play->scene, conn);
}

static void
keep_error(void *ctx, const struct plugin_failure *failure, struct buf *file)
{
    (void)file;
    buf_appendf(ctx, "%s\n", failure->error);
}

/* Loads it so that the errors of its hooks are appended to out. */
static void
start_watched(struct play *play, const char *body, struct buf *out)
{
    struct plugins_options options;

    play_add_setup(play, "a", body);
    options = play_options(play);
    options.failed = keep_error;
    options.failed_ctx = out;
    assert_int_equal(plugins_load(&play->plugins, &options, hub_types(play->scene->hub),
                                  play->scene->hub, &play->why),
                     0);
    hub_set_hooks(play->scene->hub, plugins_hooks(play->plugins));
}

static void
who_is_only_told_can_answer_nothing(void **state)
{
    static const char *const moments[] = {"after_connect", "after_join",       "after_event",
                                          "after_leave",   "after_disconnect", "on_tick",
                                          "timer"};
    struct play *play = *state;
    struct buf errors = BUF_INIT;
    struct conn *conn;
    char part[80];

    scene_create(play->scene, "demo");
    start_watched(play,
                  "\nlocal function no() hd1.emit{ type = 'object_created', session_id = 'demo', "
                  "data = { object = { name = 'late', type = 'cube' } } } "
                  "return hd1.reject{ code = 'no' } end "
                  "hd1.after(0.1, no) "
                  "return { after_connect = no, after_join = no, after_leave = no, on_tick = no, "
                  "after_disconnect = no, after_event = { object_created = no } }",
                  &errors);
    conn = conn_join(play->scene, "demo");
    conn_send(play->scene, conn, OBJECT);
    scene_settle(play->scene);
    play_pass(play, 200);
    conn_close(play->scene, conn);
    scene_settle(play->scene);
    buf_cstr(&errors);
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        snprintf(part, sizeof(part), "/a.lua:3: %s can answer nothing", moments[i]);
        if (!strstr(errors.data, part))
            fail_msg("no \"%s\" in %s", part, errors.data);
    }
    play_expect_event(play, REST_OBJECT("late"), ""); /* nothing of what they emitted is there */
    buf_fini(&errors);
}

static void
what_else_an_observer_returns_is_ignored(void **state)
{
    struct play *play = *state;
    struct buf errors = BUF_INIT;

    scene_create(play->scene, "demo");
    start_watched(play,
                  "return { after_event = { object_created = function(event) return 7, {} end, "
                  "object_deleted = function(event) return event end } }",
                  &errors);
    play_expect_event(play, REST_OBJECT("a"), "");
    play_expect_event(play, "{\"type\":\"object_deleted\",\"data\":{\"name\":\"a\"}}", "");
    assert_int_equal(errors.len, 0);
}

static void
anything_else_is_a_failure(void **state)
{
    static const char *const returned[] = {
        "true",
        "false",
        "7",
        "'reject'",
        "{}",
        "{ code = 'x' }",
        "function() end",
        "event",
        "client",
        "hd1",
        "hd1.patch",
        "hd1.reject",
        "hd1.patch{ session_id = 'other' }",
        "hd1.patch{}.x",
        "hd1.replace{ session_id = 'other' }",
        "hd1.replace(7)",
        "hd1.replace{ 1, 2 }",
        "hd1.patch{ x = print }",
        "hd1.patch('x')",
        "hd1.reject()",
        "hd1.reject{}",
        "hd1.reject{ code = 'Bad Code' }",
        "hd1.reject{ code = 'x', status = 200 }",
        "hd1.reject{ code = 'x', stat = 422 }",
        "hd1.reject{ code = 'x', details = 7 }",
        "hd1.reject{ code = 'x', details = { print } }",
        "hd1.reject{ code = 'x', details = { 1 } }",
        "hd1.reject{ code = 'x', message = {} }",
        "hd1.reject{ code = 'x', retry_after_ms = -1 }",
        "hd1.reject{ code = 'x', status = 400.5 }",
        "error('boom')",
        "error()",
        "error({})",
        "setmetatable({}, { __tostring = error })",
        "coroutine.yield()",
        "event.data.x.y",
        "event.nothing",
        "client.nothing",
        "rawset(event, 'x', 1)",
        "math.huge",
        "{ event }",
    };
    struct play *play = *state;
    char body[256];

    for (size_t i = 0; i < sizeof(returned) / sizeof(returned[0]); i++) {
        play->entry_count = 0;
        snprintf(body, sizeof(body),
                 "return { before_event = { object_created = function(event, client) return %s end "
                 "} }",
                 returned[i]);
        play_add_setup(play, "a", body);
        play_start(play);
        if (i == 0)
            scene_create(play->scene, "demo");
        play_expect_event(play, REST_OBJECT("a"), "plugin_failed");
        scene_settle(play->scene);
        hub_set_hooks(play->scene->hub, NULL);
        plugins_free(play->plugins);
        play->plugins = NULL;
    }
}

static void
on_error_open_lets_pass_what_fails(void **state)
{
    struct play *play = *state;

    play_add(play, "a", "{\"on_error\":\"open\"}",
             "return { name = 'a', version = '1', api = 1, setup = function() return { "
             "before_event = function() error('boom') end } end }");
    play_start(play);
    scene_create(play->scene, "demo");
    play_expect_event(play, REST_OBJECT("a"), "");
}

static void
a_failing_after_hook_harms_nobody(void **state)
{
    struct play *play = *state;

    play_add_setup(play, "a",
                   "local function boom() error('boom') end return { after_event = boom, "
                   "after_join = boom, after_leave = boom }");
    play_start(play);
    scene_create(play->scene, "demo");
    conn_close(play->scene, conn_join(play->scene, "demo"));
    play_expect_event(play, REST_OBJECT("a"), "");
}

/* --- the breaker --- */

static void
twenty_failures_close_the_door_for_thirty_seconds(void **state)
{
    struct play *play = *state;

    play_add_setup(play, "a",
                   "local n = 0 return { before_event = { object_created = function() n = n + 1 "
                   "if n <= 20 then error('boom') end return hd1.reject{ code = 'well' } end } }");
    play_start(play);
    scene_create(play->scene, "demo");
    for (int i = 0; i < 20; i++)
        play_expect_event(play, REST_OBJECT("a"), "plugin_failed");
    play_expect_event(play, REST_OBJECT("a"), "plugin_unavailable");
    play->mono_ms += 29999;
    play_expect_event(play, REST_OBJECT("a"), "plugin_unavailable");
    play->mono_ms += 1;
    play_expect_event(play, REST_OBJECT("a"), "well");
    play_expect_event(play, REST_OBJECT("a"), "well");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_returned_lets_pass),
        TEST(reject_reaches_the_sender_with_all_it_says),
        TEST(patch_merges_into_data_and_into_its_object),
        TEST(replace_keeps_the_session_id),
        TEST(drop_is_silence),
        TEST(who_is_only_told_can_answer_nothing),
        TEST(what_else_an_observer_returns_is_ignored),
        TEST(anything_else_is_a_failure),
        TEST(on_error_open_lets_pass_what_fails),
        TEST(a_failing_after_hook_harms_nobody),
        TEST(twenty_failures_close_the_door_for_thirty_seconds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
