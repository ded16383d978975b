/* Walking over checked texts: types, members, elements, keys, compact copies. */
#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct span
checked(const char *text)
{
    struct span value;

    assert_int_equal(json_check(span_of(text), &value, NULL), 0);
    return value;
}

static void
assert_span(struct span span, const char *expected)
{
    assert_int_equal(span.len, strlen(expected));
    assert_memory_equal(span.at, expected, span.len);
}

static void
the_first_byte_tells_the_type(void **state)
{
    (void)state;
    assert_int_equal(json_type_of(checked("null")), JSON_NULL);
    assert_int_equal(json_type_of(checked("false")), JSON_FALSE);
    assert_int_equal(json_type_of(checked("true")), JSON_TRUE);
    assert_int_equal(json_type_of(checked("0")), JSON_NUMBER);
    assert_int_equal(json_type_of(checked("-1")), JSON_NUMBER);
    assert_int_equal(json_type_of(checked("\"1\"")), JSON_STRING);
    assert_int_equal(json_type_of(checked("[1]")), JSON_ARRAY);
    assert_int_equal(json_type_of(checked("{}")), JSON_OBJECT);
    assert_int_equal(json_type_of(SPAN_NONE), JSON_NULL);
}

static void
members_come_in_their_order(void **state)
{
    struct json_iter iter;
    struct span key;
    struct span value;

    (void)state;
    json_iter_init(&iter,
                   checked(" { \"a\" : 1 ,\"b\\\"\":[ 1, {\"x\":\"}\"} ]\n,\"\":\"]\\\\\"} "));
    assert_true(json_next_member(&iter, &key, &value));
    assert_span(key, "a");
    assert_span(value, "1");
    assert_true(json_next_member(&iter, &key, &value));
    assert_span(key, "b\\\"");
    assert_span(value, "[ 1, {\"x\":\"}\"} ]");
    assert_true(json_next_member(&iter, &key, &value));
    assert_span(key, "");
    assert_span(value, "\"]\\\\\"");
    assert_false(json_next_member(&iter, &key, &value));
    assert_false(json_next_member(&iter, &key, &value));
}

static void
elements_come_in_their_order(void **state)
{
    static const char *const expected[] = {"null", "-1.5e3",  "\"a,]\"", "[]",
                                           "{ }",  "[[ ],1]", "true"};
    struct json_iter iter;
    struct span value;

    (void)state;
    json_iter_init(&iter, checked("[null , -1.5e3,\"a,]\",[],\n{ } ,[[ ],1],true ]"));
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_true(json_next_element(&iter, &value));
        assert_span(value, expected[i]);
    }
    assert_false(json_next_element(&iter, &value));
    assert_false(json_next_element(&iter, &value));
}

static void
an_empty_container_has_nothing_to_walk_over(void **state)
{
    struct json_iter iter;
    struct span key;
    struct span value;

    (void)state;
    json_iter_init(&iter, checked("[ \n]"));
    assert_false(json_next_element(&iter, &value));
    json_iter_init(&iter, checked("{ }"));
    assert_false(json_next_member(&iter, &key, &value));
}

static void
what_is_no_container_has_nothing_to_walk_over(void **state)
{
    static const char *const texts[] = {"null", "1", "\"[1]\"", "true"};
    struct json_iter iter;
    struct span key;
    struct span value;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_iter_init(&iter, checked(texts[i]));
        assert_false(json_next_element(&iter, &value));
        assert_false(json_next_member(&iter, &key, &value));
    }
    json_iter_init(&iter, SPAN_NONE);
    assert_false(json_next_element(&iter, &value));
}

static void
an_array_has_no_members(void **state)
{
    static const char *const texts[] = {"[1]", "[\"a\"]", "[\"a\",\"b\"]", "[{\"a\":1}]"};
    struct json_iter iter;
    struct span key;
    struct span value;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_iter_init(&iter, checked(texts[i]));
        assert_false(json_next_member(&iter, &key, &value));
        assert_false(json_member(checked(texts[i]), "a", &value));
    }
}

