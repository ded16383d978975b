/* hd1.after and hd1.every: when they are called, how they end, what they may not do. */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "plugin/play.h"

#include <stdio.h>
#include <string.h>

#define POST                                                                                       \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"%s\",\"type\":\"cube\"}}}"

/* A hook that tells by the code of its refusal what the plugin says. */
#define TELL(what)                                                                                 \
    "return { before_event = { object_created = function() return hd1.reject{ code = " what        \
    " } end } }"

static void
expect_told(struct play *play, const char *code)
{
    struct rest_answer answer = {0};

    assert_string_equal(scene_post(play->scene, "demo", &answer, POST, "a"), code);
    buf_fini(&answer.result);
}

static void
start(struct play *play, const char *body)
{
    play_add_setup(play, "a", body);
    play_start(play);
    scene_create(play->scene, "demo");
}

static void
after_calls_once_and_every_again_and_again(void **state)
{
    struct play *play = *state;

    start(play,
          "local once, often = 0, 0 "
          "hd1.after(0.5, function() once = once + 1 end) "
          "hd1.every(0.2, function(...) often = often + 1 assert(select('#', ...) == 0) end) " TELL(
              "'n' .. once .. '_' .. often"));
    assert_int_equal(plugins_due_ms(play->plugins), play->mono_ms + 200);
    play_pass(play, 199);
    expect_told(play, "n0_0");
    play_pass(play, 1);
    expect_told(play, "n0_1");
    play_pass(play, 300);
    expect_told(play, "n1_2");
    play_pass(play, 5000); /* late: once, not twenty-five times */
    expect_told(play, "n1_3");
    assert_int_equal(plugins_due_ms(play->plugins), play->mono_ms + 200);
}

static void
they_come_in_the_order_of_their_times(void **state)
{
    struct play *play = *state;

    start(play, "local seen = 'n' for _, s in ipairs{ 3, 1, 2 } do "
                "hd1.after(s, function() seen = seen .. s end) end " TELL("seen"));
    play_pass(play, 10000);
    expect_told(play, "n123");
    assert_true(plugins_due_ms(play->plugins) == INT64_MAX);
}

static void
a_function_that_returns_false_is_not_called_again(void **state)
{
    struct play *play = *state;

    start(play,
          "local n = 0 hd1.every(0.1, function() n = n + 1 return n < 3 end) " TELL("'n' .. n"));
    for (int i = 0; i < 10; i++)
        play_pass(play, 100);
    expect_told(play, "n3");
    assert_true(plugins_due_ms(play->plugins) == INT64_MAX);
}

static void
cancel_ends_a_timer_also_from_within(void **state)
{
    struct play *play = *state;

    start(play, "local n, own = 0, nil local t = hd1.every(0.1, function() n = n + 100 end) "
                "assert(t:cancel() == true and t:cancel() == false) "
                "own = hd1.every(0.1, function() n = n + 1 if n == 2 then assert(own:cancel()) "
                "hd1.every(0.1, function() n = n + 10 end) return false end end) "
                "local gone = hd1.after(0, function() end) "
                "hd1.after(1, function() assert(gone:cancel() == false) n = n + 1000 end) " TELL(
                    "'n' .. n"));
    for (int i = 0; i < 5; i++)
        play_pass(play, 100);
    expect_told(play, "n32"); /* the new timer in the slot of the old one goes on */
    play_pass(play, 500);
    expect_told(play, "n1042");
}

/* Object `a` tells, any other sets a timer by that body. */
#define SETS(body)                                                                                 \
    "return { before_event = { object_created = function(event) "                                  \
    "local name = event.data.object.name "                                                         \
    "if name == 'a' then return hd1.reject{ code = 'n' .. n } end " body " end } }"

static void
hooks_and_timers_set_timers(void **state)
{
    struct play *play = *state;

    start(play, "local n = 0 local function again() n = n + 1 hd1.after(0.05, again) end " SETS(
                    "hd1.after(0, again)"));
    assert_true(plugins_due_ms(play->plugins) == INT64_MAX);
    play_expect_post(play, "set", "");
    expect_told(play, "n0");
    assert_int_equal(plugins_due_ms(play->plugins), play->mono_ms + 16);
    play_pass(play, 16);
    play_pass(play, 50);
    play_pass(play, 50);
    expect_told(play, "n3");
}

static void
who_fails_has_set_no_timer(void **state)
{
    struct play *play = *state;

    start(play, "local n = 0 local function count() n = n + 1 end "
                "local t = hd1.after(60, print) "
                "hd1.after(0.05, function() hd1.every(0.05, count) error('boom') end) "
                "hd1.every(0.05, function() hd1.after(0.05, count) error(t) end) " SETS(
                    "hd1.every(0.05, count) hd1.after(0, count) error('boom')"));
    play_expect_post(play, "set", "plugin_failed");
    play_expect_metric(play, "hd1_plugin_timers{plugin=\"a\"} 3\n");
    for (int i = 0; i < 10; i++)
        play_pass(play, 50);
    expect_told(play, "n0");
    play_expect_metric(play, "hd1_plugin_timers{plugin=\"a\"} 2\n");
    play_expect_described(play, "\"timer\":{\"calls\":11,\"errors\":11,");
}

