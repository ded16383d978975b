/* What a plugin may use: its share of CPU, memory, instructions, emits; and what a call that fails
 * leaves behind: nothing. */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "plugin/play.h"

#include <stdio.h>
#include <string.h>

#define POST(name)                                                                                 \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"" name "\",\"type\":\"cube\"}}" \
    "}"
/* Reads the clock, which advances by step_ms each time. */
#define SLOW "for i = 1, 98 do hd1.mono_ms() end "

static void
expect_post(struct play *play, const char *text, const char *code)
{
    struct rest_answer answer = {0};

    assert_string_equal(scene_post(play->scene, "demo", &answer, "%s", text), code);
    buf_fini(&answer.result);
}

static void
start(struct play *play, const char *options, const char *body)
{
    struct buf text = BUF_INIT;

    buf_appendf(&text,
                "return { name = 'a', version = '1', api = 1, events = { said = {} }, "
                "setup = function(hd1) %s end }",
                body);
    play_add(play, "a", options, buf_cstr(&text));
    play_start(play);
    scene_create(play->scene, "demo");
    buf_fini(&text);
}

/* --- the share of CPU --- */

static void
a_share_that_is_used_up_is_a_503_until_the_second_is_over(void **state)
{
    struct play *play = *state;
    struct conn *conn;
    struct span error;

    start(play, "{\"cpu_share\":0.25}",
          "return { before_event = { object_created = function() " SLOW "end } }");
    conn = conn_join(play->scene, "demo");
    play->step_ms = 1;
    expect_post(play, POST("a"), "");
    expect_post(play, POST("b"), "");
    expect_post(play, POST("c"), ""); /* 300 ms in all */
    play->step_ms = 0;
    conn_send(play->scene, conn,
              "{\"type\":\"object_created\",\"data\":{\"session_id\":\"demo\",\"object\":{"
              "\"name\":\"d\",\"type\":\"cube\"}}}");
    scene_settle(play->scene);
    error = conn_skip_to(conn, "error");
    assert_true(message_is(error, "data.code", "plugin_unavailable"));
    assert_int_equal(message_int(error, "data.status"), 503);
    assert_in_range(message_int(error, "data.retry_after_ms"), 600, 1000);
    play_expect_described(play, "\"state\":\"throttled\"");
    play_expect_described(play, "\"cpu_share\":0.25,");
    play_expect_metric(play, "hd1_plugin_cpu_limit_ratio{plugin=\"a\"} 0.25\n");
    play_expect_metric(play, "hd1_plugin_skipped_total{plugin=\"a\",hook=\"before_event\","
                             "reason=\"cpu_share\"} 1\n");
    play->mono_ms += message_int(error, "data.retry_after_ms");
    expect_post(play, POST("d"), "");
    play_expect_described(play, "\"state\":\"running\"");
    conn_close(play->scene, conn);
}

static void
with_on_error_open_it_lets_pass_and_observers_are_left_out(void **state)
{
    struct play *play = *state;

    start(play, "{\"on_error\":\"open\"}",
          "return { before_event = { object_created = function() " SLOW "end }, "
          "after_event = { object_created = function() " SLOW "end } }");
    play->step_ms = 1;
    for (int i = 0; i < 9; i++)
        expect_post(play,
                    (const char *[]){POST("a"), POST("b"), POST("c"), POST("d"), POST("e"),
                                     POST("f"), POST("g"), POST("h"), POST("i")}[i],
                    "");
    play_expect_metric(play, "hook=\"before_event\",reason=\"cpu_share\"}");
    play_expect_metric(play, "hook=\"after_event\",reason=\"cpu_share\"}");
}

static void
a_repeated_timer_is_left_out_and_one_for_once_put_off(void **state)
{
    struct play *play = *state;

    start(play, NULL,
          "local often, once = 0, 0 hd1.every(0.1, function() often = often + 1 end) "
          "hd1.after(0.15, function() once = once + 1 end) "
          "return { before_event = { object_created = function() if often == 0 then "
          "for i = 1, 700 do hd1.mono_ms() end return end "
          "return hd1.reject{ code = 'n' .. once .. '_' .. often } end } }");
    play->step_ms = 1;
    expect_post(play, POST("a"), "");
    play->step_ms = 0;
    for (int i = 0; i < 5; i++)
        play_pass(play, 100);
    expect_post(play, POST("b"), "plugin_unavailable");
    for (int i = 0; i < 7; i++)
        play_pass(play, 100);
    play->mono_ms += 10;
    play_pass(play, 0);
    play_expect_metric(play, "hook=\"timer\",reason=\"cpu_share\"}");
    expect_post(play, POST("b"), "n1_3");
}

