/* Loading plugins: what a file must look like, options and their types, and how faults are named.
 */
#include "plugin/play.h"

#include "plugin/folder.h"
#include "json/json.h"

#include <stdio.h>
#include <string.h>

static void
a_plugin_without_hooks_loads(void **state)
{
    struct play *play = *state;

    play_add(play, "a", NULL,
             "return { name = 'a', version = '1', api = 1, setup = function() end }");
    play_start(play);
}

static void
faults_of_a_file_name_it_and_the_line(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"return 7", "/a.lua:1: must return a table, not a number"},
        {"", "/a.lua: must return a table"},
        {"return { name = 'b', version = '1', api = 1 }", "/a.lua:1: name must be \"a\""},
        {"return { name = 'a',\n api = 1 }", "version must be a string"},
        {"return { name = 'a', version = '1' }", "api must be 1"},
        {"return { name = 'a', version = '1', api = 2 }", "/a.lua:1: api must be 1"},
        {"return { name = 'a', version = '1', api = 1 }", "setup is missing"},
        {"return { name = 'a', version = '1', api = 1,\n\n setup = 7 }",
         "/a.lua:3: setup must be a function"},
        {"return { name = 'a', version = '1', api = 1,\n hooks = {},\n setup = print }",
         "/a.lua:2: unknown key 'hooks'"},
        {"return { name = 'a', version = '1', api = 1,\n setup = function() return 7 end }",
         "setup must return a table of hooks"},
        {"return { name = 'a', version = '1', api = 1, setup = function() return {\n"
         "before_evnet = print } end }",
         "/a.lua:2: unknown moment 'before_evnet'"},
        {"return { name = 'a', version = '1', api = 1, setup = function() return {\n"
         "before_join = {} } end }",
         "/a.lua:2: before_join must be a function"},
        {"return { name = 'a', version = '1', api = 1, setup = function() return {\n"
         "before_event = 7 } end }",
         "before_event must be a function, or a table"},
        {"return { name = 'a', version = '1', api = 1, setup = function() return {\n"
         "before_event = { object_created = 7 } } end }",
         "/a.lua:2: before_event.object_created must be a function"},
        {"return { name = 'a', version = '1', api = 1, setup = function() return {\n\n"
         "before_event = { object_craeted = print } } end }",
         "/a.lua:3: there is no event type 'object_craeted'; did you mean object_created?\n"},
        {"return { name = 'a', version = '1', api = 1, setup = function() return {\n"
         "after_event = { sunrise = print } } end }",
         "/a.lua:2: there is no event type 'sunrise'\n"},
        {"return { name = 'a', version = '1', api = 1, setup = function(hd1)\n"
         "hd1.emit{ type = 'object_craeted' } end }",
         "there is no event type 'object_craeted'; did you mean object_created?"},
        {"return { name = 'a', version = '1', api = 1, setup = function() return {\n"
         "before_event = { ['objekt_*'] = print } } end }",
         "there is no event type 'objekt_*'"},
        {"\nreturn {", "/a.lua:2: "},
        {"\n\nerror('boom')", "/a.lua:3: boom"},
        {"\nreturn { name = 'a', version = '1', api = 1, setup = function()\nerror('no') end }",
         "/a.lua:3: no"},
        {"while true do end", "/a.lua:1: the budget of"},
        {"return { name = 'a', version = '1', api = 1, setup = function() while true do end end }",
         "the budget of"},
        {"return require('missing')", "/a.lua:1: there is no library 'missing'"},
        {"\nlocal x = require('missing')", "/a.lua:2: there is no library 'missing'"},
        {"return require('../a')", "a library's name is"},
        {"return { name = 'a', version = '1', api = 1, setup = print, events = {\nBad = {} } }",
         "/a.lua:2: an event type is named"},
        {"return { name = 'a', version = '1', api = 1, setup = print, events = {\n"
         "object_created = {} } }",
         "/a.lua:2: event type object_created exists already (of core)"},
        {"return { name = 'a', version = '1', api = 1, setup = print, events = {\n"
         "wave = { lane = 'fast' } } }",
         "lane must be \"durable\" or \"volatile\""},
        {"return { name = 'a', version = '1', api = 1, setup = print, events = {\n"
         "wave = { scheme = {} } } }",
         "/a.lua:2: event wave: unknown key 'scheme'"},
        {"return { name = 'a', version = '1', api = 1, setup = print, events = {\n"
         "wave = { schema = { x = print } } } }",
         "event wave: schema: x: a function value"},
        {"return { name = 'a', version = '1', api = 1, setup = print, events = {\n"
         "wave = { schema = { additionalProperties = false } } } }",
         "/a.lua:2: event wave: schema: would refuse every event: session_id"},
        {"return { name = 'a', version = '1', api = 1, setup = print, events = {\n"
         "wave = { schema = { required = { 'session_id' }, additionalProperties = false } } } }",
         "/a.lua:2: event wave: schema: would refuse every event: session_id"},
        {"local function setup(hd1)\n local wave = hd1.wave == 1\nend\nreturn { name = 'a',"
         " version = '1', api = 1, setup = setup, events = {\n ['wave'] = { lane = 'fast' } } }",
         "/a.lua:5: event wave: lane must be"},
        {"local function setup(hd1)\n local t = {} t.wave = 1\nend\nreturn { name = 'a',"
         " version = '1', api = 1, setup = setup, events = {\n wave = { lane = 'fast' } } }",
         "/a.lua:5: event wave: lane must be"},
    };
    struct play *play = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        play->entry_count = 0;
        play_add(play, "a", NULL, cases[i].text);
        play_expect_refusal(play, cases[i].part);
    }
}

