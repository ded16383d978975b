/* One Lua state: what it offers and refuses, its errors, its memory; test_vm_hostile.c breaks it.
 */
#include "vm_test.h"

static void
what_is_dangerous_is_not_there(void **state)
{
    static const char *const names[] = {
        "io",          "debug",           "package",   "load",      "loadstring",   "loadfile",
        "dofile",      "collectgarbage",  "warn",      "require",   "string.dump",  "os.execute",
        "os.exit",     "os.getenv",       "os.remove", "os.rename", "os.setlocale", "os.tmpname",
        "os.difftime", "coroutine.debug", "cjson.new",
    };
    char text[64];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(text, sizeof(text), "return %s", names[i]);
        expect_result(*state, text, "nil");
    }
}

static void
what_is_harmless_works(void **state)
{
    static const char *const texts[][2] = {
        {"return ('x'):rep(3, '-')", "x-x-x"},
        {"return table.concat({1, 2, 3}, ',')", "1,2,3"},
        {"return ('a-b-c'):gsub('-', '+')", "a+b+c"},
        {"return ('  trim me  '):match('^%s*(.-)%s*$')", "trim me"},
        {"return ('key = value'):match('(%w+)%s*=%s*(%w+)')", "key"},
        {"return ('a.b'):find('.', 1, true)", "2"},
        {"local t = {} for w in ('one two'):gmatch('%a+') do t[#t + 1] = w end return #t", "2"},
        {"return string.format('%5.2f', 3.14159)", " 3.14"},
        {"local t = {3, 1, 2} table.sort(t) return t[1]", "1"},
        {"return select('#', table.unpack({1, nil, 3}, 1, 3))", "3"},
        {"return #table.move({1, 2, 3}, 1, 3, 2)", "4"},
        {"local t = {1, 2, 3} table.insert(t, 1, 0) table.remove(t, 1) return t[1]", "1"},
        {"return math.type(1 // 1)", "integer"},
        {"return utf8.len('äöü')", "3"},
        {"return type(os.time())", "number"},
        {"return pcall(error, 'x')", "false"},
        {"return select(2, xpcall(error, function(e) return e .. '!' end, 'x'))", "x!"},
        {"return select(2, xpcall(function(...) return select('#', ...) end, print, 1, 2))", "2"},
        {"return coroutine.wrap(function() coroutine.yield(7) end)()", "7"},
        {"return setmetatable({}, {__index = {a = 1}}).a", "1"},
        {"return cjson.encode({1, 2})", "[1,2]"},
        {"return cjson.decode('[1]')[1]", "1.0"},
        {"return cjson.decode('[null]')[1] == cjson.null", "true"},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        expect_result(*state, texts[i][0], texts[i][1]);
}

static void
strings_are_protected(void **state)
{
    expect_result(*state, "return getmetatable('')", "false");
    expect_result(*state, "return (pcall(setmetatable, '', {}))", "false");
}

static void
errors_name_place_and_traceback(void **state)
{
    assert_int_equal(run_text(*state, "local function f() error('boom') end\nf()", NULL),
                     HD1_ESCRIPT);
    assert_string_equal(vm_error_line(*state), "chunk:1: boom");
    assert_non_null(strstr(vm_error(*state), "stack traceback"));
    assert_non_null(strstr(vm_error(*state), "chunk:2"));
}

static void
errors_of_guarded_natives_name_the_callers_line(void **state)
{
    assert_int_equal(run_text(*state, "\n\nlocal x = ('x'):rep(1e9)", NULL), HD1_ESCRIPT);
    assert_non_null(strstr(vm_error_line(*state), "chunk:3:"));
    assert_int_equal(run_text(*state, "\nstring.find()", NULL), HD1_ESCRIPT);
    assert_non_null(strstr(vm_error_line(*state), "chunk:2: bad argument #1 to 'find'"));
}

/* Not by the budget, which nothing can catch. */
static void
what_is_too_large_for_a_native_is_an_error(void **state)
{
    static const char *const texts[][2] = {
        {"local x = ('xx'):rep(600000)", "resulting string too long"},
        {"local x = (''):rep(1 << 40)", "resulting string too long"},
        {"local x = ('x'):rep(1, ('x'):rep(1 << 20) .. 'x')", "string too long"},
        {"local x = ('x'):rep(70000):format()", "format too long"},
        {"local x = table.concat({}, '', 1, 2000000)", "too many elements"},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(run_text(*state, texts[i][0], NULL), HD1_ESCRIPT);
        assert_non_null(strstr(vm_error_line(*state), texts[i][1]));
    }
}

static void
budget_and_memory_are_told_from_errors(void **state)
{
    assert_int_equal(run_text(*state, "error('x')", NULL), HD1_ESCRIPT);
    assert_int_equal(run_text(*state, "while true do end", NULL), HD1_EBUDGET);
    assert_non_null(strstr(vm_error(*state), "budget"));
    /* A small cap: filling a large one may take longer than a call has. */
    struct vm *vm = make_vm(1024 * 1024);

    assert_int_equal(run_text(vm, "local s = 'x' while true do s = s .. s end", NULL), HD1_EBUDGET);
    assert_non_null(strstr(vm_error(vm), "memory"));
    vm_free(vm);
}

static void
let_go(lua_State *L, void *ctx)
{
    (void)ctx;
    lua_pushnil(L);
    lua_setglobal(L, "keep");
}

static void
memory_never_exceeds_the_cap_and_comes_back(void **state)
{
    struct vm *vm = make_vm(1024 * 1024);

    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(run_text(vm, "keep = {} for i = 1, 1e6 do keep[i] = {} end", NULL),
                         HD1_EBUDGET);
        assert_true(vm_memory(vm) <= 1024 * 1024);
        assert_int_equal(vm_call(vm, let_go, NULL), 0);
    }
    vm_free(vm);
}

