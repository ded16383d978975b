/* The path patterns of routes: what is one, what matches, which comes first. */
#include "plugin/route_pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define PREFIX "/api/x/chat"

static const char *
fault_of(const char *text)
{
    struct route_pattern pattern;
    const char *fault = route_pattern_init(&pattern, text, PREFIX);

    route_pattern_fini(&pattern);
    return fault;
}

static bool
matches(const char *text, const char *path, struct span params[WEB_PARAMS_MAX])
{
    struct route_pattern pattern;
    bool is_match;

    assert_null(route_pattern_init(&pattern, text, PREFIX));
    is_match = route_pattern_matches(&pattern, span_of(path), params);
    route_pattern_fini(&pattern);
    return is_match;
}

static int
compare(const char *a, const char *b)
{
    struct route_pattern x, y;
    int order;

    assert_null(route_pattern_init(&x, a, PREFIX));
    assert_null(route_pattern_init(&y, b, PREFIX));
    order = route_pattern_compare(&x, &y);
    assert_int_equal(order > 0, route_pattern_compare(&y, &x) < 0);
    route_pattern_fini(&x);
    route_pattern_fini(&y);
    return order;
}

static void
a_pattern_is_a_method_and_a_path_below_the_prefix(void **state)
{
    static const char *const right[] = {"GET " PREFIX, "POST " PREFIX "/a",
                                        "PUT " PREFIX "/{a}/b/{c}", "DELETE " PREFIX "/a.b",
                                        "PATCH " PREFIX "/~_-"};
    static const char *const wrong[] = {"",
                                        "GET",
                                        PREFIX,
                                        "get " PREFIX,
                                        "HEAD " PREFIX,
                                        "OPTIONS " PREFIX,
                                        "GET  " PREFIX,
                                        "GET /api/x/chatter",
                                        "GET /api/x",
                                        "GET " PREFIX "/",
                                        "GET " PREFIX "//a",
                                        "GET " PREFIX "/{}",
                                        "GET " PREFIX "/{a",
                                        "GET " PREFIX "/{a}b",
                                        "GET " PREFIX "/a{b}",
                                        "GET " PREFIX "/{a b}",
                                        "GET " PREFIX "/{a}/{a}",
                                        "GET " PREFIX "/a?b",
                                        "GET " PREFIX "/a%20b",
                                        "GET " PREFIX "/a/b/c/d/e/f/g/h/i/j/k/l/m/n",
                                        "GET " PREFIX "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}"};

    (void)state;
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
        assert_null(fault_of(right[i]));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (!fault_of(wrong[i]))
            fail_msg("accepted: %s", wrong[i]);
}

static void
a_path_matches_segment_by_segment(void **state)
{
    struct span params[WEB_PARAMS_MAX];

    (void)state;
    assert_true(matches("GET " PREFIX "/{room}/log/{day}", PREFIX "/a b/log/\xFF", params));
    assert_true(span_is(params[0], "a b"));
    assert_true(span_is(params[1], "\xFF"));
    assert_true(matches("GET " PREFIX, PREFIX, params));
    assert_false(matches("GET " PREFIX, PREFIX "/", params));
    assert_false(matches("GET " PREFIX "/{a}", PREFIX, params));
    assert_false(matches("GET " PREFIX "/{a}", PREFIX "/", params));
    assert_false(matches("GET " PREFIX "/{a}", PREFIX "/b/", params));
    assert_false(matches("GET " PREFIX "/{a}/b", PREFIX "//b", params));
    assert_false(matches("GET " PREFIX "/a", PREFIX "/A", params));
}

static void
a_word_comes_before_a_parameter(void **state)
{
    (void)state;
    assert_true(compare("GET " PREFIX "/a", "GET " PREFIX "/{b}") < 0);
    assert_true(compare("GET " PREFIX "/a/{x}", "GET " PREFIX "/{y}/b") < 0);
    assert_true(compare("GET " PREFIX "/{y}/b", "GET " PREFIX "/{y}/{z}") < 0);
    assert_int_equal(compare("GET " PREFIX "/{a}/b", "GET " PREFIX "/{c}/b"), 0);
    assert_int_not_equal(compare("GET " PREFIX "/a", "POST " PREFIX "/a"), 0);
    assert_int_not_equal(compare("GET " PREFIX "/a", "GET " PREFIX "/a/b"), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_is_a_method_and_a_path_below_the_prefix),
        cmocka_unit_test(a_path_matches_segment_by_segment),
        cmocka_unit_test(a_word_comes_before_a_parameter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
