/* The texts of failures. */
#include "err.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
each_failure_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (int err = HD1_ENOMEM; err >= HD1_EBUDGET; err--) {
        assert_non_null(err_text(err));
        assert_string_not_equal(err_text(err), "unknown error");
        for (int other = err + 1; other <= 0; other++)
            assert_string_not_equal(err_text(err), err_text(other));
    }
}

static void
a_text_fits_into_a_line(void **state)
{
    (void)state;
    for (int err = 0; err >= HD1_EBUDGET; err--) {
        const char *text = err_text(err);

        assert_in_range(strlen(text), 1, 60);
        assert_null(strchr(text, '\n'));
        assert_int_not_equal(text[strlen(text) - 1], '.');
    }
}

static void
what_is_no_failure_of_ours_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(err_text(0), "no error");
    assert_string_equal(err_text(1), "unknown error");
    assert_string_equal(err_text(HD1_EBUDGET - 1), "unknown error");
    assert_string_equal(err_text(INT_MAX), "unknown error");
    assert_string_equal(err_text(INT_MIN), "unknown error");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_failure_has_a_text_of_its_own),
        cmocka_unit_test(a_text_fits_into_a_line),
        cmocka_unit_test(what_is_no_failure_of_ours_is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
