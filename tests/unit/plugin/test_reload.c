/* A new generation of plugins: loaded beside the one that runs, exchanged, or without a trace. */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "plugin/play.h"

#include "plugin/folder.h"

#include <stdio.h>
#include <string.h>

#define SAID "{\"type\":\"said\",\"data\":{\"n\":%d}}"
#define EVENTS(lane) "events = { said = { doc = 'words', lane = '" lane "' } },"

/* The text of plugin a in that version, with those event types and that setup. */
static const char *
version(const char *number, const char *events, const char *setup)
{
    static char text[2048];

    snprintf(text, sizeof(text),
             "return { name = 'a', version = '%s', api = 1, %s\n"
             "setup = function(hd1, config)\n%s\nend }",
             number, events, setup);
    return text;
}

static void
begin(struct play *play, const char *events, const char *setup)
{
    play_add(play, "a", NULL, version("1", events, setup));
    play_start(play);
    scene_create(play->scene, "demo");
}

static void
rewrite(struct play *play, const char *events, const char *setup)
{
    folder_write(play->path, "a.lua", version("2", events, setup));
}

static void
expect_reload(struct play *play)
{
    if (play_reload(play) != 0)
        fail_msg("%s", buf_cstr(&play->why));
}

static void
expect_no_reload(struct play *play, const char *part)
{
    assert_int_not_equal(play_reload(play), 0);
    if (!strstr(buf_cstr(&play->why), part))
        fail_msg("expected \"%s\" in: %s", part, buf_cstr(&play->why));
}

/* Says something over REST; the refusal's code, "" if accepted; its n when all had their say.
 */
static const char *
say(struct play *play, int n, int64_t *became)
{
    static char code[48];
    struct rest_answer answer = {0};

    snprintf(code, sizeof(code), "%s", scene_post(play->scene, "demo", &answer, SAID, n));
    if (became)
        *became = code[0] ? -1 : message_int(buf_span(&answer.result), "n");
    buf_fini(&answer.result);
    return code;
}

static const struct event_type *
type_of(struct play *play)
{
    return event_types_find(hub_types(play->scene->hub), SPAN("said"));
}

#define PATCH(n) "return { before_event = { said = function() return hd1.patch{ n = " n " } end } }"

/* --- the exchange --- */

static void
the_new_generation_answers_and_the_handle_stays(void **state)
{
    struct play *play = *state;
    const struct plugins *plugins;
    int64_t n;

    begin(play, EVENTS("durable"), PATCH("1"));
    plugins = play->plugins;
    assert_string_equal(say(play, 0, &n), "");
    assert_int_equal(n, 1);
    rewrite(play, EVENTS("durable"), PATCH("2"));
    expect_reload(play);
    assert_ptr_equal(play->plugins, plugins);
    assert_int_equal(plugins_generation(plugins), 2);
    assert_string_equal(say(play, 0, &n), "");
    assert_int_equal(n, 2);
}

static void
what_does_not_load_leaves_no_trace(void **state)
{
    struct play *play = *state;
    int64_t n;

    begin(play, "", "return {}");
    play_add(play, "b", NULL, "return 7");
    rewrite(play, EVENTS("durable"),
            "hd1.emit{ type = 'said', session_id = 'demo', data = {} } return {}");
    expect_no_reload(play, "/b.lua:1: must return a table");
    assert_null(type_of(play));
    assert_int_equal(hub_emit_count(play->scene->hub), 0);
    assert_int_equal(plugins_generation(play->plugins), 1);
    assert_string_equal(say(play, 0, &n), "unknown_type");
    play->entry_count = 1;
    expect_reload(play);
    assert_int_equal(hub_emit_count(play->scene->hub), 1);
    scene_settle(play->scene);
    assert_string_equal(say(play, 0, &n), "");
}

