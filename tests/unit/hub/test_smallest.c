/* The N smallest, in order, whatever the order in which they come. */
#include "hub/smallest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT 1000

static int
by_value(const void *a, const void *b)
{
    return **(const int *const *)a - **(const int *const *)b;
}

/* 0 to COUNT-1, each once, all over the place: 7 and COUNT have no common factor. */
static void
add_all(struct smallest *smallest, int values[COUNT])
{
    for (int i = 0; i < COUNT; i++) {
        values[i] = i * 7 % COUNT;
        smallest_add(smallest, &values[i]);
    }
}

static void
of_many_the_smallest_are_left_in_order(void **state)
{
    static const size_t limits[] = {0, 1, 2, 10, COUNT - 1, COUNT, COUNT + 1};
    static int values[COUNT];
    const int *left[COUNT + 1];
    struct smallest smallest;

    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        size_t count;

        smallest_init(&smallest, limits[i], by_value);
        add_all(&smallest, values);
        count = smallest_copy(&smallest, left);
        assert_int_equal(count, limits[i] < COUNT ? limits[i] : COUNT);
        for (size_t k = 0; k < count; k++)
            assert_int_equal(*left[k], k);
        smallest_fini(&smallest);
    }
}

static void
of_nothing_nothing_is_left(void **state)
{
    struct smallest smallest;
    const int *left[3];

    (void)state;
    smallest_init(&smallest, 3, by_value);
    assert_int_equal(smallest_copy(&smallest, left), 0);
    smallest_fini(&smallest);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_many_the_smallest_are_left_in_order),
        cmocka_unit_test(of_nothing_nothing_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
