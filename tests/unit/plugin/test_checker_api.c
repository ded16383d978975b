/* hd1.checker(schema) and event:members(path, ...): what is looked at without building data. */
#include "plugin/hooking.h"

static void
body(struct play *play, const char *made, const char *text)
{
    scene_create(play->scene, "demo");
    play_add_hook(play, made, text);
    play_start(play);
    play_expect_post(play, "rose", "");
}

static void
an_event_is_checked_by_its_data(void **state)
{
    body(*state,
         "local good = hd1.checker({ type = 'object', required = { 'object' } })\n"
         "local bad = hd1.checker({ properties = { object = { properties = {"
         " name = { maxLength = 3 } } } } })",
         "assert(select('#', good(event)) == 0)\n"
         "local path, message = bad(event)\n"
         "assert(path == '/object/name', path)\n"
         "assert(message == 'must have at most 3 characters', message)\n"
         "assert(good(event.data) == nil and bad(event.data) == '/object/name')");
}

/* What an earlier plugin made of it is what is checked. */
static void
a_patched_event_is_checked_as_it_is_now(void **state)
{
    struct play *play = *state;

    play_add_setup(play, "b",
                   "return { before_event = { object_created = function(event)"
                   " return hd1.patch({ object = { color = 7 } }) end } }");
    body(play,
         "local check = hd1.checker({ properties = { object = { additionalProperties = {"
         " type = 'string' } } } })",
         "assert(check(event) == '/object/color')\n"
         "assert(event:members('/object', 'color') == 7)");
}

static void
any_value_is_checked(void **state)
{
    body(*state,
         "local check = hd1.checker({ type = { 'integer', 'array', 'null' }, maxItems = 1 })",
         "assert(check(1) == nil and check({ 1 }) == nil and check(hd1.json.null) == nil)\n"
         "assert(check(hd1.json.array({})) == nil and check(nil) == nil)\n"
         "assert(select(2, check({})) == 'must be an integer or an array or null')\n"
         "assert(select(2, check({ 1, 2 })) == 'must have at most 1 items')\n"
         "fails('a function value', check, print)\n"
         "local crowd = {}\n"
         "for i = 1, 1025 do crowd['k' .. i] = i end\n"
         "fails('too many members', check, crowd)\n"
         "fails('value expected', check)");
}

static void
a_schema_is_compiled_in_setup_only(void **state)
{
    body(*state,
         "assert(not pcall(hd1.checker)) assert(not pcall(hd1.checker, true))\n"
         "local _, why = pcall(hd1.checker, { properties = { a = { pattern = 'x' } } })\n"
         "assert(why:find('schema at /properties/a: unknown keyword \"pattern\"', 1, true), why)",
         "fails('is for setup', hd1.checker, {})");
}

static void
schemas_take_a_bounded_space(void **state)
{
    struct play *play = *state;

    play->instructions = 100000000;
    play_add_setup(play, "a",
                   "local many = { required = {} }\n"
                   "for i = 1, 256 do many.required[i] = 'n' .. i end\n"
                   "for i = 1, 1000 do hd1.checker(many) end");
    play_expect_refusal(play, "the schemas of a plugin may take");
}

static void
members_are_given_in_the_order_of_their_names(void **state)
{
    body(*state, "",
         "local kind, none, name = event:members('/object', 'type', 'none', 'name')\n"
         "assert(kind == 'cube' and none == nil and name == 'rose')\n"
         "assert(event:members('', 'object').name == 'rose')\n"
         "assert(select('#', event:members('/nothing', 'a', 'b')) == 2)\n"
         "assert(event:members('/object/name', 'a') == nil)\n"
         "local a, b = event:members('/object', 'name', 'name')\n"
         "assert(a == 'rose' and b == 'rose')\n"
         "fails('names of members', event.members, event, '/object')\n"
         "fails('string expected', event.members, event, '/object', {})\n"
         "fails('event:members', event.members, {}, '/object', 'x')\n"
         "fails('begins with a slash', event.members, event, 'object', 'x')\n"
         "fails('a name with a NUL', event.members, event, '/object', 'x\\0')\n"
         "local names = {}\n"
         "for i = 1, 33 do names[i] = 'n' .. i end\n"
         "fails('names of members', event.members, event, '/object', table.unpack(names))");
}

/* The sender's fault, not the plugin's; what does not build it is not hurt; and whoever catches the
 * failure answers for himself again. */