static void
push_until_full(lua_State *L, void *ctx)
{
    char text[64];

    (void)ctx;
    for (int i = 0;; i++) {
        snprintf(text, sizeof(text), "argument %d of many that are pushed", i);
        luaL_checkstack(L, 1, "arguments");
        lua_pushstring(L, text);
        lua_newtable(L);
        lua_rawset(L, LUA_REGISTRYINDEX);
        lua_pushinteger(L, i);
    }
}

/* A plugin that fills its memory to the brim must not make pushing its next arguments panic. */
static void
arguments_pushed_at_the_memory_cap_do_not_panic(void **state)
{
    struct vm *vm = make_vm(256 * 1024);

    (void)state;
    assert_int_equal(vm_call(vm, push_until_full, NULL), HD1_EBUDGET);
    assert_int_equal(run_text(vm,
                              "keep = {} local ok repeat ok = pcall(function() for i = 1, 50 do "
                              "keep[#keep + 1] = {i} end end) until not ok",
                              NULL),
                     0);
    assert_int_equal(vm_call(vm, push_until_full, NULL), HD1_EBUDGET);
    vm_free(vm);
}

static void
a_cap_too_small_for_the_libraries_gives_no_state(void **state)
{
    struct vm_options options = {.name = "small"};

    (void)state;
    for (size_t bytes = 1000; bytes < 40000; bytes += 1500) {
        options.memory_bytes = bytes;
        vm_free(vm_new(&options));
    }
    options.memory_bytes = 1000;
    assert_null(vm_new(&options));
}

static void
each_call_has_a_fresh_budget(void **state)
{
    for (int i = 0; i < 20; i++)
        expect_result(*state, "local n = 0 for i = 1, 300000 do n = n + 1 end return n", "300000");
}

static void
a_coroutine_kept_over_a_stopped_call_goes_on(void **state)
{
    expect_result(
        *state,
        "co = coroutine.create(function() while true do local n = 0 for i = 1, 2000 do "
        "n = n + 1 end coroutine.yield(n) end end) return select(2, coroutine.resume(co))",
        "2000");
    assert_int_equal(run_text(*state, "while true do coroutine.resume(co) end", NULL), HD1_EBUDGET);
    expect_result(*state, "return coroutine.status(co) ~= nil", "true");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, vm_setup, vm_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_dangerous_is_not_there),
        TEST(what_is_harmless_works),
        TEST(strings_are_protected),
        TEST(errors_name_place_and_traceback),
        TEST(errors_of_guarded_natives_name_the_callers_line),
        TEST(what_is_too_large_for_a_native_is_an_error),
        TEST(budget_and_memory_are_told_from_errors),
        cmocka_unit_test(memory_never_exceeds_the_cap_and_comes_back),
        cmocka_unit_test(arguments_pushed_at_the_memory_cap_do_not_panic),
        cmocka_unit_test(a_cap_too_small_for_the_libraries_gives_no_state),
        TEST(each_call_has_a_fresh_budget),
        TEST(a_coroutine_kept_over_a_stopped_call_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