static void
a_member_is_found_by_its_unescaped_name(void **state)
{
    struct span object =
        checked("{\"a\":1,\"\\u0062\":{\"c\":2},\"\\n\":3,\"back\\\\slash\":4,\"\":5}");
    struct span value;

    (void)state;
    assert_true(json_member(object, "a", &value));
    assert_span(value, "1");
    assert_true(json_member(object, "b", &value));
    assert_span(value, "{\"c\":2}");
    assert_true(json_member(object, "\n", &value));
    assert_span(value, "3");
    assert_true(json_member(object, "back\\slash", &value));
    assert_span(value, "4");
    assert_true(json_member(object, "", &value));
    assert_span(value, "5");
    assert_true(json_member(object, "a", NULL));
}

static void
a_member_that_is_not_there_is_not_found(void **state)
{
    struct span object = checked("{\"ab\":{\"inner\":1},\"\\u0061\":2}");
    struct span value = SPAN("untouched");

    (void)state;
    assert_false(json_member(object, "inner", &value));
    assert_false(json_member(object, "abc", &value));
    assert_false(json_member(object, "\\u0061", &value));
    assert_false(json_member(object, "", &value));
    assert_false(json_member(checked("1"), "a", &value));
    assert_false(json_member(SPAN_NONE, "a", &value));
    assert_span(value, "untouched");
}

static void
a_key_is_its_unescaped_text(void **state)
{
    (void)state;
    assert_true(json_key_is(SPAN("\\u00e4\\ud83d\\ude00"), "\303\244\360\237\230\200"));
    assert_true(json_key_is(SPAN("\303\244\\u002f"), "\303\244/"));
    assert_true(json_key_is(SPAN(""), ""));
    assert_false(json_key_is(SPAN("\\u00e4"), "\303"));
    assert_false(json_key_is(SPAN("\\u00e4"), "\303\245"));
    assert_false(json_key_is(SPAN("\\u0061b"), "a"));
    assert_false(json_key_is(SPAN("\\u0061"), "ab"));
    assert_false(json_key_is(SPAN("a\\u0000b"), "a"));
    assert_false(json_key_is(SPAN("\\u0000"), ""));
}

static void
keys_are_equal_by_their_unescaped_text(void **state)
{
    (void)state;
    assert_true(json_key_eq(SPAN("abc"), SPAN("abc")));
    assert_true(json_key_eq(SPAN("a\\u0062c"), SPAN("\\u0061bc")));
    assert_true(json_key_eq(SPAN("\\u00e4"), SPAN("\303\244")));
    assert_true(json_key_eq(SPAN("\360\237\230\200"), SPAN("\\uD83D\\uDE00")));
    assert_true(json_key_eq(SPAN(""), SPAN("")));
    assert_false(json_key_eq(SPAN(""), SPAN("\\u0000")));
    assert_false(json_key_eq(SPAN("abc"), SPAN("ab\\u0063d")));
    assert_false(json_key_eq(SPAN("abc"), SPAN("abd")));
    assert_false(json_key_eq(SPAN("\\\\n"), SPAN("\\n")));
    assert_false(json_key_eq(SPAN("\\u00e4"), SPAN("\\u00c4")));
}

static void
a_compact_copy_goes_behind_what_was_there(void **state)
{
    struct buf out = BUF_INIT;

    (void)state;
    buf_append_str(&out, "before ");
    json_append_compact(&out, checked(" [ 1, { \"a b\" :\t\" \\\" \" } ,\r\n[ ] ] "));
    assert_span(buf_span(&out), "before [1,{\"a b\":\" \\\" \"},[]]");
    buf_clear(&out);
    json_append_compact(&out, checked("  \" x \"  "));
    assert_span(buf_span(&out), "\" x \"");
    buf_fini(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_byte_tells_the_type),
        cmocka_unit_test(members_come_in_their_order),
        cmocka_unit_test(elements_come_in_their_order),
        cmocka_unit_test(an_empty_container_has_nothing_to_walk_over),
        cmocka_unit_test(what_is_no_container_has_nothing_to_walk_over),
        cmocka_unit_test(an_array_has_no_members),
        cmocka_unit_test(a_member_is_found_by_its_unescaped_name),
        cmocka_unit_test(a_member_that_is_not_there_is_not_found),
        cmocka_unit_test(a_key_is_its_unescaped_text),
        cmocka_unit_test(keys_are_equal_by_their_unescaped_text),
        cmocka_unit_test(a_compact_copy_goes_behind_what_was_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