static void
an_abandoned_generation_leaves_no_trace(void **state)
{
    struct play *play = *state;
    struct plugins_options options = {.path = play->path};
    struct plugins *next;
    int64_t n;

    begin(play, EVENTS("durable"), PATCH("1"));
    rewrite(play, "", "hd1.emit{ type = 'object_created', session_id = 'demo' } return {}");
    options.entries = play->entries;
    options.entry_count = play->entry_count;
    assert_int_equal(plugins_prepare(play->plugins, &next, &options, &play->why), 0);
    plugins_free(next);
    assert_int_equal(hub_emit_count(play->scene->hub), 0);
    assert_string_equal(say(play, 0, &n), "");
    assert_int_equal(n, 1);
}

static void
what_was_emitted_before_goes_out_also_if_its_plugin_is_gone(void **state)
{
    struct play *play = *state;
    struct conn *conn;

    play_add_setup(play, "b",
                   "return { after_event = { said = function() "
                   "hd1.emit{ type = 'object_created', data = { object = { "
                   "name = 'x', type = 'cube' } } } end } }");
    begin(play, EVENTS("durable"), "return {}");
    conn = conn_join_quietly(play->scene, "demo");
    conn_send(play->scene, conn, "{\"type\":\"said\",\"data\":{\"session_id\":\"demo\"}}");
    while (hub_emit_count(play->scene->hub) == 0) {
        scene_deliver(play->scene, 10);
        scene_round(play->scene);
    }
    play->entries[0] = play->entries[1]; /* b goes */
    play->entry_count = 1;
    expect_reload(play);
    scene_settle(play->scene);
    conn_expect_seq(conn, "said", 2);
    conn_expect_seq(conn, "object_created", 3);
    conn_close(play->scene, conn);
}

/* --- state --- */

#define KEEPER                                                                                     \
    "local n = 0 return { before_event = { said = function() n = n + 1 "                           \
    "return hd1.patch{ n = n } end },\n"                                                           \
    "save = function() %s end,\n restore = function(state, version) %s end }"

static const char *
keeper(const char *save, const char *restore)
{
    static char text[1024];

    snprintf(text, sizeof(text), KEEPER, save, restore);
    return text;
}

static void
state_is_handed_over_with_the_old_version(void **state)
{
    struct play *play = *state;
    int64_t n;

    begin(play, EVENTS("durable"), keeper("return { n = n, list = {}, none = hd1.json.null }", ""));
    say(play, 0, NULL);
    say(play, 0, NULL);
    rewrite(play, EVENTS("durable"),
            keeper("return nil", "assert(version == '1') assert(#state.list == 0) "
                                 "assert(state.none == hd1.json.null) n = state.n"));
    expect_reload(play);
    say(play, 0, &n);
    assert_int_equal(n, 3);
    expect_reload(play); /* nil: restore, which would fail, is not called */
    say(play, 0, &n);
    assert_int_equal(n, 1);
}

static void
a_state_with_many_members_comes_back(void **state)
{
    struct play *play = *state;
    int64_t n;

    begin(
        play, EVENTS("durable"),
        keeper("local t = {} for i = 1, 5000 do t['k' .. i] = i end return t", "n = state.k5000"));
    expect_reload(play);
    say(play, 0, &n);
    assert_int_equal(n, 5001);
}

static void
a_failing_save_or_restore_refuses(void **state)
{
    static const struct {
        const char *save, *restore, *part;
    } cases[] = {
        {"error('boom')", "", "/a.lua:4: boom\n"},
        {"return { print }", "", "/a.lua:4: what save returns cannot be kept: "},
        {"return { ('x'):rep(1000000), ('x'):rep(100000) }", "", "what save returns"},
        {"return n.n.n", "", "/a.lua:4: attempt to index"},
        {"while true do end", "", "the budget of"},
        {"return { n = n }", "error('boom')", "/a.lua:5: boom\n"},
    };
    struct play *play = *state;
    int64_t n;

    begin(play, EVENTS("durable"), keeper("return {}", ""));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        play->entry_count = 0;
        plugins_free(play->plugins);
        play_add(play, "a", NULL,
                 version("1", EVENTS("durable"), keeper(cases[i].save, cases[i].restore)));
        play_start(play);
        say(play, 0, NULL);
        rewrite(play, EVENTS("durable"), keeper("", cases[i].restore));
        expect_no_reload(play, cases[i].part);
        assert_string_equal(say(play, 0, &n), "");
        assert_int_equal(n, 2);
    }
}