/* --- the options --- */

static void
limits_are_options_of_each_plugin(void **state)
{
    struct play *play = *state;

    start(play,
          "{\"memory_bytes\":1000000,\"instructions\":5000,\"emits_per_second\":2,"
          "\"cpu_share\":1}",
          "return { before_event = { object_created = function(event) "
          "local name = event.data.object.name "
          "if name == 'loop' then for i = 1, 5000 do end end "
          "if name == 'fat' then return ('x'):rep(900000) end "
          "if name == 'emits' then local n = 0 "
          "while hd1.emit{ type = 'said' } do n = n + 1 end "
          "local _, _, code = hd1.emit{ type = 'said' } "
          "return hd1.reject{ code = code .. n } end end } }");
    expect_post(play, POST("loop"), "plugin_failed");
    expect_post(play, POST("fat"), "plugin_failed");
    expect_post(play, POST("emits"), "too_many2");
    expect_post(play, POST("emits"), "too_many0");
    play->mono_ms += 1000;
    expect_post(play, POST("emits"), "too_many2");
    play_expect_described(play, "\"memory_bytes\":1000000,\"instructions\":5000,"
                                "\"emits_per_second\":2,");
    play_expect_metric(play, "hd1_plugin_memory_limit_bytes{plugin=\"a\"} 1000000\n");
    play_expect_metric(play, "hd1_plugin_emits_total{plugin=\"a\"} 4\n");
    play_expect_metric(play, "hd1_plugin_emits_refused_total{plugin=\"a\"} 6\n");
}

static void
what_is_no_limit_is_refused_with_the_line_of_the_configuration(void **state)
{
    static const char *const cases[][2] = {
        {"{\"on_error\":1}", "option on_error must be \"open\" or \"closed\""},
        {"{\"cpu_share\":0}", "option cpu_share must be a number from 0.01 to 1"},
        {"{\"cpu_share\":1.1}", "option cpu_share must be a number from 0.01 to 1"},
        {"{\"cpu_share\":\"1\"}", "option cpu_share must be a number from 0.01 to 1"},
        {"{\"memory_bytes\":100}", "option memory_bytes must be an integer from 262144"},
        {"{\"instructions\":999}", "option instructions must be an integer from 1000"},
        {"{\"instructions\":2.5e3}", "option instructions must be an integer from 1000"},
        {"{\"emits_per_second\":0}", "option emits_per_second must be an integer from 1"},
    };
    struct play *play = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        play->entry_count = 0;
        play_add_setup(play, "a", "");
        play->entries[0].options = span_of(cases[i][0]);
        play_expect_refusal(play, "hd1.lua:12: plugin a: ");
        assert_non_null(strstr(play->why.data, cases[i][1]));
    }
}

static void
a_plugin_cannot_define_an_option_of_the_servers(void **state)
{
    struct play *play = *state;

    play_add(play, "a", NULL,
             "return { name = 'a', version = '1', api = 1,\n config = { cpu_share = { type = "
             "'number' } }, setup = function() end }");
    play_expect_refusal(play, "a.lua:2: config of cpu_share: this option is the server's own");
}

/* --- what a failed call leaves behind --- */

static void
a_failed_before_hook_emits_nothing_even_if_it_lets_pass(void **state)
{
    struct play *play = *state;
    struct conn *conn;

    start(play, "{\"on_error\":\"open\"}",
          "return { before_event = { object_created = function(event) "
          "hd1.emit{ type = 'said', data = { n = 1 } } "
          "hd1.emit{ type = 'said', session_id = 'other', data = { n = 2 } } error('boom') end } "
          "}");
    scene_create(play->scene, "other");
    conn = conn_join_quietly(play->scene, "demo");
    expect_post(play, POST("a"), "");
    conn_expect(conn, "object_created");
    conn_expect_nothing(conn);
    conn_close(play->scene, conn);
}

