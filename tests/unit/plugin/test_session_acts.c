/* What a plugin does in a session: emit, send, presence, kick. */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "plugin/play.h"

static void
a_session_is_emitted_into(void **state)
{
    struct play *play = *state;
    struct conn *conn;

    scene_create(play->scene, "demo");
    play_add_hook(play, NONE,
                  "if event.data.object.name ~= 'a' then return end\n"
                  "assert(event.session:emit{ type = 'object_created',"
                  " data = { object = { name = 'b', type = 'cube' } } })\n"
                  "fails('session_id', event.session.emit, event.session,"
                  " { type = 'object_created', session_id = 'x' })\n"
                  "fails('no event type', event.session.emit, event.session, { type = 'x' })");
    play_start(play);
    conn = conn_join_quietly(play->scene, "demo");
    play_expect_post(play, "a", "");
    scene_settle(play->scene);
    assert_true(message_is(conn_expect(conn, "object_created"), "data.object.name", "a"));
    assert_true(message_is(conn_expect(conn, "object_created"), "data.object.name", "b"));
    conn_close(play->scene, conn);
}

#define WITH_HINT(body)                                                                            \
    "return { name = \"a\", version = \"1\", api = 1,\n"                                           \
    "events = { hint = { lane = 'volatile', sendable = false } },\n"                               \
    "setup = function(hd1) return { before_event = { object_created = function(event, client)\n"   \
    "local s, name = event.session, event.data.object.name\n" body "\nend } } end }"

static void
one_member_is_told(void **state)
{
    struct play *play = *state;
    struct conn *alice, *bob;
    struct span hint;

    scene_create(play->scene, "demo");
    play_add(play, "a", NULL,
             WITH_HINT("local to = s:clients()[1]\n"
                       "assert(s:send(to, 'hint', { n = 1 }))\n"
                       "assert(s:send(to.id, 'hint'))\n"
                       "assert(s:send(to, 'camera_moved', { n = 2 }))\n"
                       "assert(select(3, s:send('client-nobody', 'hint', {})) == 'not_joined')\n"
                       "assert(select(3, s:send(client, 'hint', {})) == 'not_joined')\n"
                       "local function fails(part, ...)\n"
                       "  local ok, why = pcall(s.send, s, ...)\n"
                       "  assert(not ok and why:find(part, 1, true), why)\n"
                       "end\n"
                       "fails(\"no event type 'x'\", to, 'x')\n"
                       "fails('it has a seq', to, 'object_created', {})\n"
                       "fails('must be a client', 5, 'hint')\n"
                       "fails('data must be a table', to, 'hint', 'x')\n"
                       "fails('an object', to, 'hint', { 1, 2 })\n"
                       "fails(\"another session's\", to, 'hint', { session_id = 'x' })\n"
                       "if name == 'no' then return hd1.reject{ code = 'no' } end"));
    play_start(play);
    alice = conn_join_quietly(play->scene, "demo");
    play_expect_post(play, "no", "no");
    conn_expect_nothing(alice); /* a refused event leaves nothing */
    play_expect_post(play, "yes", "");
    scene_settle(play->scene);
    hint = conn_expect(alice, "hint");
    assert_true(message_is(hint, "data.session_id", "demo"));
    assert_int_equal(message_int(hint, "data.n"), 1);
    assert_true(message_has(hint, "time_ms") && message_has(hint, "timestamp"));
    assert_false(message_has(hint, "seq"));
    assert_true(message_is(conn_expect(alice, "hint"), "data.session_id", "demo"));
    assert_int_equal(message_int(conn_expect(alice, "camera_moved"), "data.n"), 2);
    conn_expect(alice, "object_created");
    bob = conn_join_quietly(play->scene, "demo");
    conn_expect(bob, "object_created"); /* behind a snapshot that was made before */
    conn_expect_nothing(bob);
    conn_close(play->scene, alice);
    conn_close(play->scene, bob);
}

static void
messages_are_bounded_per_call(void **state)
{
    struct play *play = *state;
    struct conn *alice;

    scene_create(play->scene, "demo");
    play_add(play, "a", NULL,
             WITH_HINT("local to, sent = s:clients()[1], 0\n"
                       "while s:send(to, 'hint') do sent = sent + 1 end\n"
                       "assert(sent == 1000 and select(3, s:send(to, 'hint')) == 'too_many')"));
    play_start(play);
    alice = conn_join_quietly(play->scene, "demo");
    play_expect_post(play, "a", "");
    conn_close(play->scene, alice);
}

/* What plugins put over what the client says of itself stays, whatever the client says. */
static void
a_members_presence_is_put_over(void **state)
{
    struct play *play = *state;
    struct conn *alice, *bob;
    struct span seen;

    scene_create(play->scene, "demo");
    play_add(play, "a", NULL,
             WITH_HINT("to = to or s:clients()[1]\n" /* alice: nobody else is in at first */
                       "local function fails(part, ...)\n"
                       "  local ok, why = pcall(s.presence, s, ...)\n"
                       "  assert(not ok and why:find(part, 1, true), why)\n"
                       "end\n"
                       "fails('table expected', to, 'x')\n"
                       "fails('must have members', to, { 1, 2 })\n"
                       "fails('too large', to, { x = ('x'):rep(4096) })\n"
                       "assert(select(3, s:presence('client-nobody', {})) == 'not_joined')\n"
                       "if name == 'back' then assert(s:presence(to.id, { s = hd1.json.null }))\n"
                       "else assert(s:presence(to, { s = name })) end\n"
                       "if name == 'no' then return hd1.reject{ code = 'no' } end"));
    play_start(play);
    alice = conn_join_quietly(play->scene, "demo");
    play_expect_post(play, "no", "no"); /* a refused event leaves nothing */
    bob = conn_join_quietly(play->scene, "demo");
    play_expect_post(play, "away", "");
    scene_settle(play->scene);
    scene_pass(play->scene, 200); /* news of presence has a pace */
    scene_settle(play->scene);
    seen = conn_skip_to(bob, "presence_updated");
    assert_true(message_is(seen, "data.presence.s", "away"));
    conn_send(play->scene, alice, "{\"type\":\"presence\",\"data\":{\"s\":\"x\",\"t\":\"u\"}}");
    scene_pass(play->scene, 200);
    scene_settle(play->scene);
    seen = conn_skip_to(bob, "presence_updated");
    assert_true(message_is(seen, "data.presence.s", "away"));
    assert_true(message_is(seen, "data.presence.t", "u"));
    play_expect_post(play, "back", "");
    scene_pass(play->scene, 200);
    scene_settle(play->scene);
    seen = conn_skip_to(bob, "presence_updated");
    assert_true(message_is(seen, "data.presence.s", "x"));
    conn_close(play->scene, alice);
    conn_close(play->scene, bob);
}

