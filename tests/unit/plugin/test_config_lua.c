/* The configuration file: what its Lua may do, what comes out as JSON, how faults are named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "err.h"
#include "plugin/folder.h"
#include "plugin/vm/config_lua.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
    char path[64];
    char file[80];
    struct buf out, why;
};

static int
setup(void **state)
{
    struct fixture *f = mem_zalloc(sizeof(*f));

    folder_make(f->path);
    snprintf(f->file, sizeof(f->file), "%s/hd1.lua", f->path);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    folder_remove(f->path);
    buf_fini(&f->out);
    buf_fini(&f->why);
    free(f);
    return 0;
}

static int
run(struct fixture *f, const char *text)
{
    folder_write(f->path, "hd1.lua", text);
    buf_clear(&f->out);
    buf_clear(&f->why);
    return config_lua_run(f->file, &f->out, &f->why);
}

static void
expect(struct fixture *f, const char *text, const char *json)
{
    if (run(f, text) != 0)
        fail_msg("%s: %s", text, buf_cstr(&f->why));
    assert_string_equal(buf_cstr(&f->out), json);
    assert_int_equal(json_check(buf_span(&f->out), NULL, NULL), 0);
}

static void
tables_become_json(void **state)
{
    struct fixture *f = *state;

    expect(f, "return {}", "{}");
    expect(f, "return { a = 1 }", "{\"a\":1}");
    expect(f, "return { a = { 1, 2 } }", "{\"a\":[1,2]}");
    expect(f, "return { a = {} }", "{\"a\":{}}");
    expect(f, "return { a = { 'x', { 'y' } } }", "{\"a\":[\"x\",[\"y\"]]}");
    expect(f, "local rate = 25 * 2\nreturn { rate = rate }", "{\"rate\":50}");
    expect(f, "return { a = 1.5, }", "{\"a\":1.5}");
}

static void
a_plugin_entry_with_options_becomes_an_object(void **state)
{
    struct fixture *f = *state;
    struct span value;

    assert_int_equal(run(f, "return { 'rate_limit', rate = 5 }"), 0);
    assert_true(json_member(buf_span(&f->out), "1", &value));
    assert_true(span_is(value, "\"rate_limit\""));
    assert_true(json_member(buf_span(&f->out), "rate", NULL));
}

static void
faults_name_file_and_line(void **state)
{
    static const struct {
        const char *text, *place;
        int err;
    } cases[] = {
        {"return {\n  a = \n}", ":3: ", HD1_ESCRIPT},
        {"\nlocal x = nil + 1", ":2: ", HD1_ESCRIPT},
        {"return { a = os.getenv('HOME') }", ":1: ", HD1_ESCRIPT},
        {"return require('x')", ":1: ", HD1_ESCRIPT},
        {"while true do end", "budget", HD1_ESCRIPT},
        {"return { a = function() end }", "a: a function value", HD1_EINVAL},
        {"local t = {} t.t = t return t", "inside itself", HD1_EINVAL},
        {"return { a = 0/0 }", "a: a number that is not finite", HD1_EINVAL},
        {"return 7", "must return a table", HD1_EINVAL},
        {"return", "must return a table", HD1_EINVAL},
        {"return { 1, 2 }", "must return a table", HD1_EINVAL},
        {"\x1bLua", "binary", HD1_ESCRIPT},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(run(f, cases[i].text), cases[i].err);
        if (!strstr(buf_cstr(&f->why), cases[i].place) || !strstr(f->why.data, f->path))
            fail_msg("%s: %s", cases[i].text, f->why.data);
        assert_int_equal(f->out.len, 0);
    }
}

static void
a_missing_file_is_told_from_a_bad_one(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(config_lua_run("/nowhere/hd1.lua", &f->out, &f->why), HD1_ENOENT);
    assert_non_null(strstr(buf_cstr(&f->why), "/nowhere/hd1.lua: "));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tables_become_json, setup, teardown),
        cmocka_unit_test_setup_teardown(a_plugin_entry_with_options_becomes_an_object, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(faults_name_file_and_line, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_file_is_told_from_a_bad_one, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
