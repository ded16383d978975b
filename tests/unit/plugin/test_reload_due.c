/* What is due by the clock, over a reload: timers, ticks, shares of CPU, and what they count. */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "plugin/play.h"

#include "plugin/folder.h"

#include <stdio.h>
#include <string.h>

/* Plugin a in that version; it may say `beat`. */
#define PLUGIN(version, setup)                                                                     \
    "return { name = 'a', version = '" version "', api = 1,\n"                                     \
    "events = { beat = { doc = 'a beat', lane = 'volatile' } },\n"                                 \
    "setup = function(hd1) " setup " end }"

/* Ten times a second a timer and a tick, each of which says of which version it is. */
#define BEATS(version, more)                                                                       \
    PLUGIN(version, "hd1.every(0.1, function() hd1.emit{ type = 'beat', session_id = 'demo', "     \
                    "data = { of = '" version "', timer = true } } end) "                          \
                    "return { on_tick = function(session, tick) hd1.emit{ type = 'beat', "         \
                    "data = { of = '" version "', tick = tick.number } } end, " more " }")

static void
rewrite(struct play *play, const char *text)
{
    folder_write(play->path, "a.lua", text);
}

static void
expect_reload(struct play *play)
{
    if (play_reload(play) != 0)
        fail_msg("%s", buf_cstr(&play->why));
}

static struct conn *
begin(struct play *play, const char *text)
{
    play_add(play, "a", NULL, text);
    play_start(play);
    scene_create(play->scene, "demo");
    return conn_join_quietly(play->scene, "demo");
}

/* A second passes: ten beats of either kind, all of that version, ticks numbered from first. */
static void
expect_second_of(struct play *play, struct conn *conn, const char *version, int first)
{
    char of[16];
    int ticks = 0, timers = 0;

    snprintf(of, sizeof(of), "\"of\":\"%s\"", version);
    for (int i = 0; i < 10; i++) {
        play_pass(play, 100);
        for (int k = 0; k < 2; k++) {
            struct span beat = conn_skip_to(conn, "beat");

            assert_non_null(memmem(beat.at, beat.len, of, strlen(of)));
            if (memmem(beat.at, beat.len, "\"timer\"", 7))
                timers++;
            else
                assert_int_equal(message_int(beat, "data.tick"), first + ticks++);
        }
    }
    conn_expect_nothing(conn);
    assert_int_equal(timers, 10);
    assert_int_equal(ticks, 10);
}

static void
the_old_timers_and_ticks_end_and_the_new_ones_begin(void **state)
{
    struct play *play = *state;
    struct conn *conn = begin(play, BEATS("1", ""));

    expect_second_of(play, conn, "1", 1);
    rewrite(play, BEATS("2", ""));
    expect_reload(play);
    expect_second_of(play, conn, "2", 1);
    play_expect_metric(play, "hd1_plugin_timers{plugin=\"a\"} 1\n");
    play_expect_metric(play, "hd1_plugin_calls_total{plugin=\"a\",hook=\"timer\"} 20\n");
    play_expect_metric(play, "hd1_plugin_calls_total{plugin=\"a\",hook=\"on_tick\"} 20\n");
    play_expect_metric(play, "hd1_plugin_call_seconds_count{plugin=\"a\",hook=\"on_tick\"} 20\n");
    play_expect_metric(play, "hd1_plugin_emits_total{plugin=\"a\"} 40\n");
    rewrite(play, PLUGIN("3", "return {}"));
    expect_reload(play);
    assert_true(plugins_due_ms(play->plugins) == INT64_MAX);
    play_pass(play, 1000);
    conn_expect_nothing(conn);
    conn_close(play->scene, conn);
}

static void
a_refused_reload_leaves_the_old_ones_alone(void **state)
{
    static const char *const refused[] = {
        PLUGIN("2", "hd1.every(0.1, function() error('too early') end) error('boom')"),
        BEATS("2", "restore = function() hd1.after(0, function() end) error('boom') end"),
    };
    struct play *play = *state;
    struct conn *conn = begin(play, BEATS("1", "save = function() return {} end"));

    expect_second_of(play, conn, "1", 1);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        int64_t due_ms = plugins_due_ms(play->plugins);

        rewrite(play, refused[i]);
        assert_int_not_equal(play_reload(play), 0);
        assert_non_null(strstr(buf_cstr(&play->why), "boom"));
        assert_int_equal(plugins_due_ms(play->plugins), due_ms);
        play_expect_metric(play, "hd1_plugin_timers{plugin=\"a\"} 1\n");
        expect_second_of(play, conn, "1", 11 + 10 * (int)i);
    }
    conn_close(play->scene, conn);
}

/* However long the loading of the others and the handing over takes. */
static void
timers_begin_when_their_generation_is_in_force(void **state)
{
    struct play *play = *state;
    struct conn *conn = begin(play, PLUGIN("1", "return {}"));
    struct plugins_options options = play_options(play);
    struct plugins *next;

    rewrite(play, PLUGIN("2", "hd1.every(0.1, function() end) return {}"));
    assert_int_equal(plugins_prepare(play->plugins, &next, &options, &play->why), 0);
    play->mono_ms += 150;
    assert_true(plugins_due_ms(play->plugins) == INT64_MAX);
    plugins_run_due(play->plugins);
    assert_int_equal(plugins_replace(play->plugins, next, true, &play->why), 0);
    assert_int_equal(plugins_due_ms(play->plugins), play->mono_ms + 100);
    conn_close(play->scene, conn);
}

/* Its share begins anew, what was skipped is remembered; and to save is not forbidden. */
static void
who_is_throttled_is_so_no_more(void **state)
{
    struct play *play = *state;
    struct conn *conn =
        begin(play, PLUGIN("1", "return { on_tick = function() "
                                "for i = 1, 98 do hd1.mono_ms() end end, "
                                "save = function() return { n = 1 } end, "
                                "restore = function(state) assert(state.n == 1) end }"));

    play->step_ms = 10; /* so that each tick takes about a second */
    plugins_run_due(play->plugins);
    play->mono_ms += 100;
    plugins_run_due(play->plugins);
    play->step_ms = 0;
    play_expect_described(play, "\"state\":\"throttled\"");
    play_expect_metric(play, "hook=\"on_tick\",reason=\"cpu_share\"} 1\n");
    expect_reload(play);
    play_expect_described(play, "\"state\":\"running\"");
    play_expect_described(play, "\"cpu\":0.000");
    play_expect_described(play, "\"restore\":{\"calls\":1,");
    play_expect_metric(play, "hook=\"on_tick\",reason=\"cpu_share\"} 1\n");
    play_pass(play, 100);
    play_expect_metric(play, "hd1_plugin_calls_total{plugin=\"a\",hook=\"on_tick\"} 2\n");
    conn_close(play->scene, conn);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_old_timers_and_ticks_end_and_the_new_ones_begin),
        TEST(a_refused_reload_leaves_the_old_ones_alone),
        TEST(timers_begin_when_their_generation_is_in_force),
        TEST(who_is_throttled_is_so_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