static void
a_timer_of_an_event_that_is_refused_is_cancelled(void **state)
{
    struct play *play = *state;

    play_add_setup(play, "a",
                   "local n, old = 0, hd1.after(60, print) " SETS(
                       "local t = hd1.every(0.05, function() n = n + 1 return false end) "
                       "old:cancel() old = t"));
    play_add_setup(play, "b",
                   "return { before_event = { object_created = function(event) "
                   "if event.data.object.name == 'no' then return hd1.reject{ code = 'no' } end "
                   "end } }");
    play_start(play);
    scene_create(play->scene, "demo");
    play_expect_post(play, "no", "no");
    play_expect_metric(play, "hd1_plugin_timers{plugin=\"a\"} 0\n"); /* what it ended is over */
    play_expect_post(play, "yes", "");
    play_expect_post(play, "yes", "object_exists");
    play_pass(play, 100);
    expect_told(play, "n0"); /* the second ended the first */
    play_expect_post(play, "well", "");
    play_pass(play, 100);
    expect_told(play, "n1");
    assert_string_equal(scene_post(play->scene, "demo", NULL, "[" POST "," POST "]", "one", "no"),
                        "no");
    scene_fail(play->scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    play_expect_post(play, "full", "storage_full");
    play_pass(play, 100);
    expect_told(play, "n1");
}

/* The message is under way when its plugin goes. */
static void
what_waits_for_an_event_goes_with_its_plugin(void **state)
{
    struct play *play = *state;
    struct rest_answer answer = {0};

    start(play, "local n = 0 " SETS("hd1.every(0.05, error)"));
    rest_send(play->scene, "demo", &answer, POST, "set");
    assert_int_equal(play_reload(play), 0);
    assert_string_equal(rest_await(play->scene, &answer), "");
    rest_fini(&answer);
    play_expect_metric(play, "hd1_plugin_timers{plugin=\"a\"} 0\n");
}

static void
misuse_raises_and_256_are_enough(void **state)
{
    struct play *play = *state;

    start(play,
          "assert(not pcall(hd1.after)) assert(not pcall(hd1.after, 1)) "
          "assert(not pcall(hd1.after, -1, print)) assert(not pcall(hd1.after, 86401, print)) "
          "assert(not pcall(hd1.after, 0/0, print)) "
          "assert(not pcall(hd1.every, 'x', print)) assert(not pcall(hd1.every, 1, {})) "
          "local t = hd1.after(1, print) assert(getmetatable(t) == false) "
          "assert(not pcall(function() return t.x end)) "
          "assert(not pcall(function() t.x = 1 end)) "
          "assert(not pcall(t.cancel)) assert(not pcall(t.cancel, {})) "
          "for i = 2, 256 do hd1.after(1, print) end "
          "local ok, why = pcall(hd1.after, 1, print) "
          "assert(not ok and why:find('more than 256 timers')) "
          "assert(t:cancel()) hd1.after(1, print) " TELL("'fine'"));
    expect_told(play, "fine");
    play_expect_metric(play, "hd1_plugin_timers{plugin=\"a\"} 256\n");
}

static void
a_timer_that_always_fails_puts_the_plugin_to_rest_and_goes_on_after_it(void **state)
{
    struct play *play = *state;
    struct buf states = BUF_INIT;

    start(play, "local n = 0 hd1.every(0.1, function() n = n + 1 if n <= 20 then error('boom') end "
                "end) hd1.after(3, function() n = n + 1000 end) " TELL("'n' .. n"));
    for (int i = 0; i < 30; i++)
        play_pass(play, 100);
    expect_told(play, "plugin_unavailable");
    plugins_append_states(play->plugins, &states);
    assert_string_equal(buf_cstr(&states), "{\"a\":\"resting\"}");
    play_expect_described(play, "\"state\":\"resting\"");
    play_expect_metric(play, "hd1_plugin_resting{plugin=\"a\"} 1\n");
    play_expect_metric(play, "hd1_plugin_errors_total{plugin=\"a\",hook=\"timer\"} 20\n");
    play_expect_metric(
        play, "hd1_plugin_skipped_total{plugin=\"a\",hook=\"timer\",reason=\"resting\"} 11\n");
    play_pass(play, 29000);
    expect_told(play, "n1021"); /* what was to come once came late, the others were left out */
    buf_clear(&states);
    plugins_append_states(play->plugins, &states);
    assert_string_equal(buf_cstr(&states), "{}");
    buf_fini(&states);
}

static void
a_timer_emits_if_it_says_where_and_not_if_it_fails(void **state)
{
    struct play *play = *state;
    struct conn *conn;

    play_add(play, "chat", NULL,
             "return { name = 'chat', version = '1', api = 1, events = { said = {} }, "
             "setup = function(hd1) hd1.after(1, function() "
             "assert(not pcall(hd1.emit, { type = 'said' })) "
             "assert(hd1.emit{ type = 'said', session_id = 'demo', data = { n = 1 } }) end) "
             "hd1.after(2, function() "
             "assert(hd1.emit{ type = 'said', session_id = 'demo', data = { n = 2 } }) "
             "error('boom') end) end }");
    play_start(play);
    scene_create(play->scene, "demo");
    conn = conn_join(play->scene, "demo");
    play_pass(play, 1000);
    assert_int_equal(message_int(conn_skip_to(conn, "said"), "data.n"), 1);
    play_pass(play, 1000);
    conn_expect_nothing(conn);
    play_expect_described(play, "\"timer\":{\"calls\":2,\"errors\":1");
    conn_close(play->scene, conn);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(after_calls_once_and_every_again_and_again),
        TEST(they_come_in_the_order_of_their_times),
        TEST(a_function_that_returns_false_is_not_called_again),
        TEST(cancel_ends_a_timer_also_from_within),
        TEST(hooks_and_timers_set_timers),
        TEST(who_fails_has_set_no_timer),
        TEST(a_timer_of_an_event_that_is_refused_is_cancelled),
        TEST(what_waits_for_an_event_goes_with_its_plugin),
        TEST(misuse_raises_and_256_are_enough),
        TEST(a_timer_that_always_fails_puts_the_plugin_to_rest_and_goes_on_after_it),
        TEST(a_timer_emits_if_it_says_where_and_not_if_it_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