static void
a_member_too_large_for_the_plugins_memory_is_refused(void **state)
{
    static const char *const names[] = {"all", "one", "own"};
    static const char *const codes[] = {"too_large", "", "plugin_failed"};
    struct play *play = *state;
    struct buf event = BUF_INIT;

    play->memory_bytes = 512 * 1024;
    scene_create(play->scene, "demo");
    play_add_setup(play, "a",
                   "local check = hd1.checker({ type = 'object' })\n"
                   "return { before_event = { object_created = function(event)\n"
                   "  assert(not check(event))\n"
                   "  local name = event:members('/object', 'name')\n"
                   "  if name == 'all' then event:members('/object', 'nests') end\n"
                   "  if name == 'own' then\n"
                   "    assert(not pcall(event.members, event, '/object', 'nests'))\n"
                   "    error('a fault of its own') end end } }");
    play_start(play);
    for (int i = 0; i < 3; i++) {
        buf_clear(&event);
        buf_appendf(&event,
                    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"%s\","
                    "\"type\":\"cube\",\"nests\":[0",
                    names[i]);
        for (int j = 0; j < 10000; j++)
            buf_append_str(&event, ",[]");
        buf_append_str(&event, "]}}}");
        play_expect_event(play, buf_cstr(&event), codes[i]);
    }
    play_expect_described(play, "\"errors\":1");
    buf_fini(&event);
}

/* However little of it is built. */
static void
looking_at_a_long_event_costs(void **state)
{
    static const char *const names[] = {"check", "members"};
    struct play *play = *state;
    struct buf event = BUF_INIT;

    scene_create(play->scene, "demo");
    play_add_hook(play, "local check = hd1.checker({})",
                  "local todo = { check = function() check(event) end,\n"
                  "members = function() event:members('', 'none') end }\n"
                  "local look = todo[event:members('/object', 'name')]\n"
                  "for _ = 1, 1000 do look() end");
    play_start(play);
    for (size_t i = 0; i < 2; i++) {
        buf_clear(&event);
        buf_appendf(&event,
                    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"%s\","
                    "\"type\":\"cube\",\"pad\":\"%060000d\"}}}",
                    names[i], 0);
        play_expect_event(play, buf_cstr(&event), "plugin_failed");
    }
    buf_fini(&event);
}

/* A few looks are free, so that no event is too long for them. */
static void
a_long_event_is_looked_at_with_a_small_budget(void **state)
{
    struct play *play = *state;
    struct buf event = BUF_INIT;

    play->instructions = 2000;
    scene_create(play->scene, "demo");
    play_add_setup(play, "a",
                   "local check = hd1.checker({})\n"
                   "return { before_event = { object_created = function(event)\n"
                   "  assert(not check(event) and event:members('/object', 'name') == 'a')\n"
                   "end } }");
    play_start(play);
    buf_appendf(&event,
                "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"a\","
                "\"type\":\"cube\",\"pad\":\"%030000d\"}}}",
                0);
    play_expect_event(play, buf_cstr(&event), "");
    buf_fini(&event);
}

static void
an_event_is_gone_after_its_hook(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_setup(play, "a",
                   "local check, last, members = hd1.checker({})\n"
                   "return { before_message = function()\n"
                   "  if not last then return end\n"
                   "  local _, first = pcall(check, last)\n"
                   "  local _, second = pcall(members, last, '', 'x')\n"
                   "  return hd1.reject{ code = first:find('is gone')"
                   " and second:find('is gone') and 'gone' or 'there' } end,\n"
                   "before_event = function(event) last, members = event, event.members end }");
    play_start(play);
    play_expect_post(play, "a", "");
    play_expect_post(play, "b", "gone");
}

int
main(void)
{
#define PLAY_TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)
    const struct CMUnitTest tests[] = {
        PLAY_TEST(an_event_is_checked_by_its_data),
        PLAY_TEST(a_patched_event_is_checked_as_it_is_now),
        PLAY_TEST(any_value_is_checked),
        PLAY_TEST(a_schema_is_compiled_in_setup_only),
        PLAY_TEST(schemas_take_a_bounded_space),
        PLAY_TEST(members_are_given_in_the_order_of_their_names),
        PLAY_TEST(a_member_too_large_for_the_plugins_memory_is_refused),
        PLAY_TEST(looking_at_a_long_event_costs),
        PLAY_TEST(a_long_event_is_looked_at_with_a_small_budget),
        PLAY_TEST(an_event_is_gone_after_its_hook),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
