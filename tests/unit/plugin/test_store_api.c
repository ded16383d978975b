/* hd1.store: what a plugin keeps, and what becomes of it when events, hooks and commits fail. */
#include "hub/rest.h"
#include "plugin/play.h"

#include "plugin/folder.h"
#include "plugin/script/script.h"

#include <stdio.h>
#include <string.h>

#define COUNT "local n = (hd1.store.get('count') or 0) + 1 assert(hd1.store.put('count', n))\n"

static void
body(struct play *play, const char *text)
{
    scene_create(play->scene, "demo");
    play_add_hook(play, "local s = hd1.store", text);
    play_start(play);
    play_expect_post(play, "last", "");
}

static void
values_come_back_as_they_were(void **state)
{
    body(*state,
         "assert(s.get('k') == nil)\n"
         "for _, value in ipairs{ 1, -2.5, 'text\\0more', true, false, hd1.json.null,"
         " { a = { 1, 2, { b = 'c' } } }, hd1.json.array{}, math.maxinteger } do\n"
         "  assert(s.put('k', value))\n"
         "  local back = s.get('k')\n"
         "  assert(hd1.json.encode(back) == hd1.json.encode(value), hd1.json.encode(back))\n"
         "  assert(math.type(back) == math.type(value))\n"
         "end\n"
         "local t = { n = 1 } s.put('t', t) t.n = 2\n"
         "assert(s.get('t').n == 1 and s.get('t') ~= s.get('t'))\n"
         "assert(s.delete('k') and s.get('k') == nil and s.delete('k'))");
}

static void
keys_and_values_are_checked(void **state)
{
    body(*state, "fails('1 to 256', s.put, '', 1)\n"
                 "fails('1 to 256', s.get, ('k'):rep(257))\n"
                 "fails('without NUL', s.put, 'a\\0b', 1)\n"
                 "fails('UTF-8', s.put, '\\xff', 1)\n"
                 "fails('string expected', s.get, {})\n"
                 "fails('use delete', s.put, 'k', nil)\n"
                 "fails('function', s.put, 'k', print)\n"
                 "local cycle = {} cycle.cycle = cycle\n"
                 "fails('', s.put, 'k', cycle)\n"
                 "fails('', s.put, 'k', 0/0)\n"
                 "fails('', s.put, 'k', '\\xff')\n"
                 "fails('', s.put, 'k', ('x'):rep(32 * 1024 - 1))\n"
                 "assert(s.put('k', ('x'):rep(32 * 1024 - 2)) and s.put(('k'):rep(256), 1))\n"
                 "fails(\"unknown key 'x'; known: prefix, \", s.list, { x = 1 })\n"
                 "fails('limit must be', s.list, { limit = 2000 })");
}

static void
compare_and_set_sees_what_is_there(void **state)
{
    body(*state, "assert(s.compare_and_set('k', 1, 2) == false and s.get('k') == nil)\n"
                 "assert(s.compare_and_set('k', nil, { a = 1, b = 2 }) == true)\n"
                 "assert(s.compare_and_set('k', nil, 3) == false)\n"
                 "assert(s.compare_and_set('k', { b = 2, a = 1 }, 3) == true and s.get('k') == 3)\n"
                 "assert(s.compare_and_set('k', 3.0, nil) == true and s.get('k') == nil)\n"
                 "assert(s.compare_and_set('k', nil, nil) == true)");
}

static void
lists_are_sorted_and_paged(void **state)
{
    body(*state,
         "for i = 1, 250 do s.put(('k%03d'):format(i), i) end s.put('a', 0) s.put('z', 0)\n"
         "local seen, after, pages = 0, nil, 0\n"
         "repeat\n"
         "  local page, next = s.list{ prefix = 'k', after = after }\n"
         "  for _, entry in ipairs(page) do\n"
         "    seen = seen + 1 assert(entry.value == seen and entry.key == ('k%03d'):format(seen))\n"
         "  end\n"
         "  after, pages = next, pages + 1\n"
         "until not after\n"
         "assert(seen == 250 and pages == 3)\n"
         "assert(#s.list() == 100 and s.list()[1].key == 'a' and #s.list{ limit = 1000 } == 252)\n"
         "assert(#s.list{ prefix = 'nothing' } == 0 and #s.list{ after = 'k250' } == 1)\n"
         "assert(#s.list{ prefix = 'k', after = 'a', limit = 2 } == 2)\n"
         "assert(hd1.json.encode(s.list{ prefix = 'none' }) == '[]')");
}

