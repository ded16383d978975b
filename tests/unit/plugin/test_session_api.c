/* What a plugin reads of sessions: event.session, hd1.session(id), their objects and clients. */
#include "hub/conn.h"
#include "hub/rest.h"
#include "plugin/play.h"

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

#define PLAY_TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PLAY_TEST(all_ways_to_a_session_are_the_same),
        PLAY_TEST(only_what_is_loaded_is_there_at_once),
        PLAY_TEST(a_session_is_good_for_its_call_only),
        PLAY_TEST(objects_are_found_by_what_is_asked),
        PLAY_TEST(looking_for_objects_costs),
        PLAY_TEST(clients_come_in_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
