/* hd1.metrics: what plugins count, within bounds, as Prometheus reads it. */
#include "hub/rest.h"
#include "plugin/play.h"

#include "plugin/own_metrics.h"
#include "plugin/plugin_state.h"

#include <stdio.h>
#include <string.h>

static void
expect_line(struct play *play, const char *line, bool is_there)
{
    struct buf out = BUF_INIT, wanted = BUF_INIT;

    plugins_append_metrics(play->plugins, &out);
    buf_appendf(&wanted, "\n%s\n", line);
    if (!strstr(buf_cstr(&out), buf_cstr(&wanted)) == is_there)
        fail_msg("%s: %s\n%s", is_there ? "missing" : "unexpected", line, buf_cstr(&out));
    buf_fini(&out);
    buf_fini(&wanted);
}

static void
start(struct play *play, const char *made, const char *body)
{
    scene_create(play->scene, "demo");
    play_add_hook(play, made, body);
    play_start(play);
    play_expect_post(play, "last", "");
}

static void
metrics_are_exported_under_the_plugins_name(void **state)
{
    struct play *play = *state;

    start(play,
          "local c = hd1.metrics.counter('jumps', 'Jumps\\nof \\\\ all.', { 'kind', 'ok' })\n"
          "local g = hd1.metrics.gauge('depth', 'How deep.')\n"
          "local h = hd1.metrics.histogram('wait_seconds', 'Waits.', { 0.5, 1 }, { 'kind' })",
          "c:add(1, { kind = 'a\"\\\\\\n', ok = true }) c:add(2.5, { kind = 7, ok = false })\n"
          "c:add(nil, { kind = 7, ok = false })\n"
          "g:set(5) g:add(-2)\n"
          "for _, n in ipairs{ 0.5, 0.7, 3 } do h:observe(n, { kind = 'x' }) end");
    expect_line(play, "# HELP hd1_x_a_jumps_total Jumps of \\\\ all.", true);
    expect_line(play, "# TYPE hd1_x_a_jumps_total counter", true);
    expect_line(play, "hd1_x_a_jumps_total{kind=\"a\\\"\\\\\\n\",ok=\"true\"} 1", true);
    expect_line(play, "hd1_x_a_jumps_total{kind=\"7\",ok=\"false\"} 3.5", true);
    expect_line(play, "hd1_x_a_depth 3", true);
    expect_line(play, "hd1_x_a_wait_seconds_bucket{kind=\"x\",le=\"0.5\"} 1", true);
    expect_line(play, "hd1_x_a_wait_seconds_bucket{kind=\"x\",le=\"1\"} 2", true);
    expect_line(play, "hd1_x_a_wait_seconds_bucket{kind=\"x\",le=\"+Inf\"} 3", true);
    expect_line(play, "hd1_x_a_wait_seconds_sum{kind=\"x\"} 4.2", true);
    expect_line(play, "hd1_x_a_wait_seconds_count{kind=\"x\"} 3", true);
}

static void
asked_for_again_it_is_the_same(void **state)
{
    struct play *play = *state;

    start(play, "",
          "local m = hd1.metrics\n"
          "m.counter('c', 'x'):add() m.counter('c', 'y'):add(2) m.counter('c_total', 'z'):add(4)\n"
          "fails('already', m.counter, 'c', 'x', { 'label' })\n"
          "m.gauge('g', 'x')\n"
          "fails('already', m.histogram, 'g', 'x')");
    expect_line(play, "hd1_x_a_c_total 7", true);
    expect_line(play, "hd1_x_a_g 0", false);
}

static void
names_of_two_plugins_do_not_clash(void **state)
{
    struct play *play = *state;

    play_add_setup(play, "a_b", "hd1.metrics.gauge('c', 'x')");
    play_add_setup(play, "a", "hd1.metrics.gauge('b_c', 'x')");
    play_expect_refusal(play, "there is a metric hd1_x_a_b_c already");
}

static void
misuse_is_told(void **state)
{
    start(*state,
          "local m = hd1.metrics\n"
          "local c, g = m.counter('c', 'x', { 'l' }), m.gauge('g', 'x')\n"
          "local h = m.histogram('h', 'x')",
          "fails('is named', m.counter, 'Bad', 'x')\n"
          "fails('is named', m.counter, '', 'x')\n"
          "fails('is named', m.counter, 'a-b', 'x')\n"
          "fails('is named', m.counter, ('a'):rep(65), 'x')\n"
          "fails('must not end in _count', m.gauge, 'a_count', 'x')\n"
          "fails('must not end in _total', m.gauge, 'a_total', 'x')\n"
          "fails('its kind', m.gauge, 'my_gauge', 'x')\n"
          "fails('help is', m.gauge, 'a', '')\n"
          "fails('string expected', m.gauge, 'a')\n"
          "fails('at most 8', m.gauge, 'a', 'x', { 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i' })\n"
          "fails('a label is named', m.gauge, 'a', 'x', { 'le' })\n"
          "fails('a label is named', m.gauge, 'a', 'x', { 5 })\n"
          "fails('twice', m.gauge, 'a', 'x', { 'a', 'a' })\n"
          "fails('list of names', m.gauge, 'a', 'x', { a = 1 })\n"
          "fails('ascending', m.histogram, 'a', 'x', { 2, 1 })\n"
          "fails('ascending', m.histogram, 'a', 'x', { 0/0 })\n"
          "fails('1 to 32', m.histogram, 'a', 'x', {})\n"
          "fails('only grows', c.add, c, -1, { l = 1 })\n"
          "fails('must be finite', c.add, c, 1/0, { l = 1 })\n"
          "fails('has labels', c.add, c, 1)\n"
          "fails(\"label 'l' must be\", c.add, c, 1, {})\n"
          "fails(\"label 'l' must be\", c.add, c, 1, { l = {} })\n"
          "fails('must be UTF-8', c.add, c, 1, { l = '\\xff' })\n"
          "fails('not made with', c.add, c, 1, { l = 1, m = 2 })\n"
          "fails('not made with', g.set, g, 1, { l = 1 })\n"
          "fails('has no set', c.set, c, 1, { l = 1 })\n"
          "fails('has no add', h.add, h, 1)\n"
          "fails('has no observe', g.observe, g, 1)\n"
          "fails('number expected', g.set, g)\n"
          "fails('expected', g.set, event, 1)\n"
          "fails('no field', function() return g.value end)");
}

