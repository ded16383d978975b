/* The two clocks. */
#include "clock.h"

#include <stddef.h>
#include <time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
unix_time_is_what_the_system_says(void **state)
{
    int64_t before = (int64_t)time(NULL);
    int64_t now = clock_unix_ms();

    (void)state;
    assert_in_range(now / 1000, (uintmax_t)before, (uintmax_t)before + 60);
}

static void
monotonic_time_never_goes_back(void **state)
{
    int64_t last = clock_mono_us();

    (void)state;
    for (int i = 0; i < 10000; i++) {
        int64_t now = clock_mono_us();

        assert_true(now >= last);
        last = now;
    }
}

static void
both_units_tell_the_same_monotonic_time(void **state)
{
    int64_t before_us = clock_mono_us();
    int64_t ms = clock_mono_ms();
    int64_t after_us = clock_mono_us();

    (void)state;
    assert_true(ms >= before_us / 1000);
    assert_true(ms <= after_us / 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unix_time_is_what_the_system_says),
        cmocka_unit_test(monotonic_time_never_goes_back),
        cmocka_unit_test(both_units_tell_the_same_monotonic_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