/* Only what clients send has a session_id for sure; a schema may choose among those there are. */
static void
a_schema_need_not_admit_every_session_id(void **state)
{
    struct play *play = *state;

    play_add(play, "a", NULL,
             "return { name = 'a', version = '1', api = 1, setup = print, events = {\n"
             "wave = { sendable = false, schema = { additionalProperties = false } },\n"
             "call = { schema = { properties = { session_id = { minLength = 5 } },\n"
             "additionalProperties = false } } } }");
    play_start(play);
}

static void
a_missing_file_and_a_bad_name_and_a_double_are_refused(void **state)
{
    struct play *play = *state;

    play->entries[play->entry_count++] = (struct plugin_entry){"nowhere", SPAN("{}"), "hd1.lua:3"};
    play_expect_refusal(play, "nowhere.lua");
    play->entries[0].name = "../etc/passwd";
    play_expect_refusal(play, "hd1.lua:3: a plugin's name is");
    play->entry_count = 0;
    play_add_setup(play, "a", "");
    play_add_setup(play, "a", "");
    play_expect_refusal(play, "hd1.lua:12: plugin a is listed twice");
}

static void
all_faults_are_told_at_once(void **state)
{
    struct play *play = *state;

    play_add(play, "a", NULL, "return 1");
    play_add(play, "b", NULL, "return 2");
    play_expect_refusal(play, "/a.lua:1: must return a table, not a number\n");
    play_expect_refusal(play, "/b.lua:1: must return a table, not a number\n");
}

/* --- options --- */

#define HEAD "return { name = 'a', version = '1', api = 1, setup = function(hd1, config)\n"

static void
check_options(struct play *play, const char *specs, const char *options, const char *check)
{
    char text[1024];

    play->entry_count = 0;
    snprintf(text, sizeof(text), HEAD "%s end,\nconfig = {\n%s\n} }", check, specs);
    play_add(play, "a", options, text);
}

static void
options_are_typed(void **state)
{
    static const struct {
        const char *specs, *options, *check; /* check raises unless the options are right */
    } cases[] = {
        {"n = { type = 'integer', default = 5 }", "{}", "assert(config.n == 5)"},
        {"n = { type = 'integer', default = 5 }", "{\"n\":7}", "assert(config.n == 7)"},
        {"n = { type = 'number' }", "{\"n\":1.5}", "assert(config.n == 1.5)"},
        {"n = { type = 'number' }", "{\"n\":1}", "assert(config.n == 1)"},
        {"n = { type = 'number' }", "{}", "assert(config.n == nil)"},
        {"b = { type = 'boolean', default = true }", "{\"b\":false}", "assert(config.b == false)"},
        {"s = { type = 'string', enum = { 'x', 'y' } }", "{\"s\":\"y\"}",
         "assert(config.s == 'y')"},
        {"l = { type = 'list', items = { type = 'string' } }", "{\"l\":[\"a\",\"b\"]}",
         "assert(#config.l == 2)"},
        {"l = { type = 'list' }", "{\"l\":{}}", "assert(#config.l == 0)"},
        {"t = { type = 'table' }", "{\"t\":{\"free\":[1]}}", "assert(config.t.free[1] == 1)"},
        {"t = { type = 'table', fields = { rate = { type = 'number', default = 9 } } }", "{}",
         "assert(config.t.rate == 9)"},
        {"t = { type = 'table', fields = { rate = { type = 'number', default = 9 } } }",
         "{\"t\":{\"rate\":3}}", "assert(config.t.rate == 3)"},
        {"", "{\"on_error\":\"open\"}", "assert(config.on_error == nil)"},
    };
    struct play *play = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_options(play, cases[i].specs, cases[i].options, cases[i].check);
        play_start(play);
        plugins_free(play->plugins);
        play->plugins = NULL;
    }
}

