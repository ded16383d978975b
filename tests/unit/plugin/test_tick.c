/* on_tick: for whom, how often, with what; and what is left out. */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "plugin/play.h"

#include <stdio.h>
#include <string.h>

#define POST                                                                                       \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"a\",\"type\":\"cube\"}}}"
/* Counts ticks by session, and tells the last of this one: number and dt in ms. */
#define COUNTER(hz)                                                                                \
    "local seen = {} return { on_tick = { " hz " fn = function(session, tick) "                    \
    "seen[session.id] = tick.number .. '_' .. math.floor(tick.dt * 1000 + 0.5) end }, "            \
    "before_event = { object_created = function(event) "                                           \
    "return hd1.reject{ code = 'n' .. (seen[event.session.id] or 0) } end } }"

static void
expect_told(struct play *play, const char *session, const char *code)
{
    struct rest_answer answer = {0};

    assert_string_equal(scene_post(play->scene, session, &answer, POST), code);
    buf_fini(&answer.result);
}

static void
a_tick_comes_so_many_times_a_second_while_somebody_is_joined(void **state)
{
    struct play *play = *state;
    struct conn *conn;

    play_add_setup(play, "a", COUNTER("hz = 20,"));
    play_start(play);
    scene_create(play->scene, "demo");
    scene_create(play->scene, "idle");
    play_pass(play, 1000);
    assert_true(plugins_due_ms(play->plugins) == INT64_MAX);
    expect_told(play, "demo", "n0");
    conn = conn_join(play->scene, "demo");
    assert_int_equal(plugins_due_ms(play->plugins), play->mono_ms);
    play_pass(play, 0);
    expect_told(play, "demo", "n1_50");
    assert_int_equal(plugins_due_ms(play->plugins), play->mono_ms + 50);
    play_pass(play, 49);
    expect_told(play, "demo", "n1_50");
    play_pass(play, 1);
    expect_told(play, "demo", "n2_50");
    for (int i = 0; i < 20; i++)
        play_pass(play, 50);
    expect_told(play, "demo", "n22_50");
    expect_told(play, "idle", "n0");
    conn_close(play->scene, conn);
    scene_settle(play->scene);
    assert_true(plugins_due_ms(play->plugins) == INT64_MAX);
    play_pass(play, 60000);
    conn = conn_join(play->scene, "demo");
    play_pass(play, 0);
    expect_told(play, "demo", "n1_50"); /* begins anew */
    play_expect_metric(play, "hd1_plugin_calls_total{plugin=\"a\",hook=\"on_tick\"} 23\n");
    conn_close(play->scene, conn);
}

static void
sixty_times_a_second_is_sixty(void **state)
{
    struct play *play = *state;
    struct conn *conn;

    play_add_setup(play, "a", COUNTER("hz = 60,"));
    play_start(play);
    scene_create(play->scene, "demo");
    conn = conn_join(play->scene, "demo");
    for (int i = 0; i < 1000; i++) {
        play->mono_ms++;
        plugins_run_due(play->plugins);
    }
    scene_settle(play->scene);
    play_expect_metric(play, "hd1_plugin_calls_total{plugin=\"a\",hook=\"on_tick\"} 60\n");
    conn_close(play->scene, conn);
}

static void
a_plain_function_has_ten_and_what_comes_late_is_not_made_up_for(void **state)
{
    struct play *play = *state;
    struct conn *conn;

    play_add_setup(play, "a", COUNTER(""));
    play_add_setup(play, "b", "return { on_tick = function() end }");
    play_start(play);
    scene_create(play->scene, "demo");
    conn = conn_join(play->scene, "demo");
    play_pass(play, 0);
    expect_told(play, "demo", "n1_100");
    play_pass(play, 350); /* two are missed */
    expect_told(play, "demo", "n2_350");
    assert_int_equal(plugins_due_ms(play->plugins), play->mono_ms + 50);
    play_pass(play, 5000);
    expect_told(play, "demo", "n3_1000"); /* dt is bounded */
    play_expect_metric(
        play, "hd1_plugin_skipped_total{plugin=\"b\",hook=\"on_tick\",reason=\"late\"} 51\n");
    play_expect_described(play, "\"tick_hz\":10,");
    conn_close(play->scene, conn);
}

