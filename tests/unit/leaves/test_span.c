/* Comparing borrowed bytes. */
#include "span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
spans_are_equal_by_their_bytes(void **state)
{
    char copy[] = "abc";

    (void)state;
    assert_true(span_eq(SPAN("abc"), span_of(copy)));
    assert_false(span_eq(SPAN("abc"), SPAN("abd")));
    assert_false(span_eq(SPAN("abc"), SPAN("ab")));
    assert_false(span_eq(SPAN("a\0b"), SPAN("a\0c")));
    assert_true(span_eq(SPAN_NONE, SPAN("")));
    assert_true(span_is(SPAN("abc"), "abc"));
    assert_false(span_is(SPAN("abc\0"), "abc"));
    assert_true(span_is(SPAN_NONE, NULL));
}

static void
spans_order_by_byte_value_and_the_shorter_first(void **state)
{
    (void)state;
    assert_true(span_cmp(SPAN("a"), SPAN("b")) < 0);
    assert_true(span_cmp(SPAN("b"), SPAN("a")) > 0);
    assert_true(span_cmp(SPAN("a"), SPAN("aa")) < 0);
    assert_true(span_cmp(SPAN("b"), SPAN("aa")) > 0);
    assert_true(span_cmp(SPAN("\377"), SPAN("a")) > 0);
    assert_int_equal(span_cmp(SPAN("same"), SPAN("same")), 0);
    assert_int_equal(span_cmp(SPAN_NONE, SPAN("")), 0);
    assert_true(span_cmp(SPAN_NONE, SPAN("a")) < 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_equal_by_their_bytes),
        cmocka_unit_test(spans_order_by_byte_value_and_the_shorter_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
