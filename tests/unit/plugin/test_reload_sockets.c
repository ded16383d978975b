/* A plugin's own WebSockets over a reload: they stay, and the new generation is told of them. */
#include "hub/rest.h"
#include "plugin/peer.h"

#include "plugin/folder.h"

#include <string.h>

/* Plugin a in that version: the endpoint's members, and what else there is. */
static void
write(struct play *play, const char *made, const char *endpoint, const char *more)
{
    struct buf text = BUF_INIT;

    buf_appendf(&text,
                "return { name = 'a', version = '1', api = 1, setup = function(hd1)\n"
                "local seen = {}\n%s\n"
                "return { sockets = { ['/ws/x/a'] = { %s } }, %s } end }",
                made, endpoint, more);
    folder_write(play->path, "a.lua", buf_cstr(&text));
    buf_fini(&text);
}

#define SAYS(what)                                                                                 \
    "message = function(socket, message) socket:send(" what " .. ' ' .. message) end,\n"
#define CONNECTS "connect = function(socket) seen[socket] = true socket:send('connect') end,\n"
#define RESUMES "resume = function(socket) seen[socket] = true socket:send('resume') end,\n"
#define SEEN "message = function(socket) socket:send(seen[socket] and 'seen' or 'unknown') end,\n"

static void
begin(struct play *play, const char *endpoint)
{
    play_add_setup(play, "a", "");
    write(play, "", endpoint, "");
    play_start(play);
    scene_create(play->scene, "demo");
}

static void
reload(struct play *play)
{
    if (play_reload(play) != 0)
        fail_msg("%s", buf_cstr(&play->why));
}

static void
the_connection_stays_and_is_the_new_generations(void **state)
{
    struct play *play = *state;
    struct peer *peer;

    begin(play, CONNECTS SAYS("'old'") "close = function() error('the old one') end");
    peer = peer_open(play);
    peer_expect(peer, "connect|");
    peer_say(peer, "one");
    peer_expect(peer, "old one|");
    write(play, "",
          CONNECTS SAYS("'new'") "close = function() hd1.emit{ type = 'object_created', "
                                 "session_id = 'demo', data = { object = { "
                                 "name = 'closed', type = 'it' } } } end",
          "");
    reload(play);
    assert_true(plugins_due_ms(play->plugins) == INT64_MAX); /* there is no resume */
    peer_expect(peer, "");
    peer_say(peer, "two");
    peer_expect(peer, "new two|");
    play_expect_described(play, "\"sockets\":[{\"path\":\"/ws/x/a\",\"open\":1}]");
    peer_end(peer);
    scene_settle(play->scene);
    play_expect_post(play, "closed", "object_exists");
    play_expect_described(play, "\"open\":0}");
}

static void
resume_tells_of_it_before_all_else(void **state)
{
    struct play *play = *state;
    struct peer *first, *second;

    begin(play, CONNECTS SEEN);
    first = peer_open(play);
    second = peer_open(play);
    write(play, "", RESUMES SEEN, "");
    reload(play);
    assert_true(plugins_due_ms(play->plugins) == INT64_MAX);
    peer_expect(first, "connect|resume|");
    peer_expect(second, "connect|resume|");
    peer_say(second, "");
    peer_expect(second, "seen|");
    reload(play);
    peer_expect(first, "resume|");
    peer_expect(second, "resume|");
    peer_end(first);
    peer_end(second);
}

/* What a plugin keeps by socket is handed over by its id, which stays. */
static void
state_is_found_again_by_the_id(void **state)
{
    struct play *play = *state;
    struct peer *peer;

    begin(play, SEEN);
    write(play, "local kept = {}",
          "connect = function(socket) seen[socket] = 0 end,\n"
          "resume = function(socket) seen[socket] = kept[socket.id] end,\n"
          "message = function(socket) seen[socket] = seen[socket] + 1 "
          "socket:send(seen[socket] .. socket.path .. socket.address) end,\n"
          "close = function(socket) assert(seen[socket]) end",
          "save = function() local ids = {} "
          "for socket, count in pairs(seen) do ids[socket.id] = count end return ids end,\n"
          "restore = function(ids) kept = ids end");
    reload(play);
    peer = peer_open(play);
    peer_say(peer, "");
    for (int i = 0; i < 3; i++) {
        reload(play);
        peer_say(peer, "");
    }
    peer_expect(peer, "1/ws/x/a192.0.2.7|2/ws/x/a192.0.2.7|3/ws/x/a192.0.2.7|4/ws/x/a192.0.2.7|");
    reload(play);
    peer_end(peer);
    play_expect_described(play, "\"errors\":0,");
    play_expect_metric(play, "hd1_plugin_calls_total{plugin=\"a\",hook=\"sockets\"} 10\n");
}

static void
who_is_not_served_any_more_is_told_to_come_back(void **state)
{
    struct play *play = *state;
    struct peer *peer;

    begin(play, SAYS("'old'"));
    for (int i = 0; i < 3; i++) {
        write(play, "", SAYS("'old'"), "");
        reload(play);
        peer = peer_open(play);
        if (i == 0)
            write(play, "", "subprotocol = 'other', " SAYS("'new'"), "");
        else if (i == 1)
            folder_write(play->path, "a.lua",
                         "return { name = 'a', version = '1', api = 1, setup = function() end }");
        else
            play->entry_count = 0;
        reload(play);
        peer_expect(peer, "1012 the plugin is replaced|");
        peer_say(peer, "still there?");
        peer_expect(peer, "");
        peer_end(peer);
    }
}

