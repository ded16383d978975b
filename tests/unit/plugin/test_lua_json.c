/* JSON into Lua and back: what survives, what is refused and how that is named. */
#include "vm_test.h"

#include "plugin/vm/lua_json.h"
#include "json/json.h"

#include <stdlib.h>

struct trip {
    const char *in;
    struct buf out;
};

static void
round_trip(lua_State *L, void *ctx)
{
    struct trip *trip = ctx;
    const char *why;
    size_t offset;

    if (!lua_json_push_text(L, span_of(trip->in), &why, &offset))
        luaL_error(L, "%s at %d", why, (int)offset);
    assert_int_equal(lua_gettop(L), 1);
    buf_append_span(&trip->out, lua_json_encode(L, -1, LUA_JSON_BYTES_MAX));
    assert_int_equal(lua_gettop(L), 1);
}

static void
values_come_back_as_they_were(void **state)
{
    static const char *const texts[] = {
        "null",
        "true",
        "false",
        "0",
        "1",
        "-1",
        "9007199254740993",
        "9223372036854775807",
        "-9223372036854775808",
        "0.5",
        "-0.25",
        "1e300",
        "0.1",
        "-0.001",
        "12345.678901",
        "1234567890.12345",
        "1234567890.1234567",
        "999999999999999999",
        "-999999999999999999",
        "\"\"",
        "\"abc\"",
        "\"\\\"\\\\\\n\\u0001\"",
        "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"",
        "[]",
        "{}",
        "[[]]",
        "[{}]",
        "[1,2,3]",
        "[null,1,null]",
        "[1,[2,[3,[]]]]",
        "{\"a\":1}",
        "{\"a\":{}}",
        "{\"a\":[]}",
        "{\"a\":null}",
        "{\"1\":2}",
        "{\"a\":[{\"b\":[true,false]}]}",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct trip trip = {.in = texts[i]};

        if (vm_call(*state, round_trip, &trip) != 0)
            fail_msg("%s: %s", texts[i], vm_error(*state));
        assert_string_equal(buf_cstr(&trip.out), texts[i]);
        buf_fini(&trip.out);
    }
}

static void
spelling_may_change_but_not_the_value(void **state)
{
    static const char *const texts[][2] = {
        {" [ 1 , 2 ] ", "[1,2]"},
        {"{ \"a\" : \"\\u0041\\ud83d\\ude00\" }", "{\"a\":\"A\xf0\x9f\x98\x80\"}"},
        {"1e2", "100"},
        {"1.0", "1"},
        {"\"\\/\"", "\"/\""},
        {"123456789012345678901234567890", "1.2345678901234568e29"},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct trip trip = {.in = texts[i][0]};

        assert_int_equal(vm_call(*state, round_trip, &trip), 0);
        assert_string_equal(buf_cstr(&trip.out), texts[i][1]);
        buf_fini(&trip.out);
    }
}

/* {"k0":[0,{}],"k1":[1,{}],...} */
static void
push_members(lua_State *L, void *ctx)
{
    const int *count = ctx;
    struct buf text = BUF_INIT;
    const char *why;
    size_t offset;
    bool is_good;

    for (int i = 0; i < *count; i++)
        buf_appendf(&text, "%s\"k%d\":[%d,{}]", i ? "," : "{", i, i);
    buf_append_str(&text, *count ? "}" : "{}");
    is_good = lua_json_push_text(L, buf_span(&text), &why, &offset);
    buf_fini(&text);
    assert_true(is_good);
    assert_int_equal(lua_gettop(L), 1);
    for (int i = 0; i < *count; i++) {
        char key[16];

        snprintf(key, sizeof(key), "k%d", i);
        assert_int_equal(lua_getfield(L, 1, key), LUA_TTABLE);
        lua_rawgeti(L, -1, 1);
        assert_int_equal(lua_tointeger(L, -1), i);
        lua_settop(L, 1);
    }
}

static void
objects_have_all_their_members_whatever_their_number(void **state)
{
    for (int count = 0; count < 40; count++)
        assert_int_equal(vm_call(*state, push_members, &count), 0);
}

struct attempt {
    const char *text; /* a Lua expression */
    struct lua_json_options options;
    int err;
    struct buf out;
    char why[LUA_JSON_WHY_MAX];
};

static void
encode_expression(lua_State *L, void *ctx)
{
    struct attempt *attempt = ctx;
    char text[512];

    snprintf(text, sizeof(text), "return %s", attempt->text);
    if (luaL_loadbufferx(L, text, strlen(text), "=x", "t") != LUA_OK)
        lua_error(L);
    lua_call(L, 0, 1);
    attempt->err = lua_json_append(L, -1, &attempt->options, &attempt->out, attempt->why);
    assert_int_equal(lua_gettop(L), 1);
}