static void
each_plugin_has_its_own(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_setup(play, "b", "return { before_event = function() hd1.store.put('k', 'b') end }");
    play_add_hook(play, "", "assert(hd1.store.get('k') == nil)");
    play_start(play);
    play_expect_post(play, "a", "");
}

/* --- with events and hooks --- */

static void
writes_go_with_their_event(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_hook(play, "",
                  COUNT "local name = event.data.object.name\n"
                        "if name == 'no' then return hd1.reject{ code = 'no' } end\n"
                        "if name == 'fail' then error('on purpose') end\n"
                        "if name:sub(1, 2) == 'is' then"
                        " return hd1.reject{ code = 'count_' .. n - 1 } end");
    play_start(play);
    play_expect_post(play, "a", "");
    play_expect_post(play, "no", "no");
    play_expect_post(play, "fail", "plugin_failed");
    play_expect_post(play, "a", "object_exists");
    play_expect_post(play, "is", "count_1");
}

/* What is on disk is what a new state of the plugin finds. */
static void
what_is_kept_outlives_the_server(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_hook(play, "local old = hd1.store.get('count')",
                  COUNT "if event.data.object.name == 'see' then assert(old == 3 and n == 4) end");
    play_start(play);
    play_expect_post(play, "a", "");
    play_expect_post(play, "b", "");
    play_expect_post(play, "c", "");
    scene_settle(play->scene);
    hub_set_hooks(play->scene->hub, &play->scene->hooks);
    plugins_free(play->plugins);
    play->plugins = NULL;
    scene_restart(play->scene);
    play_start(play);
    play_expect_post(play, "see", "");
}

/* An after hook's writes are by themselves; if it fails there are none. */
static void
a_hook_that_fails_leaves_nothing(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_setup(play, "a",
                   "return { after_event = { object_created = function(event)\n"
                   "  local name = event.data.object.name\n"
                   "  hd1.store.put(name, 1) hd1.store.put('last', name)\n"
                   "  if name == 'bad' then error('on purpose') end\n"
                   "end }, before_event = { object_created = function(event)\n"
                   "  if event.data.object.name ~= 'see' then return end\n"
                   "  assert(hd1.store.get('good') == 1 and hd1.store.get('bad') == nil)\n"
                   "  assert(hd1.store.get('last') == 'good')\n"
                   "end } }");
    play_start(play);
    play_expect_post(play, "good", "");
    play_expect_post(play, "bad", "");
    play_expect_post(play, "see", "");
}

/* on_error = "open": the event goes on without it, and without what it wrote. */
static void
an_open_plugin_that_fails_leaves_nothing(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add(play, "a", "{\"on_error\":\"open\"}",
             "return { name = 'a', version = '1', api = 1, setup = function(hd1)\n"
             "return { before_event = { object_created = function(event)\n"
             "  if event.data.object.name == 'see' then\n"
             "    return hd1.reject{ code = 'is_' .. tostring(hd1.store.get('k')) }\n"
             "  end\n"
             "  hd1.store.put('k', 1) error('on purpose')\n"
             "end } } end }");
    play_start(play);
    play_expect_post(play, "a", "");
    play_expect_post(play, "see", "is_nil");
}

static void
after_a_failed_commit_it_is_what_is_on_disk(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_hook(play, "",
                  COUNT "if event.data.object.name == 'see' then"
                        " return hd1.reject{ code = 'is_' .. n } end");
    play_start(play);
    play_expect_post(play, "a", "");
    scene_fail(play->scene, STORE_POINT_KV, FAULT_FULL, 1);
    play_expect_post(play, "b", "storage_full");
    play_expect_post(play, "see", "is_2");
}

static void
setup_may_read_but_not_write(void **state)
{
    struct play *play = *state;

    play_add_setup(play, "a", "assert(#hd1.store.list() == 0) hd1.store.put('k', 1)");
    play_expect_refusal(play, "a.lua:2: hd1.store can be read in setup and restore, not written");
}

/* --- bounds --- */

static void
the_operator_says_how_much(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add(play, "a", "{\"store_bytes\":100}",
             "return { name = 'a', version = '1', api = 1, setup = function(hd1)\n"
             "return { before_event = { object_created = function()\n"
             "  local done, why, code = hd1.store.put('k', ('x'):rep(98))\n"
             "  assert(done == nil and #why > 0 and code == 'full')\n"
             "  assert(hd1.store.put('k', ('x'):rep(97)))\n"
             "  assert(select(3, hd1.store.put('l', 1)) == 'full')\n"
             "  assert(hd1.store.put('k', 1) and hd1.store.put('l', 1))\n"
             "end } } end }");
    play_start(play);
    play_expect_post(play, "a", "");
}

