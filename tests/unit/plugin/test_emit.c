/* What plugins emit. */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "plugin/hooking.h"

#include <string.h>

#define CHAT                                                                                       \
    "return { name = 'chat', version = '1', api = 1, events = { said = { schema = { type = "       \
    "'object' } } }, setup = function(hd1) "

static void
an_emitted_event_takes_the_whole_way(void **state)
{
    struct play *play = *state;
    struct conn *conn;
    struct span event;

    scene_create(play->scene, "demo");
    play_add(play, "chat", NULL,
             CHAT "return { before_event = { object_created = function(event) "
                  "assert(hd1.emit{ type = 'said', data = { list = hd1.json.array() } }) end, "
                  "said = function(event, client) assert(event.source == 'plugin') "
                  "assert(client.id == 'chat' and client.kind == 'local') "
                  "assert(client.address == 'local') return hd1.patch{ n = 1 } end } } end }");
    play_start(play);
    conn = conn_join(play->scene, "demo");
    conn_send(play->scene, conn, OBJECT);
    scene_settle(play->scene);
    conn_skip_to(conn, "object_created");
    event = conn_skip_to(conn, "said");
    assert_int_equal(message_int(event, "data.n"), 1);
    assert_true(message_is(event, "client_id", "chat"));
    assert_true(message_is(event, "data.session_id", "demo"));
    conn_close(play->scene, conn);
}

static void
emits_of_a_refused_event_are_dropped_with_it(void **state)
{
    struct play *play = *state;
    struct conn *conn;

    scene_create(play->scene, "demo");
    play_add(play, "chat", NULL,
             CHAT "return { before_event = { object_created = function(event) "
                  "hd1.emit{ type = 'said' } return hd1.reject{ code = 'no' } end } } end }");
    play_start(play);
    conn = conn_join(play->scene, "demo");
    conn_send(play->scene, conn, OBJECT);
    scene_settle(play->scene);
    conn_skip_to(conn, "error");
    conn_expect_nothing(conn);
    conn_close(play->scene, conn);
}

static void
misuse_of_emit_raises(void **state)
{
    static const char *const calls[] = {
        "hd1.emit()",
        "hd1.emit{}",
        "hd1.emit{ type = 7 }",
        "hd1.emit{ type = 'nothing' }",
        "hd1.emit{ type = 'said', dat = {} }",
        "hd1.emit{ type = 'said', data = 7 }",
        "hd1.emit{ type = 'said', data = { 1 } }",
        "hd1.emit{ type = 'said', data = { x = print } }",
        "hd1.emit{ type = 'said', session_id = 'not valid!' }",
        "hd1.emit{ type = 'said', data = { x = ('x'):rep(100000) } }",
    };
    struct play *play = *state;
    struct buf text = BUF_INIT;

    buf_append_str(&text, CHAT "return { before_event = { object_created = function(event) ");
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        buf_appendf(&text, "assert(not pcall(function() return %s end), %zu)\n", calls[i], i);
    buf_append_str(&text, "end } } end }");
    play_add(play, "chat", NULL, buf_cstr(&text));
    play_start(play);
    scene_create(play->scene, "demo");
    play_expect_event(play, REST_OBJECT("a"), "");
    buf_fini(&text);
}

static void
an_emit_storm_is_cut_off(void **state)
{
    struct play *play = *state;

    play_add(play, "chat", NULL,
             CHAT "return { before_event = { object_created = function(event) local n = 0 "
                  "while hd1.emit{ type = 'said' } do n = n + 1 end "
                  "local ok, why, code = hd1.emit{ type = 'said' } "
                  "return hd1.reject{ code = code .. n } end } } end }");
    play_start(play);
    scene_create(play->scene, "demo");
    play_expect_event(play, REST_OBJECT("a"), "too_many64");
}

static void
an_emit_storm_at_a_join_is_cut_off_too(void **state)
{
    struct play *play = *state;

    play_add(play, "chat", NULL,
             CHAT "local n = 0 return { after_join = function() "
                  "while hd1.emit{ type = 'said' } do n = n + 1 end end, "
                  "before_event = { object_created = function() "
                  "return hd1.reject{ code = 'n' .. n } end } } end }");
    play_start(play);
    scene_create(play->scene, "demo");
    conn_close(play->scene, conn_join(play->scene, "demo"));
    play_expect_event(play, REST_OBJECT("a"), "n64");
}

static void
events_that_cause_one_another_end(void **state)
{
    struct play *play = *state;
    struct buf out = BUF_INIT;

    play_add(play, "chat", NULL,
             CHAT "return { after_event = { said = function(event) hd1.emit{ type = 'said' } end, "
                  "object_created = function(event) hd1.emit{ type = 'said' } end } } end }");
    play_start(play);
    scene_create(play->scene, "demo");
    play_expect_event(play, REST_OBJECT("a"), "");
    scene_settle(play->scene);
    plugins_describe(play->plugins, &out);
    assert_non_null(strstr(buf_cstr(&out), "\"calls\":9,\"errors\":0"));
    buf_fini(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_emitted_event_takes_the_whole_way),
        TEST(emits_of_a_refused_event_are_dropped_with_it),
        TEST(misuse_of_emit_raises),
        TEST(an_emit_storm_is_cut_off),
        TEST(an_emit_storm_at_a_join_is_cut_off_too),
        TEST(events_that_cause_one_another_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