static void
encode(struct vm *vm, struct attempt *attempt)
{
    if (vm_call(vm, encode_expression, attempt) != 0)
        fail_msg("%s: %s", attempt->text, vm_error(vm));
    buf_fini(&attempt->out);
}

static void
what_is_not_json_is_refused_with_its_place(void **state)
{
    static const char *const texts[][2] = {
        {"print", "a function value"},
        {"{a = {b = print}}", "a.b: a function value"},
        {"{1, 2, {x = print}}", "[3].x: a function value"},
        {"0/0", "a number that is not finite"},
        {"{x = math.huge}", "x: a number that is not finite"},
        {"'\\xff'", "a string that is not valid UTF-8"},
        {"'\\xed\\xa0\\x80'", "a string that is not valid UTF-8"},
        {"{['\\xff'] = 1}", "a string that is not valid UTF-8"},
        {"{1, nil, 3}", "an array with holes or with other keys"},
        {"{[2] = 1}", "a table with a key that is neither a string nor of a sequence"},
        {"{1, a = 2}", "an array with holes or with other keys"},
        {"{[true] = 1}", "a table with a key that is neither a string nor of a sequence"},
        {"{[1.5] = 1}", "a table with a key that is neither a string nor of a sequence"},
        {"coroutine.create(print)", "a thread value"},
        {"(function() local t = {} t.t = t return t end)()",
         "t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t: tables nested too "
         "deeply, or one inside itself"},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct attempt attempt = {.text = texts[i][0], .options = {.bytes_max = 1000}};

        encode(*state, &attempt);
        assert_int_equal(attempt.err, HD1_EINVAL);
        if (attempt.why[0] != 't' || attempt.why[1] != '.')
            assert_string_equal(attempt.why, texts[i][1]);
        else
            assert_non_null(strstr(attempt.why, "one inside itself"));
    }
}

static void
size_is_capped_before_memory_is(void **state)
{
    static const char *const texts[] = {
        "('x'):rep(2000)",
        "{('x'):rep(600), ('x'):rep(600)}",
        "{[('x'):rep(2000)] = 1}",
        "(function() local t = {} for i = 1, 20 do t = {t, t} end return t end)()",
        "(function() local t = {} for i = 1, 10000 do t[i] = 1 end return t end)()",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct attempt attempt = {.text = texts[i], .options = {.bytes_max = 1000}};

        encode(*state, &attempt);
        assert_int_equal(attempt.err, HD1_ETOOBIG);
    }
}

static void
mixed_tables_are_objects_if_asked_for(void **state)
{
    struct attempt attempt = {.text = "{'rate_limit', rate = 5}",
                              .options = {.bytes_max = 1000, .is_mixed = true}};
    struct span value;

    if (vm_call(*state, encode_expression, &attempt) != 0)
        fail_msg("%s", vm_error(*state));
    assert_int_equal(attempt.err, 0);
    assert_int_equal(json_check(buf_span(&attempt.out), NULL, NULL), 0);
    assert_true(json_member(buf_span(&attempt.out), "1", &value));
    assert_true(span_is(value, "\"rate_limit\""));
    assert_true(json_member(buf_span(&attempt.out), "rate", &value));
    buf_fini(&attempt.out);
}

static void
decoding_is_bounded_by_the_memory_cap(void **state)
{
    struct vm_options options = {.name = "small", .memory_bytes = 200 * 1024};
    struct vm *vm = vm_new(&options);
    struct trip trip = {.in = NULL};
    struct buf text = BUF_INIT;

    (void)state;
    buf_append_char(&text, '[');
    for (int i = 0; i < 50000; i++)
        buf_append_str(&text, "[],");
    buf_append_str(&text, "1]");
    trip.in = buf_cstr(&text);
    assert_int_equal(vm_call(vm, round_trip, &trip), HD1_EBUDGET);
    buf_fini(&trip.out);
    buf_fini(&text);
    vm_free(vm);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, vm_setup, vm_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_come_back_as_they_were),
        TEST(objects_have_all_their_members_whatever_their_number),
        TEST(spelling_may_change_but_not_the_value),
        TEST(what_is_not_json_is_refused_with_its_place),
        TEST(size_is_capped_before_memory_is),
        TEST(mixed_tables_are_objects_if_asked_for),
        cmocka_unit_test(decoding_is_bounded_by_the_memory_cap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