static void
each_session_has_its_own_and_may_be_sent_to(void **state)
{
    struct play *play = *state;
    struct conn *one, *two;

    play_add(play, "chat", NULL,
             "return { name = 'chat', version = '1', api = 1, events = { beat = { lane = "
             "'volatile' } }, setup = function(hd1) return { on_tick = { hz = 1, fn = "
             "function(session, tick) if tick.number == 3 then hd1.emit{ type = 'beat', data = { "
             "n = 3 } } error('boom') end "
             "assert(hd1.emit{ type = 'beat', data = { n = tick.number } }) end } } end }");
    play_start(play);
    scene_create(play->scene, "one");
    scene_create(play->scene, "two");
    one = conn_join(play->scene, "one");
    play_pass(play, 0);
    two = conn_join(play->scene, "two");
    play_pass(play, 1000);
    assert_int_equal(message_int(conn_skip_to(one, "beat"), "data.n"), 1);
    assert_int_equal(message_int(conn_skip_to(one, "beat"), "data.n"), 2);
    assert_int_equal(message_int(conn_skip_to(two, "beat"), "data.n"), 1);
    play_pass(play, 1000);
    assert_int_equal(message_int(conn_skip_to(two, "beat"), "data.n"), 2);
    conn_expect_nothing(one); /* what the failed tick emitted is dropped */
    conn_close(play->scene, one);
    conn_close(play->scene, two);
}

static void
who_takes_long_has_sparser_ticks_in_turn(void **state)
{
    struct play *play = *state;
    struct conn *conns[5];
    char name[8];
    int first = 0;

    play_add_setup(play, "a",
                   "local n = {} return { on_tick = { hz = 20, fn = function(session) "
                   "n[session.id] = (n[session.id] or 0) + 1 for i = 1, 98 do hd1.mono_ms() end "
                   "end }, before_event = { object_created = function(event) "
                   "return hd1.reject{ code = 'n' .. n[event.session.id] } end } }");
    play_start(play);
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof(name), "s%d", i);
        scene_create(play->scene, name);
        conns[i] = conn_join(play->scene, name);
    }
    play->step_ms = 1; /* so that each call takes 100 ms */
    plugins_run_due(play->plugins);
    play_expect_metric(play, "hd1_plugin_calls_total{plugin=\"a\",hook=\"on_tick\"} 1\n");
    assert_true(plugins_due_ms(play->plugins) <= play->mono_ms); /* the others, in the next round */
    for (int i = 0; i < 300; i++)
        plugins_run_due(play->plugins);
    play->step_ms = 0;
    play->mono_ms += 1000;
    for (int i = 0; i < 5; i++) {
        struct rest_answer answer = {0};
        int count;

        snprintf(name, sizeof(name), "s%d", i);
        assert_int_equal(sscanf(scene_post(play->scene, name, &answer, POST), "n%d", &count), 1);
        first = i == 0 ? count : first;
        assert_in_range(count, first - 1, first + 1); /* nobody is always the one left out */
        buf_fini(&answer.result);
        conn_close(play->scene, conns[i]);
    }
    play_expect_metric(play, "hook=\"on_tick\",reason=\"cpu_share\"}");
}

static void
what_is_wrong_with_on_tick_is_said_with_its_line(void **state)
{
    static const char *const cases[][2] = {
        {"on_tick = 7", "on_tick must be a function, or { hz = 1 to 60, fn = function }"},
        {"on_tick = {}", "on_tick must be a function, or { hz = 1 to 60, fn = function }"},
        {"on_tick = { hz = 61, fn = print }", "on_tick: hz must be a number from 1 to 60"},
        {"on_tick = { hz = 0.5, fn = print }", "on_tick: hz must be a number from 1 to 60"},
        {"on_tick = { hz = 0/0, fn = print }", "on_tick: hz must be a number from 1 to 60"},
        {"on_tick = { hz = '20', fn = print }", "on_tick: hz must be a number from 1 to 60"},
        {"on_tick = { rate = 20, fn = print }", "on_tick: unknown key 'rate'; known: hz, fn"},
        {"timer = print", "unknown moment 'timer'; known: before_message,"},
        {"on_tock = print", "after_disconnect, on_tick"},
    };
    struct play *play = *state;
    char body[160], place[80];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        play->entry_count = 0;
        snprintf(body, sizeof(body), "return {\n %s }", cases[i][0]);
        play_add_setup(play, "a", body);
        play_expect_refusal(play, cases[i][1]);
        snprintf(place, sizeof(place), "%s/a.lua:3: ", play->path);
        if (!strstr(play->why.data, place))
            fail_msg("expected \"%s\" in: %s", place, play->why.data);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_tick_comes_so_many_times_a_second_while_somebody_is_joined),
        TEST(sixty_times_a_second_is_sixty),
        TEST(a_plain_function_has_ten_and_what_comes_late_is_not_made_up_for),
        TEST(each_session_has_its_own_and_may_be_sent_to),
        TEST(who_takes_long_has_sparser_ticks_in_turn),
        TEST(what_is_wrong_with_on_tick_is_said_with_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
