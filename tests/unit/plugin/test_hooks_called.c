/* Which hooks are called for what, and in which order. */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "plugin/hooking.h"

#include <string.h>

static void
order_is_the_configurations_and_the_first_refusal_decides(void **state)
{
    struct play *play = *state;

    play_add_setup(play, "z",
                   "return { before_event = { object_created = function(event) "
                   "return hd1.patch{ object = { seen = 'z' } } end } }");
    play_add_setup(play, "a",
                   "return { before_event = { object_created = function(event) "
                   "return hd1.reject{ code = event.data.object.seen } end } }");
    play_add_setup(play, "b",
                   "return { before_event = { object_created = function(event) "
                   "return hd1.reject{ code = 'b' } end } }");
    play_start(play);
    scene_create(play->scene, "demo");
    play_expect_event(play, REST_OBJECT("a"), "z");
}

static void
exact_names_win_over_prefixes_and_longer_ones_over_shorter(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_setup(
        play, "a",
        "local function say(code) return function() return hd1.reject{ code = code } end end "
        "return { before_event = { object_created = say('exact'), ['object_*'] = "
        "say('prefix'), ['*'] = say('all') } }");
    play_start(play);
    play_expect_event(play, REST_OBJECT("a"), "exact");
    play_expect_event(play, "{\"type\":\"object_deleted\",\"data\":{\"name\":\"x\"}}", "prefix");
    play_expect_event(play, "{\"type\":\"world_updated\",\"data\":{\"world\":{\"x\":1}}}", "all");
}

static void
types_without_a_hook_never_enter_lua(void **state)
{
    struct play *play = *state;
    struct buf out = BUF_INIT;

    play_add_setup(play, "a", "return { before_event = { object_deleted = function() end } }");
    play_start(play);
    scene_create(play->scene, "demo");
    play_expect_event(play, REST_OBJECT("a"), "");
    plugins_describe(play->plugins, &out);
    assert_non_null(strstr(buf_cstr(&out), "\"before_event\":{\"calls\":0"));
    buf_fini(&out);
}

static void
before_message_is_asked_for_nonsense_too(void **state)
{
    struct play *play = *state;
    struct conn *conn;
    struct span error;

    scene_create(play->scene, "demo");
    play_add_setup(
        play, "a",
        "return { before_message = function(client, message) "
        "if message.type == 'join' then return end "
        "return hd1.reject{ code = 'seen', details = { type = message.type, session_id = "
        "message.session_id, bytes = message.bytes, count = message.count, source = "
        "message.source, id = client.id, kind = client.kind, address = client.address } } "
        "end }");
    play_start(play);
    conn = conn_join(play->scene, "demo");
    conn_send(play->scene, conn, "nonsense");
    scene_settle(play->scene);
    error = conn_skip_to(conn, "error");
    assert_true(message_is(error, "data.code", "seen"));
    assert_false(message_has(error, "data.details.type"));
    assert_int_equal(message_int(error, "data.details.bytes"), 8);
    assert_int_equal(message_int(error, "data.details.count"), 1);
    assert_true(message_is(error, "data.details.source", "ws"));
    assert_true(message_is(error, "data.details.kind", "ws"));
    assert_true(message_is(error, "data.details.address", "127.0.0.1"));
    assert_true(message_is(error, "data.details.id", client_id(conn->client)));
    conn_send(play->scene, conn, OBJECT);
    scene_settle(play->scene);
    error = conn_skip_to(conn, "error");
    assert_true(message_is(error, "data.details.type", "object_created"));
    assert_true(message_is(error, "data.details.session_id", "demo"));
    conn_close(play->scene, conn);
}

static void
before_join_may_refuse(void **state)
{
    struct play *play = *state;
    struct conn *conn;

    scene_create(play->scene, "demo");
    play_add_setup(
        play, "a",
        "return { before_join = function(client, session) assert(client.id) "
        "return hd1.reject{ code = 'closed', status = 403, message = session.id } end }");
    play_start(play);
    conn = conn_open(play->scene);
    conn_send(play->scene, conn, "{\"type\":\"join\",\"data\":{\"session_id\":\"demo\"}}");
    scene_settle(play->scene);
    assert_true(message_is(conn_skip_to(conn, "error"), "data.message", "demo"));
    conn_close(play->scene, conn);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(order_is_the_configurations_and_the_first_refusal_decides),
        TEST(exact_names_win_over_prefixes_and_longer_ones_over_shorter),
        TEST(types_without_a_hook_never_enter_lua),
        TEST(before_message_is_asked_for_nonsense_too),
        TEST(before_join_may_refuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
