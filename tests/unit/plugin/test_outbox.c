/* What a plugin sends to its own sockets: when it goes out, in which order, and when it does not.
 */
#include "hub/rest.h"
#include "plugin/peer.h"

#include <stdio.h>
#include <string.h>

/* Plugin a has one endpoint; `message` is the body of (socket, message), `hooks` what else there
 * is. */
static void
start(struct play *play, const char *message, const char *hooks)
{
    struct buf body = BUF_INIT;

    buf_appendf(&body,
                "local open = {}\n"
                "local function all(text) for socket in pairs(open) do socket:send(text) end end\n"
                "return { sockets = { ['/ws/x/a'] = {\n"
                "connect = function(socket) open[socket] = true end,\n"
                "close = function(socket) open[socket] = nil end,\n"
                "message = function(socket, message) %s end } }, %s }",
                message, hooks);
    play_add_setup(play, "a", buf_cstr(&body));
    buf_fini(&body);
}

static struct peer *
play(struct play *play)
{
    play_start(play);
    scene_create(play->scene, "demo");
    return peer_open(play);
}

/* An event that does not get to the disk, for the store is held. */
static void
begin_event(struct play *play, struct rest_answer *answer, const char *name)
{
    *answer = (struct rest_answer){0};
    play->scene->is_store_held = 1;
    rest_send(play->scene, "demo", answer,
              "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"%s\",\"type\":"
              "\"cube\"}}}",
              name);
    scene_round(play->scene);
    scene_round(play->scene);
}

static void
end_event(struct play *play, struct rest_answer *answer, const char *code)
{
    play->scene->is_store_held = 0;
    assert_string_equal(rest_await(play->scene, answer), code);
    rest_fini(answer);
}

#define COUNT_OF_DEMO "hd1.session('demo').object_count .. ''"