static void
wrong_options_name_the_configurations_line(void **state)
{
    static const struct {
        const char *specs, *options, *part;
    } cases[] = {
        {"n = { type = 'integer' }", "{\"m\":1}",
         "hd1.lua:12: plugin a: option m is not known; known: n"},
        {"n = { type = 'integer' }", "{\"n\":1.5}",
         "hd1.lua:12: plugin a: option n must be of type integer, is a number"},
        {"n = { type = 'integer' }", "{\"n\":\"1\"}",
         "option n must be of type integer, is a string"},
        {"n = { type = 'integer' }", "{\"n\":null}", "option n must be of type integer"},
        {"n = { type = 'integer', min = 1 }", "{\"n\":0}", "option n must be at least 1"},
        {"n = { type = 'integer', max = 4 }", "{\"n\":5}", "option n must be at most 4"},
        {"s = { type = 'string', min = 2 }", "{\"s\":\"x\"}",
         "option s must have at least 2 in length"},
        {"s = { type = 'string', enum = { 'x', 'y' } }", "{\"s\":\"z\"}",
         "option s must be one of x, y"},
        {"s = { type = 'string', required = true }", "{}", "option s is required"},
        {"l = { type = 'list' }", "{\"l\":{\"a\":1}}", "option l must be of type list"},
        {"l = { type = 'list', items = { type = 'integer' } }", "{\"l\":[1,\"x\"]}",
         "option l[2] must be of type integer, is a string"},
        {"t = { type = 'table' }", "{\"t\":[1]}", "option t must be of type table"},
        {"t = { type = 'table', fields = { rate = { type = 'number', min = 1 } } }",
         "{\"t\":{\"rate\":0}}", "option t.rate must be at least 1"},
        {"t = { type = 'table', fields = { rate = { type = 'number' } } }", "{\"t\":{\"rat\":0}}",
         "option t.rat is not known; known: rate"},
        {"", "{\"on_error\":\"maybe\"}", "option on_error must be \"open\" or \"closed\""},
    };
    struct play *play = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_options(play, cases[i].specs, cases[i].options, "");
        play_expect_refusal(play, cases[i].part);
    }
}

static void
wrong_specs_name_the_plugins_line(void **state)
{
    static const struct {
        const char *specs, *part;
    } cases[] = {
        {"n = 7", "/a.lua:4: config of n: must be a table"},
        {"n = {}", "/a.lua:4: config of n: needs a type"},
        {"n = { type = 'int' }", "config of n: type must be"},
        {"n = { type = 'int', default = 1 }", "type must be integer, number"},
        {"n = { type = 'integer',\ndefualt = 1 }",
         "/a.lua:5: config of n: unknown key 'defualt'; did you mean default?"},
        {"n = { type = 'integer', colour = 1 }",
         "/a.lua:4: config of n: unknown key 'colour'; known: type, default"},
        {"n = { type = 'integer', default = 'x' }",
         "/a.lua:4: default of n must be of type integer, is a string"},
        {"n = { type = 'integer', default = 1, min = 2 }",
         "/a.lua:4: default of n must be at least 2"},
        {"n = { type = 'string', default = 'z', enum = { 'x', 'y' } }",
         "/a.lua:4: default of n must be one of x, y"},
        {"t = { type = 'table', default = { rate = 0 }, fields = { rate = { type = 'number', "
         "min = 1 } } }",
         "/a.lua:4: default of t.rate must be at least 1"},
        {"t = { type = 'table', default = { rat = 0 }, fields = { rate = { type = 'number' } } }",
         "/a.lua:4: default of t.rat is not known; known: rate"},
        {"l = { type = 'list', default = { 'x' }, items = { type = 'integer' } }",
         "a.lua: default of l[1] must be of type integer"},
        {"n = { type = 'integer', default = 1, min = 'x' }", "min and max must be numbers"},
        {"[1] = { type = 'integer' }", "keyed by their names"},
    };
    struct play *play = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_options(play, cases[i].specs, "{}", "");
        play_expect_refusal(play, cases[i].part);
    }
}

