/* What plugins hold outside of Lua, over a reload: sessions being opened, their store, metrics. */
#include "hub/conn.h"
#include "hub/rest.h"
#include "plugin/play.h"

#include "plugin/folder.h"

#include <stdio.h>
#include <string.h>

#define ON_CREATED(body) "before_event = { object_created = function() " body " end }"

/* Writes plugin a with that setup. */
static void
write(struct play *play, const char *setup)
{
    struct buf text = BUF_INIT;

    buf_appendf(&text,
                "return { name = 'a', version = '1', api = 1,\n"
                "setup = function(hd1)\n%s\nend }",
                setup);
    folder_write(play->path, "a.lua", buf_cstr(&text));
    buf_fini(&text);
}

static void
begin(struct play *play, const char *setup)
{
    play_add_setup(play, "a", "");
    write(play, setup);
    play_start(play);
    scene_create(play->scene, "demo");
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

#define OPENS                                                                                      \
    "local opened = 0 return { " ON_CREATED(                                                       \
        "hd1.open('no_such', function() opened = opened + 1 "                                      \
        "error('the old one') end)") ",\n"                                                         \
                                     "save = function() return { n = opened } end, "               \
                                     "restore = function(state) assert(state.n == 0) end }"

static void
who_waited_for_a_session_is_not_told_by_the_next_generation(void **state)
{
    static const bool is_begun[] = {false, true};
    struct play *play = *state;
    char name[8];

    begin(play, OPENS);
    for (size_t i = 0; i < 2; i++) {
        struct conn *conn = conn_join_quietly(play->scene, "demo");

        snprintf(name, sizeof(name), "n%zu", i);
        conn_send(play->scene, conn,
                  "{\"type\":\"object_created\",\"data\":{\"session_id\":\"demo\",\"object\":"
                  "{\"name\":\"%s\",\"type\":\"cube\"}}}",
                  name);
        if (is_begun[i])
            scene_round(play->scene); /* the store is asked now */
        expect_reload(play);
        scene_settle(play->scene);
        conn_close(play->scene, conn);
    }
    play_expect_described(play, "\"errors\":0,");
}

static void
a_refused_reload_opens_nothing(void **state)
{
    struct play *play = *state;

    begin(play, "return {}");
    write(play, "hd1.open('demo', function() error('opened') end) error('boom')");
    expect_no_reload(play, "boom");
    scene_settle(play->scene);
    write(play, "hd1.open('demo', function() hd1.metrics.gauge('seen', 'x'):set(1) end)");
    expect_reload(play);
    scene_settle(play->scene);
    play_expect_metric(play, "hd1_x_a_seen 1\n");
    play_expect_described(play, "\"errors\":0,");
}

#define KEEPS(restore)                                                                             \
    "return { " ON_CREATED(                                                                        \
        "hd1.store.put('k', (hd1.store.get('k') or 0) + 1)") ",\n"                                 \
                                                             "save = function() return {} end, "   \
                                                             "restore = function() " restore       \
                                                             " end }"

static void
the_store_goes_on_and_is_written_by_who_is_in_force(void **state)
{
    struct play *play = *state;

    begin(play, KEEPS(""));
    play_expect_post(play, "one", "");
    write(play, KEEPS("hd1.store.put('k', 100)"));
    expect_no_reload(play, "hd1.store can be read in setup and restore, not written");
    play_expect_post(play, "two", "");
    write(play, "assert(hd1.store.get('k') == 2) " KEEPS("assert(hd1.store.get('k') == 2)"));
    expect_reload(play);
    play_expect_post(play, "three", "");
    write(play, "assert(hd1.store.get('k') == 3)");
    expect_reload(play);
}

static void
metrics_of_its_own_go_on(void **state)
{
    struct play *play = *state;
    static const char counts[] = "local c = hd1.metrics.counter('c', 'x') c:add(0)\n"
                                 "return { " ON_CREATED("c:add()") " }";

    begin(play, counts);
    play_expect_post(play, "one", "");
    expect_reload(play);
    play_expect_metric(play, "hd1_x_a_c_total 1\n");
    write(play, "hd1.metrics.counter('c', 'x'):add(50) error('boom')");
    expect_no_reload(play, "boom");
    play_expect_post(play, "two", "");
    play_expect_metric(play, "hd1_x_a_c_total 2\n");
}

/* Its space is read while the old generation runs. */
static void
a_new_plugin_finds_what_it_kept_when_it_was_here_before(void **state)
{
    struct play *play = *state;

    begin(play, KEEPS(""));
    play_add_setup(play, "b", "assert(hd1.store.get('k') == nil)");
    play_expect_post(play, "one", "");
    expect_reload(play);
    play->entries[0] = play->entries[1];
    play->entry_count = 1;
    expect_reload(play);
    play->entry_count = 0;
    play_add_setup(play, "a", "assert(hd1.store.get('k') == 1)");
    expect_reload(play);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_waited_for_a_session_is_not_told_by_the_next_generation),
        TEST(a_refused_reload_opens_nothing),
        TEST(the_store_goes_on_and_is_written_by_who_is_in_force),
        TEST(metrics_of_its_own_go_on),
        TEST(a_new_plugin_finds_what_it_kept_when_it_was_here_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
