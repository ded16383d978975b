/* What a hook sees: the event, its session, its client; and for how long. */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "plugin/hooking.h"

#include <stdio.h>

#define SEEN "return hd1.reject{ code = 'seen', details = { "

static void
an_event_shows_its_fields(void **state)
{
    struct play *play = *state;
    struct conn *conn;
    struct span error;

    scene_create(play->scene, "demo");
    play_add_setup(
        play, "a",
        "return { before_event = { object_created = function(event, client) "
        "assert(event.client == client) assert(event.data == event.data) "
        "assert(event.seq == nil) assert(not pcall(function() event.x = 1 end)) "
        "assert(getmetatable(event) == false) assert(getmetatable(client) == false) "
        "assert(not pcall(setmetatable, event, {})) "
        "assert(event.session.object_count == 0) assert(event.session.client_count == 1) "
        "assert(event.session:object('a') == nil) "
        "assert(event.session.world.size == event.session.world.size) "
        "assert(client.kind == 'ws') assert(client.is_gone == false) " SEEN
        "type = event.type, source = event.source, id = event.id, "
        "session_id = event.session_id, session = event.session.id, "
        "x = event.data.object.x, whole = math.type(event.data.object.x) } } end } }");
    play_start(play);
    conn = conn_join(play->scene, "demo");
    conn_send(play->scene, conn, OBJECT);
    scene_settle(play->scene);
    error = conn_skip_to(conn, "error");
    assert_true(message_is(error, "data.code", "seen"));
    assert_true(message_is(error, "data.details.type", "object_created"));
    assert_true(message_is(error, "data.details.source", "ws"));
    assert_true(message_is(error, "data.details.session", "demo"));
    assert_true(message_is(error, "data.details.session_id", "demo"));
    assert_true(message_is(error, "data.details.whole", "integer"));
    assert_int_equal(message_int(error, "data.details.id"), 7);
    assert_int_equal(message_int(error, "data.details.x"), 1);
    conn_close(play->scene, conn);
}

static void
the_worlds_table_follows_its_changes(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_setup(
        play, "a",
        "return { before_event = { object_created = function(event) "
        "return hd1.reject{ code = 'c' .. tostring(event.session.world.color) } end } }");
    play_start(play);
    play_expect_event(play, REST_OBJECT("a"), "cnil");
    play_expect_event(play, "{\"type\":\"world_updated\",\"data\":{\"world\":{\"color\":\"red\"}}}",
                      "");
    play_expect_event(play, REST_OBJECT("a"), "cred");
    play_expect_event(play, REST_OBJECT("a"), "cred");
    play_expect_event(play,
                      "{\"type\":\"world_updated\",\"data\":{\"world\":{\"color\":\"blue\"}}}", "");
    play_expect_event(play, REST_OBJECT("a"), "cblue");
}

static void
objects_can_be_looked_up(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_expect_event(play, REST_OBJECT("a"), "");
    play_add_setup(play, "p",
                   "return { before_event = { object_created = function(event) "
                   "local object = event.session:object('a') "
                   "assert(event.session.object_count == 1 and object.version > 0) "
                   "return hd1.reject{ code = object.type } end } }");
    play_start(play);
    play_expect_event(play, REST_OBJECT("b"), "cube");
}

static void
event_and_session_are_gone_after_the_hook(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_setup(play, "a",
                   "local event, session, message "
                   "return { before_message = function(client, m) message = message or m "
                   "  if session then assert(not pcall(function() return session.id end)) "
                   "    assert(not pcall(function() return event.type end)) "
                   "    return hd1.reject{ code = 'gone' } end end, "
                   "before_event = { object_created = function(e) event, session = e, e.session "
                   "  assert(not pcall(function() return message.type end)) end } }");
    play_start(play);
    play_expect_event(play, REST_OBJECT("a"), "");
    play_expect_event(play, REST_OBJECT("b"), "gone");
}

static void
a_session_kept_from_an_earlier_hook_is_never_another_one(void **state)
{
    struct play *play = *state;
    struct rest_answer answer = {0};

    scene_create(play->scene, "demo");
    scene_create(play->scene, "other");
    play_add_setup(play, "a",
                   "local kept return { before_event = { object_created = function(event) "
                   "local good, id = pcall(function() return kept.id end) "
                   "kept = kept or event.session "
                   "return hd1.reject{ code = good and id or 'gone', "
                   "message = event.session.id } end } }");
    play_start(play);
    play_expect_event(play, REST_OBJECT("a"), "gone");
    assert_string_equal(scene_post(play->scene, "other", &answer, REST_OBJECT("a")), "gone");
    buf_fini(&answer.result);
}

static void
a_world_is_one_table_until_it_changes(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_setup(play, "a",
                   "local last return { before_event = { object_created = function(event) "
                   "local is_same = last == event.session.world last = event.session.world "
                   "return hd1.reject{ code = is_same and 'same' or 'new' } end } }");
    play_start(play);
    play_expect_event(play, REST_OBJECT("a"), "new");
    play_expect_event(play, REST_OBJECT("a"), "same");
    play_expect_event(play, "{\"type\":\"world_updated\",\"data\":{\"world\":{\"color\":\"red\"}}}",
                      "");
    play_expect_event(play, REST_OBJECT("a"), "new");
    play_expect_event(play, REST_OBJECT("a"), "same");
}

static void
a_client_is_one_key_as_long_as_it_is_there_and_then_gone(void **state)
{
    struct play *play = *state;
    struct conn *one, *two;

    scene_create(play->scene, "demo");
    play_add_setup(
        play, "a",
        "local counts, left = {}, nil "
        "return { after_join = function(client, session) counts[client] = 0 end, "
        "after_leave = function(client, session) left = client assert(client.id) end, "
        "before_event = { object_created = function(event, client) "
        "if client.kind == 'rest' then "
        "  return hd1.reject{ code = left.is_gone and not pcall(function() return left.id "
        "end) and 'gone' or 'there' } end "
        "for i = 1, 20000 do local t = {} end "
        "counts[client] = counts[client] + 1 "
        "return hd1.reject{ code = 'n' .. counts[client] } end } }");
    play_start(play);
    one = conn_join(play->scene, "demo");
    two = conn_join(play->scene, "demo");
    scene_settle(play->scene);
    for (int i = 1; i <= 5; i++) {
        char code[8];

        snprintf(code, sizeof(code), "n%d", i);
        conn_send(play->scene, one, NEW_OBJECT);
        scene_settle(play->scene);
        assert_true(message_is(conn_skip_to(one, "error"), "data.code", code));
    }
    conn_send(play->scene, two, NEW_OBJECT);
    scene_settle(play->scene);
    assert_true(message_is(conn_skip_to(two, "error"), "data.code", "n1"));
    conn_close(play->scene, one);
    play_expect_event(play, REST_OBJECT("a"), "gone");
    conn_close(play->scene, two);
}

static void
many_clients_come_and_go(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_setup(play, "a",
                   "local seen = {} return { after_join = function(client) "
                   "seen[client] = client.id end }");
    play_start(play);
    for (int i = 0; i < 300; i++)
        conn_close(play->scene, conn_join(play->scene, "demo"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_shows_its_fields),
        TEST(the_worlds_table_follows_its_changes),
        TEST(objects_can_be_looked_up),
        TEST(event_and_session_are_gone_after_the_hook),
        TEST(a_session_kept_from_an_earlier_hook_is_never_another_one),
        TEST(a_world_is_one_table_until_it_changes),
        TEST(a_client_is_one_key_as_long_as_it_is_there_and_then_gone),
        TEST(many_clients_come_and_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