static void
on_error_open_is_not_for_those_who_guard_joins(void **state)
{
    struct play *play = *state;

    play_add(play, "a", "{\"on_error\":\"open\"}",
             HEAD "return { before_join = function() end } end }");
    play_expect_refusal(play, "hd1.lua:12: plugin a: on_error");
}

/* --- what setup sees --- */

static void
setup_sees_the_types_of_all_plugins_and_their_schemas(void **state)
{
    struct play *play = *state;

    play_add_setup(
        play, "first",
        "local schema = hd1.schema('wave') "
        "assert(schema.properties.text.maxLength == 5) "
        "assert(#schema.required == 1) "
        "assert(hd1.json.is_array(schema.required)) "
        "assert(hd1.schema('object_created').type == 'object') "
        "assert(hd1.schema('nothing') == nil) "
        "local found = false "
        "for _, name in ipairs(hd1.event_types()) do found = found or name == 'wave' end "
        "assert(found) "
        "return { before_event = { wave = function() end } }");
    play_add(
        play, "second", NULL,
        "return { name = 'second', version = '1', api = 1, setup = function() end, events = { "
        "wave = { doc = 'hello', lane = 'volatile', schema = { type = 'object', properties = { "
        "text = { type = 'string', maxLength = 5 } }, required = { 'text' } } } } }");
    play_start(play);
    assert_int_equal(event_types_find(hub_types(play->scene->hub), SPAN("wave"))->lane,
                     LANE_VOLATILE);
}

static void
libraries_are_found_in_lib_only_and_loaded_once(void **state)
{
    struct play *play = *state;

    folder_write(play->path, "lib/counter.lua", "return { count = 0 }");
    play_add_setup(play, "a",
                   "require('counter').count = 5 assert(require('counter').count == 5) "
                   "assert(not pcall(require, 'b')) assert(not pcall(require, 'lib/counter'))");
    play_add_setup(play, "b", "assert(require('counter').count == 0)");
    play_start(play);
}

static void
description_is_json_and_hides_secrets(void **state)
{
    struct play *play = *state;
    struct buf out = BUF_INIT;

    play_add(play, "a", "{\"key\":\"hush\",\"rate\":7}",
             HEAD "assert(config.key == 'hush') return { before_event = function() end } end,\n"
                  "config = { key = { type = 'string', secret = true }, "
                  "rate = { type = 'integer' } }, events = { wave = {} } }");
    play_start(play);
    plugins_describe(play->plugins, &out);
    assert_int_equal(json_check(buf_span(&out), NULL, NULL), 0);
    assert_null(strstr(buf_cstr(&out), "hush"));
    assert_non_null(strstr(out.data, "\"rate\":7"));
    assert_non_null(strstr(out.data, "\"events\":[\"wave\"]"));
    assert_non_null(strstr(out.data, "\"before_event\":{\"calls\":0"));
    buf_fini(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_plugin_without_hooks_loads),
        TEST(faults_of_a_file_name_it_and_the_line),
        TEST(a_schema_need_not_admit_every_session_id),
        TEST(a_missing_file_and_a_bad_name_and_a_double_are_refused),
        TEST(all_faults_are_told_at_once),
        TEST(options_are_typed),
        TEST(wrong_options_name_the_configurations_line),
        TEST(wrong_specs_name_the_plugins_line),
        TEST(on_error_open_is_not_for_those_who_guard_joins),
        TEST(setup_sees_the_types_of_all_plugins_and_their_schemas),
        TEST(libraries_are_found_in_lib_only_and_loaded_once),
        TEST(description_is_json_and_hides_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