static void
one_member_is_removed(void **state)
{
    struct play *play = *state;
    struct conn *alice, *bob;
    struct span error;

    scene_create(play->scene, "demo");
    play_add_hook(play, NONE,
                  "local s, name = event.session, event.data.object.name\n"
                  "for _, c in ipairs(s:clients()) do\n"
                  "  if name == 'leave' then assert(s:kick(c, { leave = true })) end\n"
                  "  if name == 'close' then assert(s:kick(c.id,"
                  " { code = 4600, reason = 'bye', message = 'no cheating' })) end\n"
                  "  fails('4000 to 4999', s.kick, s, c, { code = 1000 })\n"
                  "  fails('reason must be', s.kick, s, c, { reason = ('x'):rep(124) })\n"
                  "  fails('reason must be', s.kick, s, c, { reason = 'a\\0b' })\n"
                  "  fails('message must be', s.kick, s, c, { message = '\\xff' })\n"
                  "  fails(\"unknown key 'x'\", s.kick, s, c, { x = 1 })\n"
                  "end\n"
                  "assert(select(3, s:kick('client-nobody')) == 'not_joined')");
    play_start(play);
    alice = conn_join_quietly(play->scene, "demo");
    play_expect_post(play, "leave", "");
    scene_settle(play->scene);
    error = conn_skip_to(alice, "error");
    assert_true(message_is(error, "data.code", "kicked"));
    assert_int_equal(message_int(error, "data.status"), 403);
    assert_true(message_is(error, "data.details.session_id", "demo"));
    assert_int_equal(alice->close_code, 0);
    bob = conn_join_quietly(play->scene, "demo");
    play_expect_post(play, "close", "");
    scene_settle(play->scene);
    conn_expect_nothing(alice); /* it was not in any more */
    assert_true(message_is(conn_skip_to(bob, "error"), "data.message", "no cheating"));
    assert_int_equal(bob->close_code, 4600);
    conn_close(play->scene, alice);
    conn_close(play->scene, bob);
}

/* Its own after_leave runs then: not inside of the hook that kicks. */
static void
a_kick_may_be_followed_by_the_plugins_own_hooks(void **state)
{
    struct play *play = *state;
    struct conn *alice;

    scene_create(play->scene, "demo");
    play_add_setup(play, "a",
                   "local left = 0\n"
                   "return { after_join = function(client, session) session:kick(client,"
                   " { leave = true }) end,\n"
                   "after_leave = function(client, session) left = left + 1 end,\n"
                   "before_event = function(event) return hd1.reject{ code = 'left_' .. left } end "
                   "}");
    play_start(play);
    alice = conn_greet(play->scene);
    conn_send(play->scene, alice, "{\"type\":\"join\",\"data\":{\"session_id\":\"demo\"}}");
    scene_settle(play->scene);
    conn_skip_to(alice, "error");
    play_expect_post(play, "a", "left_1");
    conn_close(play->scene, alice);
}

/* Whatever the moment: after_event here. */
static void
a_hook_that_fails_tells_and_opens_nothing(void **state)
{
    struct play *play = *state;
    struct conn *alice;

    scene_create(play->scene, "demo");
    play_add_setup(play, "a",
                   "local opened = 0\n"
                   "return { after_event = { object_created = function(event)\n"
                   "  local s = event.session\n"
                   "  s:send(s:clients()[1], 'camera_moved', {}) s:kick(s:clients()[1])\n"
                   "  hd1.open('demo', function() opened = opened + 1 end)\n"
                   "  error('on purpose')\n"
                   "end }, before_event = function(event)\n"
                   "  if event.data.object.name == 'see' then"
                   " return hd1.reject{ code = 'opened_' .. opened } end\n"
                   "end }");
    play_start(play);
    alice = conn_join_quietly(play->scene, "demo");
    play_expect_post(play, "a", "");
    scene_settle(play->scene);
    conn_expect(alice, "object_created");
    conn_expect_nothing(alice);
    assert_int_equal(alice->close_code, 0);
    play_expect_post(play, "see", "opened_0");
    conn_close(play->scene, alice);
}

#define PLAY_TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PLAY_TEST(a_session_is_emitted_into),
        PLAY_TEST(one_member_is_told),
        PLAY_TEST(messages_are_bounded_per_call),
        PLAY_TEST(a_members_presence_is_put_over),
        PLAY_TEST(one_member_is_removed),
        PLAY_TEST(a_kick_may_be_followed_by_the_plugins_own_hooks),
        PLAY_TEST(a_hook_that_fails_tells_and_opens_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