static void
a_bad_store_bytes_is_refused(void **state)
{
    struct play *play = *state;

    play_add(play, "a", "{\"store_bytes\":-1}",
             "return { name = 'a', version = '1', api = 1, setup = function() end }");
    play_expect_refusal(play, "hd1.lua:12: plugin a: option store_bytes must be");
}

/* Key 100,001; 500 at a time, since each costs. */
static void
keys_are_bounded(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play->instructions = 20000000;
    play_add_hook(play, "local s, n = hd1.store, 0",
                  "if event.data.object.name == 'full' then\n"
                  "  assert(select(3, s.put('one more', 1)) == 'full')\n"
                  "  assert(s.put('k1', 2) and s.delete('k1') and s.put('one more', 1))\n"
                  "  return\n"
                  "end\n"
                  "for _ = 1, 50000 do n = n + 1 assert(s.put('k' .. n, 1)) end");
    play_start(play);
    play_expect_post(play, "a", "");
    play_expect_post(play, "b", "");
    play_expect_post(play, "full", "");
}

static void
writing_costs(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_hook(play, "local s = hd1.store",
                  "if event.data.object.name == 'see' then assert(#s.list() == 0) return end\n"
                  "local big = ('x'):rep(32000)\n"
                  "for i = 1, 10000000 do s.put('k', big) s.put('l' .. i, i) end");
    play_start(play);
    play_expect_post(play, "a", "plugin_failed");
    play_expect_post(play, "see", "");
}

static void
what_cannot_be_read_refuses_the_start(void **state)
{
    struct play *play = *state;

    scene_fail(play->scene, STORE_POINT_READ, FAULT_IOERR, 20);
    play_add_hook(play, "", "");
    play_expect_refusal(play, "what it keeps cannot be read");
    scene_fail(play->scene, STORE_POINT_READ, 0, 0);
    play_start(play);
}

/* The creation's hooks write, then the session's world script is refused, or fails. */
static void
a_creation_that_its_script_fails_leaves_nothing(void **state)
{
    static const char *const faults[] = {"object{ name = 'b' }", "error('boom')"};
    struct play *play = *state;
    struct scripts *scripts = scripts_new(play->path, play->scene->hub);

    hub_set_scripts(play->scene->hub, scripts_hooks(scripts));
    play_add_setup(play, "a",
                   "return { before_event = { session_created = function() " COUNT
                   "end, object_created = function() "
                   "return hd1.reject{ code = 'n' .. (hd1.store.get('count') or 0) } end } }");
    play_start(play);
    for (size_t i = 0; i < 2; i++) {
        folder_write(play->path, "town.lua", faults[i]);
        assert_string_not_equal(
            scene_post(play->scene, NULL, NULL,
                       "{\"type\":\"session_created\",\"data\":{\"session_id\":\"town\","
                       "\"script\":\"town\"}}"),
            "");
    }
    scene_create(play->scene, "demo");
    play_expect_post(play, "see", "n1");
    hub_set_scripts(play->scene->hub, NULL);
    scripts_free(scripts);
}

int
main(void)
{
#define PLAY_TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)
    const struct CMUnitTest tests[] = {
        PLAY_TEST(values_come_back_as_they_were),
        PLAY_TEST(keys_and_values_are_checked),
        PLAY_TEST(compare_and_set_sees_what_is_there),
        PLAY_TEST(lists_are_sorted_and_paged),
        PLAY_TEST(each_plugin_has_its_own),
        PLAY_TEST(writes_go_with_their_event),
        PLAY_TEST(what_is_kept_outlives_the_server),
        PLAY_TEST(a_hook_that_fails_leaves_nothing),
        PLAY_TEST(an_open_plugin_that_fails_leaves_nothing),
        PLAY_TEST(after_a_failed_commit_it_is_what_is_on_disk),
        PLAY_TEST(setup_may_read_but_not_write),
        PLAY_TEST(the_operator_says_how_much),
        PLAY_TEST(a_bad_store_bytes_is_refused),
        PLAY_TEST(keys_are_bounded),
        PLAY_TEST(writing_costs),
        PLAY_TEST(what_cannot_be_read_refuses_the_start),
        PLAY_TEST(a_creation_that_its_script_fails_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
