/* The sorted map against an array of flags: every operation, the order, the sums. */
#include "sorted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define KEYS 300

/* Numbers as text of three digits: their order is that of the numbers. */
static struct span
key_of(int number, char text[8])
{
    snprintf(text, 8, "%03d", number);
    return span_of(text);
}

static void
compare(const struct sorted *map, const int values[KEYS])
{
    const struct sorted_node *node = sorted_from(map, SPAN(""), false);
    size_t count = 0, bytes = 0;
    char key[8], value[8];

    for (int i = 0; i < KEYS; i++) {
        struct span found = sorted_get(map, key_of(i, key));

        assert_int_equal(found.at != NULL, values[i] >= 0);
        if (values[i] < 0)
            continue;
        snprintf(value, sizeof(value), "%d", values[i]);
        assert_true(span_is(found, value));
        assert_non_null(node);
        assert_true(span_is(sorted_key(node), key));
        assert_true(span_is(sorted_value(node), value));
        node = sorted_next(node);
        count++;
        bytes += 3 + strlen(value);
    }
    assert_null(node);
    assert_int_equal(map->count, count);
    assert_int_equal(map->bytes, bytes);
}

static void
it_does_what_an_array_does(void **state)
{
    struct sorted map = {.count = 0};
    int values[KEYS];
    char key[8], value[8];

    (void)state;
    srand(7);
    for (int i = 0; i < KEYS; i++)
        values[i] = -1;
    for (int step = 0; step < 6000; step++) {
        int i = rand() % KEYS;

        if (rand() % 3 == 0) {
            assert_int_equal(sorted_remove(&map, key_of(i, key)), values[i] >= 0);
            values[i] = -1;
        } else {
            values[i] = rand() % 1000;
            snprintf(value, sizeof(value), "%d", values[i]);
            sorted_set(&map, key_of(i, key), span_of(value));
        }
        if (step % 100 == 0)
            compare(&map, values);
    }
    compare(&map, values);
    sorted_fini(&map);
}

static void
a_walk_begins_at_or_behind_a_key(void **state)
{
    struct sorted map = {.count = 0};

    (void)state;
    assert_null(sorted_from(&map, SPAN(""), false));
    sorted_set(&map, SPAN("b"), SPAN("1"));
    sorted_set(&map, SPAN("bb"), SPAN(""));
    sorted_set(&map, SPAN("d\xff"), SPAN("3"));
    assert_true(span_is(sorted_key(sorted_from(&map, SPAN("a"), true)), "b"));
    assert_true(span_is(sorted_key(sorted_from(&map, SPAN("b"), false)), "b"));
    assert_true(span_is(sorted_key(sorted_from(&map, SPAN("b"), true)), "bb"));
    assert_true(span_is(sorted_value(sorted_from(&map, SPAN("c"), false)), "3"));
    assert_null(sorted_from(&map, SPAN("d\xff"), true));
    assert_non_null(sorted_get(&map, SPAN("bb")).at); /* empty is not none */
    sorted_fini(&map);
    assert_int_equal(map.count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_does_what_an_array_does),
        cmocka_unit_test(a_walk_begins_at_or_behind_a_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