static void
an_echo_goes_at_once_and_what_tells_of_a_session_when_that_is_on_disk(void **state)
{
    struct rest_answer event;
    struct peer *peer;

    start(*state, "socket:send(message == 'count' and " COUNT_OF_DEMO " or message)", "");
    peer = play(*state);
    peer_say(peer, "count");
    peer_expect(peer, "0|");
    begin_event(*state, &event, "a");
    peer_say(peer, "one");
    peer_expect(peer, "one|");
    peer_say(peer, "count");
    peer_say(peer, "two"); /* behind it */
    scene_round(((struct play *)*state)->scene);
    peer_expect(peer, "");
    end_event(*state, &event, "");
    peer_expect(peer, "1|two|");
    begin_event(*state, &event, "b");
    peer_say(peer, "count");
    peer_say(peer, "three");
    scene_fail(((struct play *)*state)->scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    end_event(*state, &event, "storage_full");
    peer_expect(peer, "three|"); /* there never were two */
    peer_end(peer);
}

#define RELAYS                                                                                     \
    "before_event = { ['object_*'] = function(event) all(event.data.name or "                      \
    "event.data.object.name) end }"

static void
what_before_event_sends_goes_with_the_event(void **state)
{
    struct rest_answer event;
    struct peer *peer;

    start(*state, "", RELAYS);
    play_add_setup(*state, "b",
                   "return { before_event = { object_created = function(event) "
                   "if event.data.object.name == 'no' then return hd1.reject{ code = 'no' } end "
                   "end } }");
    peer = play(*state);
    play_expect_post(*state, "a", "");
    peer_expect(peer, "a|");
    play_expect_post(*state, "no", "no");
    play_expect_post(*state, "a", "object_exists");
    peer_expect(peer, "");
    begin_event(*state, &event, "b");
    peer_expect(peer, "");
    end_event(*state, &event, "");
    peer_expect(peer, "b|");
    scene_fail(((struct play *)*state)->scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    play_expect_post(*state, "c", "storage_full");
    peer_expect(peer, "");
    peer_end(peer);
}

static void
of_a_volatile_event_it_goes_at_the_end_of_the_round(void **state)
{
    struct play *here = *state;
    struct rest_answer event, moved = {0};
    struct peer *peer;

    start(here, "", RELAYS);
    peer = play(here);
    play_expect_post(here, "a", "");
    begin_event(here, &event, "b");
    peer_expect(peer, "a|");
    rest_send(here->scene, "demo", &moved,
              "{\"type\":\"object_moved\",\"data\":{\"name\":\"a\",\"x\":1,\"y\":0,\"z\":0}}");
    peer_expect(peer, "");
    scene_round(here->scene);
    peer_expect(peer, ""); /* behind what waits */
    end_event(here, &event, "");
    assert_string_equal(rest_await(here->scene, &moved), "");
    peer_expect(peer, "b|a|");
    rest_fini(&moved);
    peer_end(peer);
    peer = peer_open(here);
    begin_event(here, &event, "no_socket_hears");
    peer_end(peer);
    peer = peer_open(here);
    rest_send(here->scene, "demo", &moved,
              "{\"type\":\"object_moved\",\"data\":{\"name\":\"a\",\"x\":1,\"y\":0,\"z\":0}}");
    scene_round(here->scene);
    peer_expect(peer, "a|");
    end_event(here, &event, "");
    rest_await(here->scene, &moved);
    rest_fini(&moved);
    peer_expect(peer, "");
    peer_end(peer);
}

static void
what_it_keeps_and_emits_is_waited_for(void **state)
{
    struct play *here = *state;
    struct peer *peer;

    start(here,
          "if message == 'keep' then hd1.store.put('n', 1) socket:send('kept')\n"
          "elseif message == 'emit' then socket:send('made') hd1.emit{ type = 'object_created',"
          " session_id = 'demo', data = { object = { name = 'x', type = 'cube' } } }\n"
          "else socket:send(message) end",
          "");
    peer = play(here);
    here->scene->is_store_held = 1;
    peer_say(peer, "keep");
    peer_say(peer, "emit");
    scene_round(here->scene);
    scene_round(here->scene);
    peer_expect(peer, "");
    here->scene->is_store_held = 0;
    scene_settle(here->scene);
    peer_expect(peer, "kept|made|");
    scene_fail(here->scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    peer_say(peer, "keep");
    peer_say(peer, "echo");
    scene_settle(here->scene);
    peer_expect(peer, "echo|");
    peer_end(peer);
}

/* Also that it is there at all. */
static void
what_it_opens_is_waited_for(void **state)
{
    struct play *here = *state;
    struct rest_answer made = {0};
    struct peer *peer;

    start(here, "hd1.open('new', function(session, _, code) socket:send(code or session.id) end)",
          "");
    peer = play(here);
    peer_say(peer, "");
    scene_settle(here->scene);
    peer_expect(peer, "unknown_session|");
    here->scene->is_store_held = 1;
    rest_send(here->scene, NULL, &made,
              "{\"type\":\"session_created\",\"data\":{\"session_id\":\"new\"}}");
    scene_round(here->scene);
    peer_say(peer, "");
    scene_round(here->scene);
    scene_round(here->scene);
    peer_expect(peer, "");
    end_event(here, &made, "");
    peer_expect(peer, "new|");
    peer_end(peer);
}

static void
a_call_that_fails_has_sent_and_closed_nothing(void **state)
{
    struct peer *peer, *other;

    start(*state,
          "all(message) if message == 'close' then all('more') socket:close() "
          "for other in pairs(open) do other:close() end end "
          "if message ~= 'fine' then error('boom') end",
          "");
    peer = play(*state);
    other = peer_open(*state);
    peer_say(peer, "fine");
    peer_expect(peer, "fine|");
    peer_expect(other, "fine|");
    peer_say(peer, "close");
    peer_expect(peer, "1011 the plugin failed|");
    peer_expect(other, "");
    peer_say(other, "fine");
    peer_expect(other, "fine|");
    peer_end(peer);
    peer_end(other);
}

/* Also behind what waits. */
static void
a_close_that_is_dropped_leaves_it_open(void **state)
{
    struct play *here = *state;
    struct rest_answer event, refused = {0};
    struct peer *peer;

    start(here, "assert(socket:send(message == 'count' and " COUNT_OF_DEMO " or message))",
          "before_event = { object_created = function(event) "
          "if event.data.object.name ~= 'no' then return end "
          "for socket in pairs(open) do socket:close() end return hd1.reject{ code = 'no' } end }");
    peer = play(here);
    begin_event(here, &event, "a");
    peer_say(peer, "count");
    rest_send(here->scene, "demo", &refused,
              "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"no\",\"type\":"
              "\"cube\"}}}");
    peer_say(peer, "on");
    peer_expect(peer, "");
    end_event(here, &event, "");
    assert_string_equal(rest_await(here->scene, &refused), "no");
    rest_fini(&refused);
    peer_expect(peer, "1|on|");
    peer_end(peer);
}

static void
closing_is_told_apart_from_being_slow(void **state)
{
    struct peer *peer;

    start(*state,
          "socket:send('one') socket:close(4001, 'why') socket:close(4002)\n"
          "local ok, why, code = socket:send('two') assert(not ok and #why > 0)\n"
          "assert(code == 'closed', code)",
          "");
    peer = play(*state);
    peer_say(peer, "go");
    peer_expect(peer, "one|4001 why|");
    peer_say(peer, "go on");
    peer_expect(peer, "");
    peer_end(peer);
    play_expect_described(*state, "\"errors\":0,");
}

static void
who_is_slow_is_closed(void **state)
{
    struct peer *peer;

    start(*state, "assert(select(3, socket:send('one')) == 'slow')", "");
    peer = play(*state);
    peer->is_slow = true;
    peer_say(peer, "go");
    peer_expect(peer, "4008 slow|");
    peer_end(peer);
    play_expect_described(*state, "\"errors\":0,");
}

static void
what_waits_is_bounded(void **state)
{
    struct play *here = *state;
    struct rest_answer event;
    struct peer *peer, *other;

    start(here,
          "local count, text = hd1.session('demo').object_count, ('x'):rep(1000)\n"
          "local sent = 0 while socket:send(text) do sent = sent + 1 end\n"
          "assert(select(3, socket:send(text)) == 'too_many')\n"
          "socket:close(4000, sent .. ' of them')",
          "");
    peer = play(here);
    other = peer_open(here);
    begin_event(here, &event, "a");
    peer_say(peer, "go");
    peer_say(other, "go");
    end_event(here, &event, "");
    assert_in_range(peer->heard.len, 700 * 1000, 1200 * 1000); /* queue_bytes: 1 MiB */
    assert_int_equal(peer->heard.len, other->heard.len);
    assert_true(peer->is_closed);
    peer_end(peer);
    peer_end(other);
    play_expect_described(here, "\"errors\":0,");
}

static void
a_socket_and_a_plugin_may_go_while_something_waits(void **state)
{
    struct play *here = *state;
    struct rest_answer event;
    struct peer *peer, *other;

    start(here, "all(" COUNT_OF_DEMO ") all(message)", "");
    peer = play(here);
    other = peer_open(here);
    begin_event(here, &event, "a");
    peer_say(peer, "bye");
    peer_end(peer);
    here->entry_count = 0;
    assert_int_equal(play_reload(here), 0);
    peer_expect(other, "");
    end_event(here, &event, "");
    peer_expect(other, "1|bye|1012 the plugin is replaced|");
    peer_end(other);
}

static void
ticks_and_timers_send_what_they_know(void **state)
{
    struct play *here = *state;
    struct rest_answer event;
    struct peer *peer;

    start(here,
          "hd1.after(0.1, function() all('later') end) "
          "hd1.after(0.2, function() all(" COUNT_OF_DEMO ") end) "
          "hd1.after(0.3, function() all('never') error('boom') end)",
          "");
    peer = play(here);
    peer_say(peer, "go");
    begin_event(here, &event, "a");
    here->mono_ms += 100;
    plugins_run_due(here->plugins);
    peer_expect(peer, "later|");
    here->mono_ms += 100;
    plugins_run_due(here->plugins);
    peer_expect(peer, "");
    here->mono_ms += 100;
    plugins_run_due(here->plugins);
    end_event(here, &event, "");
    peer_expect(peer, "1|");
    peer_end(peer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_echo_goes_at_once_and_what_tells_of_a_session_when_that_is_on_disk),
        TEST(what_before_event_sends_goes_with_the_event),
        TEST(of_a_volatile_event_it_goes_at_the_end_of_the_round),
        TEST(what_it_keeps_and_emits_is_waited_for),
        TEST(what_it_opens_is_waited_for),
        TEST(a_call_that_fails_has_sent_and_closed_nothing),
        TEST(a_close_that_is_dropped_leaves_it_open),
        TEST(closing_is_told_apart_from_being_slow),
        TEST(who_is_slow_is_closed),
        TEST(what_waits_is_bounded),
        TEST(a_socket_and_a_plugin_may_go_while_something_waits),
        TEST(ticks_and_timers_send_what_they_know),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
