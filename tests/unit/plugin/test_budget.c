/* What a call may take, and that what is over stays over. */
#include "plugin/vm/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "clock.h"

#define PLENTY (INT64_C(1) << 40) /* its time is not used up by a test either */

static void
what_was_spent_is_gone_until_the_next_call(void **state)
{
    struct budget budget = {.instructions = PLENTY};

    (void)state;
    budget_begin(&budget, clock_mono_us());
    assert_true(budget_spend(&budget, PLENTY - 1));
    assert_int_equal(budget.left, 1);
    assert_false(budget_spend(&budget, 1));
    assert_false(budget_spend(&budget, 0));
    budget_begin(&budget, clock_mono_us());
    assert_false(budget.is_over);
    assert_true(budget_spend(&budget, 1));
}

static void
what_is_over_stays_over(void **state)
{
    struct budget budget = {.instructions = PLENTY};

    (void)state;
    budget_begin(&budget, clock_mono_us());
    assert_false(budget_spend(&budget, 2 * PLENTY));
    assert_false(budget_spend(&budget, -2 * PLENTY));
}

static void
time_is_bounded_too(void **state)
{
    struct budget budget = {.instructions = 100000};
    int looks = 0;

    (void)state;
    budget_begin(&budget, clock_mono_us());
    while (budget_spend(&budget, 0))
        looks++;
    assert_true(looks > 2);
    assert_int_equal(budget.left, 100000);
}

/* Uses the thread's time up, as a native does that nobody can look into. */
static void
work_for(int64_t us)
{
    int64_t end_ns = clock_thread_ns() + us * 1000;

    while (clock_thread_ns() < end_ns)
        ;
}

static void
time_counts_from_the_beginning(void **state)
{
    struct budget budget = {.instructions = 400000}; /* 20 ms */

    (void)state;
    budget_begin(&budget, clock_mono_us());
    work_for(25000);
    (void)budget_spend(&budget, 0); /* what came before the first look may be the machine's doing */
    work_for(11000);
    assert_false(budget_spend(&budget, 0));
    budget_begin(&budget, clock_mono_us());
    assert_true(budget_spend(&budget, 0));
}

static void
time_that_others_have_had_does_not_count(void **state)
{
    struct budget budget = {.instructions = 400000};
    struct timespec pause = {.tv_nsec = 30000000};

    (void)state;
    budget_begin(&budget, clock_mono_us());
    for (int i = 0; i < 3; i++) {
        nanosleep(&pause, NULL);
        assert_true(budget_spend(&budget, 0));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_spent_is_gone_until_the_next_call),
        cmocka_unit_test(what_is_over_stays_over),
        cmocka_unit_test(time_is_bounded_too),
        cmocka_unit_test(time_counts_from_the_beginning),
        cmocka_unit_test(time_that_others_have_had_does_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
