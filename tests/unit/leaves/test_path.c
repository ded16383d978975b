/* Paths are taken apart at their slashes. */
#include "path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
assert_segments(const char *text, const char *const segments[])
{
    struct span path = span_of(text), segment;

    for (; *segments; segments++) {
        assert_true(path_next_segment(&path, &segment));
        assert_true(span_is(segment, *segments));
    }
    assert_false(path_next_segment(&path, &segment));
}

static void
segments_come_in_their_order(void **state)
{
    (void)state;
    assert_segments("/api/sessions/a b", (const char *const[]){"api", "sessions", "a b", NULL});
    assert_segments("/x", (const char *const[]){"x", NULL});
}

static void
empty_segments_are_segments(void **state)
{
    (void)state;
    assert_segments("/", (const char *const[]){"", NULL});
    assert_segments("/a//b/", (const char *const[]){"a", "", "b", "", NULL});
}

static void
what_does_not_begin_with_a_slash_has_none(void **state)
{
    struct span path = span_of("a/b"), segment;

    (void)state;
    assert_false(path_next_segment(&path, &segment));
    assert_true(span_is(path, "a/b"));
    assert_segments("", (const char *const[]){NULL});
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_come_in_their_order),
        cmocka_unit_test(empty_segments_are_segments),
        cmocka_unit_test(what_does_not_begin_with_a_slash_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