static void
counters_go_on_and_the_breaker_does_not(void **state)
{
    struct play *play = *state;
    struct buf out = BUF_INIT;

    begin(play, EVENTS("durable"), "return { before_event = { said = function() error() end } }");
    for (int i = 0; i < 20; i++)
        assert_string_equal(say(play, 0, NULL), "plugin_failed");
    assert_string_equal(say(play, 0, NULL), "plugin_unavailable");
    rewrite(play, EVENTS("durable"), PATCH("5"));
    expect_reload(play);
    assert_string_equal(say(play, 0, NULL), "");
    plugins_append_metrics(play->plugins, &out);
    assert_non_null(
        strstr(buf_cstr(&out), "hd1_plugin_calls_total{plugin=\"a\",hook=\"before_event\"} 21\n"));
    assert_non_null(strstr(out.data, "hd1_plugin_errors_total{plugin=\"a\",hook=\"before_event\"} "
                                     "20\n"));
    assert_non_null(strstr(out.data, "hd1_plugin_generation 2\n"));
    buf_fini(&out);
}

static void
one_who_rests_is_asked_to_save_all_the_same(void **state)
{
    struct play *play = *state;
    int64_t n;

    begin(play, EVENTS("durable"),
          "return { before_event = { said = function() error() end }, "
          "save = function() return { n = 7 } end, restore = function() end }");
    for (int i = 0; i < 21; i++)
        say(play, 0, NULL);
    rewrite(play, EVENTS("durable"), keeper("", "n = state.n"));
    expect_reload(play);
    say(play, 0, &n);
    assert_int_equal(n, 8);
}

/* --- types while events of them are on their way --- */

static void
pending_events_of_a_type_survive_what_a_reload_makes_of_it(void **state)
{
    static const char *const futures[] = {EVENTS("volatile"), "", EVENTS("durable")};
    struct play *play = *state;
    struct conn *conn;
    int64_t seq = 2;

    begin(play, EVENTS("durable"), "return { after_event = function() end }");
    conn = conn_join_quietly(play->scene, "demo");
    for (size_t i = 0; i < sizeof(futures) / sizeof(futures[0]); i++) {
        const struct event_type *type = type_of(play);

        play->scene->is_store_held = 1;
        for (int k = 0; k < 3; k++)
            conn_send(play->scene, conn, "{\"type\":\"said\",\"data\":{\"session_id\":\"demo\"}}");
        scene_round(play->scene);
        rewrite(play, futures[i],
                "return { after_event = function(event) "
                "assert(#event.type > 0) end }");
        expect_reload(play);
        play->scene->is_store_held = 0;
        scene_settle(play->scene);
        for (int k = 0; k < 3; k++)
            conn_expect_seq(conn, "said", seq++);
        rewrite(play, EVENTS("durable"), "return { after_event = function() end }");
        expect_reload(play);
        assert_ptr_equal(type_of(play), type);
    }
    conn_close(play->scene, conn);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_new_generation_answers_and_the_handle_stays),
        TEST(what_does_not_load_leaves_no_trace),
        TEST(an_abandoned_generation_leaves_no_trace),
        TEST(what_was_emitted_before_goes_out_also_if_its_plugin_is_gone),
        TEST(state_is_handed_over_with_the_old_version),
        TEST(a_state_with_many_members_comes_back),
        TEST(a_failing_save_or_restore_refuses),
        TEST(counters_go_on_and_the_breaker_does_not),
        TEST(one_who_rests_is_asked_to_save_all_the_same),
        TEST(pending_events_of_a_type_survive_what_a_reload_makes_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