static void
a_refused_reload_changes_nothing(void **state)
{
    static const char *const faults[] = {"error('boom')", ""};
    struct play *play = *state;
    struct peer *peer;

    begin(play, SEEN);
    write(play, "", CONNECTS SEEN, "save = function() return {} end");
    reload(play);
    peer = peer_open(play);
    for (size_t i = 0; i < 2; i++) {
        write(play, faults[i], RESUMES SAYS("'new'"), "restore = function() error('boom') end");
        assert_int_not_equal(play_reload(play), 0);
        assert_true(plugins_due_ms(play->plugins) == INT64_MAX);
        peer_say(peer, "");
    }
    peer_expect(peer, "connect|seen|seen|");
    peer_end(peer);
}

static void
a_resume_that_fails_ends_its_own_connection(void **state)
{
    struct play *play = *state;
    struct peer *first, *second;

    begin(play, SEEN);
    first = peer_open(play);
    second = peer_open(play);
    write(play, "local n = 0",
          "resume = function(socket) socket:send('hi') n = n + 1 assert(n > 1) end,\n" SAYS("n"),
          "");
    reload(play);
    peer_expect(first, "1011 the plugin failed|");
    peer_expect(second, "hi|");
    peer_say(second, "!");
    peer_expect(second, "2 !|");
    peer_end(first);
    peer_end(second);
}

/* What the old generation sent and what the new one sends come in their order. */
static void
what_waits_for_the_disk_goes_first(void **state)
{
    struct play *play = *state;
    struct rest_answer event = {0};
    struct peer *peer;

    begin(play, SAYS("hd1.session('demo').object_count"));
    peer = peer_open(play);
    play->scene->is_store_held = 1;
    rest_send(play->scene, "demo", &event,
              "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"a\",\"type\":"
              "\"cube\"}}}");
    peer_say(peer, "old");
    write(play, "", RESUMES SAYS("'new'"), "");
    reload(play);
    peer_say(peer, "new");
    peer_expect(peer, "");
    play->scene->is_store_held = 0;
    assert_string_equal(rest_await(play->scene, &event), "");
    peer_expect(peer, "1 old|resume|new new|");
    rest_fini(&event);
    peer_end(peer);
}

#define MANY 200

/* Each call takes 1 ms here; 50 ms are given at once, then slices of 4 ms. Whoever says something
 * meanwhile, comes or goes, is in nobody's way. */
static void
many_are_told_in_slices(void **state)
{
    struct play *play = *state;
    struct peer *peers[MANY], *late;
    int turns = 0;

    begin(play, SEEN);
    for (int i = 0; i < MANY; i++)
        peers[i] = peer_open(play);
    write(play, "", CONNECTS RESUMES SEEN, "");
    play->step_ms = 1;
    reload(play);
    play->step_ms = 0;
    peer_say(peers[MANY - 1], "");
    peer_expect(peers[MANY - 1], "resume|seen|");
    peer_end(peers[MANY / 2]);
    late = peer_open(play);
    while (plugins_due_ms(play->plugins) <= play->mono_ms && turns++ < MANY) {
        play->mono_ms += 1000; /* its share of CPU is no matter here */
        play->step_ms = 1;
        plugins_run_due(play->plugins);
        play->step_ms = 0;
    }
    assert_in_range(turns, 5, MANY - 1);
    peer_expect(late, "connect|");
    peer_expect(peers[MANY - 1], "");
    for (int i = 0; i < MANY - 1; i++)
        if (i != MANY / 2)
            peer_expect(peers[i], "resume|");
}

/* Its first call takes more than its share of a second. */
static void
who_may_not_run_is_told_later(void **state)
{
    struct play *play = *state;
    struct peer *first, *second;

    begin(play, SEEN);
    first = peer_open(play);
    second = peer_open(play);
    write(play, "", RESUMES SEEN, "");
    play->entries[0].options = SPAN("{\"cpu_share\":0.1}");
    play->step_ms = 120;
    reload(play);
    play->step_ms = 0;
    plugins_run_due(play->plugins);
    peer_expect(first, "resume|");
    peer_expect(second, "");
    assert_in_range(plugins_due_ms(play->plugins), play->mono_ms + 1, play->mono_ms + 10000);
    for (int i = 0; i < 10; i++)
        play_pass(play, 500);
    peer_expect(first, "");
    peer_expect(second, "resume|");
    peer_end(first);
    peer_end(second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_connection_stays_and_is_the_new_generations),
        TEST(resume_tells_of_it_before_all_else),
        TEST(state_is_found_again_by_the_id),
        TEST(who_is_not_served_any_more_is_told_to_come_back),
        TEST(a_refused_reload_changes_nothing),
        TEST(a_resume_that_fails_ends_its_own_connection),
        TEST(what_waits_for_the_disk_goes_first),
        TEST(many_are_told_in_slices),
        TEST(who_may_not_run_is_told_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
