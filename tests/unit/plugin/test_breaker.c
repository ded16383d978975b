/* The circuit breaker, told the time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plugin/breaker.h"

static void
twenty_failures_in_ten_seconds_trip_it(void **state)
{
    struct breaker breaker = {0};

    (void)state;
    for (int i = 0; i < 19; i++)
        assert_false(breaker_failure(&breaker, 1000 + i * 500));
    assert_true(breaker_allows(&breaker, 10600));
    assert_true(breaker_failure(&breaker, 10600));
    assert_false(breaker_allows(&breaker, 10601));
    assert_false(breaker_allows(&breaker, 40599));
    assert_true(breaker_allows(&breaker, 40600));
}

static void
failures_that_are_far_apart_never_do(void **state)
{
    struct breaker breaker = {0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_false(breaker_failure(&breaker, (int64_t)i * 600));
}

static void
after_the_rest_one_failure_is_enough_and_one_success_forgets_all(void **state)
{
    struct breaker breaker = {0};

    (void)state;
    for (int i = 0; i < 20; i++)
        breaker_failure(&breaker, 0);
    assert_true(breaker_allows(&breaker, 30000));
    assert_true(breaker_failure(&breaker, 30000));
    assert_false(breaker_allows(&breaker, 59999));
    assert_true(breaker_allows(&breaker, 60000));
    breaker_success(&breaker);
    assert_true(breaker_allows(&breaker, 60001));
    for (int i = 0; i < 19; i++)
        assert_false(breaker_failure(&breaker, 60002));
    assert_true(breaker_failure(&breaker, 60002));
}

static void
successes_in_between_do_not_hide_failures(void **state)
{
    struct breaker breaker = {0};

    (void)state;
    for (int i = 0; i < 19; i++) {
        breaker_failure(&breaker, i);
        breaker_success(&breaker);
    }
    assert_true(breaker_failure(&breaker, 20));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twenty_failures_in_ten_seconds_trip_it),
        cmocka_unit_test(failures_that_are_far_apart_never_do),
        cmocka_unit_test(after_the_rest_one_failure_is_enough_and_one_success_forgets_all),
        cmocka_unit_test(successes_in_between_do_not_hide_failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
