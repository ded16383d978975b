/* What a plugin reaches of sessions: event.session, hd1.session(id), hd1.open(id, fn). */
#include "hub/conn.h"
#include "hub/message.h"
#include "hub/rest.h"
#include "plugin/play.h"

#include <stdio.h>
#include <string.h>

#define NONE ""

/* The body sees a session `demo` with what it needs; then an object `last` must be accepted. */
static void
play_body(struct play *play, const char *made, const char *body)
{
    scene_create(play->scene, "demo");
    play_add_hook(play, made, body);
    play_start(play);
    play_expect_post(play, "last", "");
}

static void
post_many(struct play *play, int from, int to)
{
    for (int i = from; i < to; i++)
        assert_string_equal(
            scene_post(play->scene, "demo", NULL,
                       "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"%s%03d\","
                       "\"type\":\"%s\",\"x\":%d,\"z\":1}}}",
                       i % 2 ? "odd" : "even", i, i % 2 ? "cube" : "sph\\u0065re", i),
            "");
}

static void
all_ways_to_a_session_are_the_same(void **state)
{
    struct play *play = *state;

    play_body(play, NONE,
              "local s = hd1.session('demo')\n"
              "assert(s == event.session and s.id == 'demo' and s.seq == event.session.seq)\n"
              "assert(s.object_count == 0 and s.client_count == 0 and s.camera == nil)\n"
              "assert(type(s.world) == 'table' and s:get('x') == nil and s:object('x') == nil)\n"
              "fails(\"no field 'nonsense'\", function() return s.nonsense end)\n"
              "fails('read-only', function() s.id = 'x' end)");
}

static void
only_what_is_loaded_is_there_at_once(void **state)
{
    struct play *play = *state;

    play_body(play, NONE,
              "local s, why, code = hd1.session('elsewhere')\n"
              "assert(s == nil and #why > 0 and code == 'not_loaded')\n"
              "s, why, code = hd1.session('no such\\0name')\n"
              "assert(s == nil and #why > 0 and code == 'unknown_session')\n"
              "assert(select(3, hd1.session('')) == 'unknown_session')\n"
              "fails('string expected', hd1.session, {})");
}

static void
a_session_is_good_for_its_call_only(void **state)
{
    struct play *play = *state;

    play_body(play, "local kept, get, list",
              "if kept then\n"
              "  fails('only inside the call', function() return kept.id end)\n"
              "  fails('only inside the call', get, kept, 'a')\n"
              "  fails('only inside the call', list, kept)\n"
              "  fails('expected', get, client, 'a')\n"
              "  return\n"
              "end\n"
              "kept = hd1.session('demo') get, list = kept.get, kept.objects");
    play_expect_post(play, "again", "");
}

static void
objects_are_found_by_what_is_asked(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    post_many(play, 0, 10);
    play_add_hook(play, NONE,
                  "local s = event.session\n"
                  "local function names(options)\n"
                  "  local out, found, next = {}, s:objects(options)\n"
                  "  for i, object in ipairs(found) do out[i] = object.name end\n"
                  "  return table.concat(out, ' '), next\n"
                  "end\n"
                  "assert(names() == 'even000 even002 even004 even006 even008 '"
                  " .. 'odd001 odd003 odd005 odd007 odd009')\n"
                  "assert(names{ type = 'cube' } == 'odd001 odd003 odd005 odd007 odd009')\n"
                  "assert(names{ type = 'sphere', prefix = 'even00' }:sub(1, 7) == 'even000')\n"
                  "assert(names{ prefix = 'odd' } == names{ type = 'cube' })\n"
                  "assert(names{ prefix = 'x' } == '' and names{ type = 'x' } == '')\n"
                  "assert(names{ near = { x = 5, y = 0, z = 1, radius = 1 } }"
                  " == 'even004 even006 odd005')\n"
                  "assert(names{ near = { x = 5, y = 0, z = 1.5, radius = 1 } } == 'odd005')\n"
                  "local page, next = names{ limit = 4, type = 'cube' }\n"
                  "assert(page == 'odd001 odd003 odd005 odd007' and next == 'odd007')\n"
                  "page, next = names{ limit = 4, type = 'cube', cursor = next }\n"
                  "assert(page == 'odd009' and next == nil)\n"
                  "local first = s:objects()[1]\n"
                  "assert(first.x == 0 and first.version > 0 and first.type == 'sphere')\n"
                  "assert(hd1.json.encode(s:objects{ prefix = 'none' }) == '[]')\n"
                  "fails('limit must be', s.objects, s, { limit = 0 })\n"
                  "fails('limit must be', s.objects, s, { limit = 1001 })\n"
                  "fails(\"unknown key 'typ'\", s.objects, s, { typ = 'x' })\n"
                  "fails('near must be', s.objects, s, { near = 3 })\n"
                  "fails('y must be a number', s.objects, s, { near = { x = 1, radius = 1 } })\n"
                  "fails('x must be finite', s.objects, s,"
                  " { near = { x = 0/0, y = 1, z = 1, radius = 1 } })\n"
                  "fails('radius must not', s.objects, s,"
                  " { near = { x = 0, y = 1, z = 1, radius = -1 } })\n"
                  "fails('table expected', s.objects, s, 'x')");
    play_start(play);
    play_expect_post(play, "last", "");
}

