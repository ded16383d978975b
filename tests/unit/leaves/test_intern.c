/* Texts that are kept once. */
#include "intern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
equal_texts_are_one_copy(void **state)
{
    struct intern intern = {0};
    char other[] = "192.0.2.7";
    const char *first = intern_take(&intern, "192.0.2.7");

    (void)state;
    assert_ptr_equal(intern_take(&intern, other), first);
    assert_ptr_not_equal(first, other);
    assert_string_equal(first, "192.0.2.7");
    assert_int_equal(intern_holders(first), 2);
    assert_ptr_not_equal(intern_take(&intern, "192.0.2.8"), first);
    intern_fini(&intern);
}

static void
a_text_stays_until_its_last_holder_drops_it(void **state)
{
    struct intern intern = {0};
    const char *text = intern_take(&intern, "::1");

    (void)state;
    intern_take(&intern, "::1");
    intern_drop(&intern, text);
    assert_string_equal(text, "::1");
    assert_int_equal(intern_holders(text), 1);
    intern_drop(&intern, text);
    assert_int_equal(intern.texts.count, 0);
    intern_drop(&intern, NULL);
    intern_fini(&intern);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_are_one_copy),
        cmocka_unit_test(a_text_stays_until_its_last_holder_drops_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
