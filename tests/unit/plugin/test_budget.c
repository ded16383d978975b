/* What a call may take, and that what is over stays over. */
#include "plugin/vm/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define PLENTY (INT64_C(1) << 40) /* its time is not used up by a test either */

static void
what_was_spent_is_gone_until_the_next_call(void **state)
{
    struct budget budget = {.instructions = PLENTY};

    (void)state;
    budget_begin(&budget);
    assert_true(budget_spend(&budget, PLENTY - 1));
    assert_int_equal(budget.left, 1);
    assert_false(budget_spend(&budget, 1));
    assert_false(budget_spend(&budget, 0));
    budget_begin(&budget);
    assert_false(budget.is_over);
    assert_true(budget_spend(&budget, 1));
}

static void
what_is_over_stays_over(void **state)
{
    struct budget budget = {.instructions = PLENTY};

    (void)state;
    budget_begin(&budget);
    assert_false(budget_spend(&budget, 2 * PLENTY));
    assert_false(budget_spend(&budget, -2 * PLENTY));
}

static void
time_is_bounded_too(void **state)
{
    struct budget budget = {.instructions = 100};
    int looks = 0;

    (void)state;
    budget_begin(&budget);
    while (budget_spend(&budget, 0))
        looks++;
    assert_true(looks > 2);
    assert_int_equal(budget.left, 100);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_spent_is_gone_until_the_next_call),
        cmocka_unit_test(what_is_over_stays_over),
        cmocka_unit_test(time_is_bounded_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