static void
what_other_plugins_emitted_for_the_same_event_is_kept(void **state)
{
    struct play *play = *state;
    struct conn *conn;

    play_add_setup(play, "b",
                   "return { before_event = { object_created = function(event) "
                   "hd1.emit{ type = 'said', data = { n = 1 } } end } }");
    start(play, "{\"on_error\":\"open\"}",
          "return { before_event = { object_created = function(event) "
          "hd1.emit{ type = 'said', data = { n = 2 } } "
          "if event.data.object.name == 'a' then while true do end end end } }");
    conn = conn_join_quietly(play->scene, "demo");
    expect_post(play, POST("a"), "");
    conn_expect(conn, "object_created");
    assert_int_equal(message_int(conn_expect(conn, "said"), "data.n"), 1);
    conn_expect_nothing(conn);
    expect_post(play, POST("b"), "");
    conn_expect(conn, "object_created");
    assert_int_equal(message_int(conn_expect(conn, "said"), "data.n"), 1);
    assert_int_equal(message_int(conn_expect(conn, "said"), "data.n"), 2);
    conn_close(play->scene, conn);
}

static void
a_failed_observer_emits_nothing(void **state)
{
    struct play *play = *state;
    struct conn *conn;

    start(play, NULL,
          "local function boom(one, two) hd1.emit{ type = 'said', data = { n = 2 } } "
          "error('boom') end "
          "return { after_event = { object_created = boom }, after_join = boom, "
          "after_leave = boom }");
    conn = conn_join_quietly(play->scene, "demo");
    conn_close(play->scene, conn_join(play->scene, "demo"));
    expect_post(play, POST("a"), "");
    conn_expect(conn, "object_created");
    conn_expect_nothing(conn);
    play_expect_metric(play, "hd1_plugin_errors_total{plugin=\"a\",hook=\"after_leave\"} 1\n");
    conn_close(play->scene, conn);
}

/* --- figures --- */

static void
each_hooks_cost_is_counted(void **state)
{
    struct play *play = *state;

    start(play, NULL,
          "return { before_event = { object_created = function(event) " SLOW
          "for i = 1, 10000 do end end } }");
    play->step_ms = 1;
    expect_post(play, POST("a"), "");
    play->step_ms = 0;
    play_expect_metric(play, "hd1_plugin_call_seconds_bucket{plugin=\"a\",hook=\"before_event\","
                             "le=\"0.065536\"} 0\n");
    play_expect_metric(play, "hd1_plugin_call_seconds_bucket{plugin=\"a\",hook=\"before_event\","
                             "le=\"0.262144\"} 1\n");
    play_expect_metric(play,
                       "hd1_plugin_call_seconds_count{plugin=\"a\",hook=\"before_event\"} 1\n");
    play_expect_metric(play,
                       "hd1_plugin_call_seconds_sum{plugin=\"a\",hook=\"before_event\"} 0.09");
    play_expect_metric(play, "hd1_plugin_instructions_total{plugin=\"a\",hook=\"before_event\"} 1");
    play_expect_metric(play, "hd1_plugin_cpu_ratio{plugin=\"a\"} 0.09");
    play_expect_described(play, "\"65536\":0,\"262144\":1,\"+Inf\":1}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_share_that_is_used_up_is_a_503_until_the_second_is_over),
        TEST(with_on_error_open_it_lets_pass_and_observers_are_left_out),
        TEST(a_repeated_timer_is_left_out_and_one_for_once_put_off),
        TEST(limits_are_options_of_each_plugin),
        TEST(what_is_no_limit_is_refused_with_the_line_of_the_configuration),
        TEST(a_plugin_cannot_define_an_option_of_the_servers),
        TEST(a_failed_before_hook_emits_nothing_even_if_it_lets_pass),
        TEST(what_other_plugins_emitted_for_the_same_event_is_kept),
        TEST(a_failed_observer_emits_nothing),
        TEST(each_hooks_cost_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