static void
combinations_of_labels_are_bounded(void **state)
{
    struct play *play = *state;

    start(play, "local c = hd1.metrics.counter('c', 'x', { 'who' })",
          "for i = 1, 150 do c:add(1, { who = i }) end\n"
          "for _ = 1, 2 do c:add(1, { who = ('\\u{fc}'):rep(500) }) c:add(1, { who = 3 }) end");
    expect_line(play, "hd1_x_a_c_total{who=\"100\"} 1", true);
    expect_line(play, "hd1_x_a_c_total{who=\"101\"} 1", false);
    expect_line(play, "hd1_x_a_c_total{who=\"3\"} 3", true);
    expect_line(play, "hd1_x_a_c_total{overflow=\"true\"} 52", true);
}

static void
a_long_value_is_cut_at_a_character(void **state)
{
    struct play *play = *state;
    struct buf line = BUF_INIT;

    start(play, "local c = hd1.metrics.counter('c', 'x', { 'who' })",
          "c:add(1, { who = 'a' .. ('\\u{fc}'):rep(500) })");
    buf_append_str(&line, "hd1_x_a_c_total{who=\"a");
    for (int i = 0; i < 63; i++)
        buf_append_str(&line, "\xc3\xbc");
    buf_append_str(&line, "\"} 1");
    expect_line(play, buf_cstr(&line), true);
    buf_fini(&line);
}

static void
metrics_of_a_plugin_are_bounded(void **state)
{
    struct play *play = *state;

    start(play, "",
          "for i = 1, 50 do hd1.metrics.gauge('g' .. i, 'x'):set(i) end\n"
          "fails('at most 50', hd1.metrics.gauge, 'more', 'x')\n"
          "hd1.metrics.gauge('g7', 'x'):set(77)");
    expect_line(play, "hd1_x_a_g7 77", true);
}

static void
they_count_what_was_tried(void **state)
{
    struct play *play = *state;

    start(play, "local c = hd1.metrics.counter('c', 'x')",
          "c:add() local name = event.data.object.name\n"
          "if name == 'bad' then error('boom') end\n"
          "if name == 'no' then return hd1.reject{ code = 'no' } end");
    play_expect_post(play, "bad", "plugin_failed");
    play_expect_post(play, "no", "no");
    expect_line(play, "hd1_x_a_c_total 3", true);
}

/* What a reload does: the same plugins once more, beside the old ones. */
static void
values_are_carried_by_name(void **state)
{
    struct play *play = *state;
    struct plugins *old;

    start(play,
          "local c = hd1.metrics.counter('c', 'x', { 'who' })\n"
          "local g = hd1.metrics.gauge('g', 'x')\n"
          "local h = hd1.metrics.histogram('h', 'x', { 1, 2 })",
          "g:set(7) h:observe(1.5) for i = 1, 101 do c:add(i, { who = i }) end");
    old = play->plugins;
    play->entry_count = 0;
    play_add_hook(play,
                  "hd1.metrics.counter('c', 'y', { 'who' })\n"
                  "hd1.metrics.gauge('g', 'x', { 'now_with_a_label' })\n"
                  "hd1.metrics.histogram('h', 'x', { 1, 2 })\n"
                  "hd1.metrics.gauge('more', 'x')",
                  "");
    play_start(play);
    own_metrics_carry(play->plugins->items[0], old->items[0]);
    plugins_free(old);
    expect_line(play, "hd1_x_a_c_total{who=\"100\"} 100", true);
    expect_line(play, "hd1_x_a_c_total{overflow=\"true\"} 101", true);
    expect_line(play, "hd1_x_a_h_bucket{le=\"2\"} 1", true);
    expect_line(play, "hd1_x_a_h_sum 1.5", true);
    expect_line(play, "hd1_x_a_g 7", false); /* it is another one now */
}

int
main(void)
{
#define PLAY_TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)
    const struct CMUnitTest tests[] = {
        PLAY_TEST(metrics_are_exported_under_the_plugins_name),
        PLAY_TEST(asked_for_again_it_is_the_same),
        PLAY_TEST(names_of_two_plugins_do_not_clash),
        PLAY_TEST(misuse_is_told),
        PLAY_TEST(combinations_of_labels_are_bounded),
        PLAY_TEST(a_long_value_is_cut_at_a_character),
        PLAY_TEST(metrics_of_a_plugin_are_bounded),
        PLAY_TEST(they_count_what_was_tried),
        PLAY_TEST(values_are_carried_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
