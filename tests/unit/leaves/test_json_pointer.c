/* JSON Pointers: which container one leads to. */
#include "json/json_pointer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define DATA                                                                                       \
    " { \"a\" : [ 1, {\"k\":2} , [3] ], \"o\":{\"x\":4, \"\\u0079\":5}, \"a/b\":{\"v\":6}, "       \
    "\"m~n\":{\"v\":7}, \"\":{\"v\":8}, \"s\":\"text\", \"e\":{}, \"r\":[] } "

static bool
begin(struct json_iter *iter, const char *pointer)
{
    struct span value;

    assert_int_equal(json_check(SPAN(DATA), &value, NULL), 0);
    return json_iter_at(iter, value, span_of(pointer));
}

static void
expect_first_member(const char *pointer, const char *key, const char *text)
{
    struct json_iter iter;
    struct span found, value;

    if (!begin(&iter, pointer) || !json_next_member(&iter, &found, &value))
        fail_msg("nothing at '%s'", pointer);
    assert_true(json_key_is(found, key));
    assert_true(span_is(value, text));
}

static void
an_object_is_walked(void **state)
{
    struct json_iter iter;
    struct span key, value;
    int count = 0;

    (void)state;
    expect_first_member("/o", "x", "4");
    expect_first_member("/a/1", "k", "2");
    expect_first_member("/a~1b", "v", "6");
    expect_first_member("/m~0n", "v", "7");
    expect_first_member("/", "v", "8");
    assert_true(begin(&iter, ""));
    while (json_next_member(&iter, &key, &value))
        count++;
    assert_int_equal(count, 8);
    assert_true(begin(&iter, "/o"));
    assert_true(json_next_member(&iter, &key, &value));
    assert_true(json_next_member(&iter, &key, &value));
    assert_true(json_key_is(key, "y"));
    assert_false(json_next_member(&iter, &key, &value)); /* what follows is not its own */
    assert_true(begin(&iter, "/e"));
    assert_false(json_next_member(&iter, &key, &value));
}

static void
an_array_is_walked(void **state)
{
    struct json_iter iter;
    struct span value;

    (void)state;
    assert_true(begin(&iter, "/a/2"));
    assert_true(json_next_element(&iter, &value));
    assert_true(span_is(value, "3"));
    assert_false(json_next_element(&iter, &value));
    assert_true(begin(&iter, "/a"));
    for (int i = 0; i < 3; i++)
        assert_true(json_next_element(&iter, &value));
    assert_true(span_is(value, "[3]"));
    assert_false(json_next_element(&iter, &value));
    assert_true(begin(&iter, "/r"));
    assert_false(json_next_element(&iter, &value));
}

static void
what_leads_nowhere_is_told(void **state)
{
    static const char *const pointers[] = {
        "/b",
        "/A",
        "/o/x",
        "/o/x/y",
        "/s",
        "/s/0",
        "/a/3",
        "/a/-",
        "/a/01",
        "/a/+1",
        "/a/1x",
        "/a/",
        "/a/18446744073709551617",
        "o",
        "a/1",
        "/a/1/",
        "/m~n",
        "/m~",
        "/m~2n",
        "/a/b",
        "//",
    };
    struct json_iter iter;

    (void)state;
    for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++)
        if (begin(&iter, pointers[i]))
            fail_msg("something at '%s'", pointers[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_is_walked),
        cmocka_unit_test(an_array_is_walked),
        cmocka_unit_test(what_leads_nowhere_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