/* The budget is for all the work that is done in C. */
static void
looking_for_objects_costs(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    post_many(play, 0, 60);
    play->instructions = 20000;
    play_add_hook(play, "local n = 0",
                  "n = n + 1\n"
                  "if n == 1 then assert(#event.session:objects{ type = 'none' } == 0) return end\n"
                  "for _ = 1, 100 do event.session:objects{ type = 'none' } end");
    play_start(play);
    play_expect_post(play, "a", "");
    play_expect_post(play, "b", "plugin_failed");
    play_expect_post(play, "c", "plugin_failed");
}

static void
clients_come_in_pages(void **state)
{
    struct play *play = *state;
    struct conn *conns[5];

    scene_create(play->scene, "demo");
    for (int i = 0; i < 5; i++)
        conns[i] = conn_join_quietly(play->scene, "demo");
    play_add_hook(play, NONE,
                  "local s, seen, count, cursor = event.session, {}, 0, nil\n"
                  "repeat\n"
                  "  local page\n"
                  "  page, cursor = s:clients{ limit = 2, cursor = cursor }\n"
                  "  for _, c in ipairs(page) do\n"
                  "    assert(not seen[c.id] and c.kind == 'ws') seen[c.id] = true\n"
                  "    count = count + 1\n"
                  "  end\n"
                  "until not cursor\n"
                  "assert(count == 5 and s.client_count == 5 and #s:clients() == 5)\n"
                  "fails('limit must be', s.clients, s, { limit = 'x' })");
    play_start(play);
    play_expect_post(play, "last", "");
    for (int i = 0; i < 5; i++)
        conn_close(play->scene, conns[i]);
}

/* --- emit, send, kick --- */

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

/* --- open --- */

static void
a_session_is_loaded_on_request(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    scene_create(play->scene, "other");
    scene_restart(play->scene); /* nothing is in memory now */
    play_add_hook(play, "local got = {}",
                  "local name = event.data.object.name\n"
                  "if name == 'ask' then\n"
                  "  assert(select(3, hd1.session('other')) == 'not_loaded')\n"
                  "  for _, id in ipairs{ 'other', 'demo', 'nowhere' } do\n"
                  "    assert(hd1.open(id, function(s, why, code)\n"
                  "      got[#got + 1] = s and s.id .. s.seq .. tostring(hd1.session(id) == s)"
                  " or code end))\n"
                  "  end\n"
                  "  assert(#got == 0)\n"
                  "  fails('session', hd1.open, 'a b', print)\n"
                  "  fails('function expected', hd1.open, 'demo')\n"
                  "  return\n"
                  "end\n"
                  "table.sort(got)\n"
                  "assert(table.concat(got, ' ') == 'demo2true other1true unknown_session',"
                  " table.concat(got, ' '))");
    play_start(play);
    play_expect_post(play, "ask", "");
    play_expect_post(play, "see", "");
}

static void
opening_is_dropped_with_a_refused_event_and_bounded(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_hook(play, "local got = 0",
                  "local name = event.data.object.name\n"
                  "if name == 'see' then assert(got == 0) return end\n"
                  "if name == 'count' then assert(got == 256) return end\n"
                  "local n = 0\n"
                  "while hd1.open('demo', function() got = got + 1 end) do n = n + 1 end\n"
                  "assert(n == 256)\n"
                  "if name == 'refuse' then return hd1.reject{ code = 'no' } end");
    play_start(play);
    play_expect_post(play, "refuse", "no");
    play_expect_post(play, "see", "");
    play_expect_post(play, "ask", "");
    play_expect_post(play, "count", "");
}

static void
a_callback_that_fails_is_logged_and_all_goes_on(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_hook(play, "local n = 0",
                  "hd1.open('demo', function(s) n = n + 1 error('on purpose') end)\n"
                  "if event.data.object.name == 'b' then assert(n == 1) end");
    play_start(play);
    play_expect_post(play, "a", "");
    play_expect_post(play, "b", "");
}

int
main(void)
{
#define PLAY_TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)
    const struct CMUnitTest tests[] = {
        PLAY_TEST(all_ways_to_a_session_are_the_same),
        PLAY_TEST(only_what_is_loaded_is_there_at_once),
        PLAY_TEST(a_session_is_good_for_its_call_only),
        PLAY_TEST(objects_are_found_by_what_is_asked),
        PLAY_TEST(looking_for_objects_costs),
        PLAY_TEST(clients_come_in_pages),
        PLAY_TEST(a_session_is_emitted_into),
        PLAY_TEST(one_member_is_told),
        PLAY_TEST(messages_are_bounded_per_call),
        PLAY_TEST(a_members_presence_is_put_over),
        PLAY_TEST(one_member_is_removed),
        PLAY_TEST(a_kick_may_be_followed_by_the_plugins_own_hooks),
        PLAY_TEST(a_hook_that_fails_tells_and_opens_nothing),
        PLAY_TEST(a_session_is_loaded_on_request),
        PLAY_TEST(opening_is_dropped_with_a_refused_event_and_bounded),
        PLAY_TEST(a_callback_that_fails_is_logged_and_all_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
