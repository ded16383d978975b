/* The hash table from names to things. */
#include "table.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define MANY 3000

struct thing {
    char name[24];
    bool is_in; /* by the test's own books */
    bool is_seen;
};

static struct thing things[MANY];

static struct span
name_of(const struct thing *thing)
{
    return span_of(thing->name);
}

static int
name_all_things(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++) {
        snprintf(things[i].name, sizeof(things[i].name), "thing-%d", i);
        things[i].is_in = things[i].is_seen = false;
    }
    return 0;
}

static void
put_all(struct table *table)
{
    for (int i = 0; i < MANY; i++) {
        assert_null(table_put(table, name_of(&things[i]), &things[i]));
        things[i].is_in = true;
    }
}

/* Table and books agree. */
static void
assert_agrees(const struct table *table)
{
    size_t count = 0;

    for (int i = 0; i < MANY; i++) {
        assert_ptr_equal(table_get(table, name_of(&things[i])),
                         things[i].is_in ? &things[i] : NULL);
        count += things[i].is_in;
    }
    assert_int_equal(table->count, count);
}

static void
an_empty_table_knows_nothing(void **state)
{
    struct table table = {0};
    size_t pos = 0;

    (void)state;
    assert_null(table_get(&table, SPAN("a")));
    assert_null(table_del(&table, SPAN("a")));
    assert_false(table_next(&table, &pos, NULL, NULL));
    table_fini(&table);
}

static void
what_was_put_is_found_by_its_bytes(void **state)
{
    struct table table = {0};
    char copy[16];

    (void)state;
    put_all(&table);
    assert_agrees(&table);
    strcpy(copy, "thing-77");
    assert_ptr_equal(table_get(&table, span_of(copy)), &things[77]);
    assert_null(table_get(&table, SPAN("thing-")));
    assert_null(table_get(&table, SPAN("thing-77\0")));
    assert_null(table_get(&table, SPAN_NONE));
    table_fini(&table);
    assert_null(table_get(&table, SPAN("thing-77")));
}

static void
keys_may_be_empty_and_hold_any_bytes(void **state)
{
    struct table table = {0};
    int a, b, c;

    (void)state;
    table_put(&table, SPAN(""), &a);
    table_put(&table, SPAN("\0"), &b);
    table_put(&table, SPAN("\0\0"), &c);
    assert_ptr_equal(table_get(&table, SPAN_NONE), &a);
    assert_ptr_equal(table_get(&table, SPAN("\0")), &b);
    assert_ptr_equal(table_get(&table, SPAN("\0\0")), &c);
    table_fini(&table);
}

static void
putting_again_replaces_value_and_key(void **state)
{
    struct table table = {0};
    char old_key[] = "key";
    char new_key[] = "key";
    struct span key;
    size_t pos = 0;
    int a, b;

    (void)state;
    assert_null(table_put(&table, span_of(old_key), &a));
    assert_ptr_equal(table_put(&table, span_of(new_key), &b), &a);
    assert_int_equal(table.count, 1);
    memset(old_key, 'x', 3);
    assert_ptr_equal(table_get(&table, SPAN("key")), &b);
    assert_true(table_next(&table, &pos, &key, NULL));
    assert_ptr_equal(key.at, new_key);
    table_fini(&table);
}

static void
what_was_removed_is_gone_and_the_rest_stays(void **state)
{
    struct table table = {0};

    (void)state;
    put_all(&table);
    for (int i = 0; i < MANY; i += 3) {
        assert_ptr_equal(table_del(&table, name_of(&things[i])), &things[i]);
        assert_null(table_del(&table, name_of(&things[i])));
        things[i].is_in = false;
    }
    assert_agrees(&table);
    table_fini(&table);
}

static void
the_books_agree_after_many_changes(void **state)
{
    struct table table = {0};
    unsigned random = 1;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        struct thing *thing;

        random = random * 1103515245 + 12345;
        thing = &things[(random >> 8) % (i % 1000 < 500 ? 50 : MANY)];
        if (random >> 31)
            assert_ptr_equal(table_put(&table, name_of(thing), thing), thing->is_in ? thing : NULL);
        else
            assert_ptr_equal(table_del(&table, name_of(thing)), thing->is_in ? thing : NULL);
        thing->is_in = random >> 31;
    }
    assert_agrees(&table);
    table_fini(&table);
}

static void
coming_and_going_does_not_make_it_grow(void **state)
{
    struct table table = {0};

    (void)state;
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < MANY; i++) {
            table_put(&table, name_of(&things[i]), &things[i]);
            if (i >= 10)
                table_del(&table, name_of(&things[i - 10]));
        }
        for (int i = MANY - 10; i < MANY; i++)
            table_del(&table, name_of(&things[i]));
    }
    assert_int_equal(table.count, 0);
    assert_in_range(table.cap, 1, 64);
    table_fini(&table);
}

static void
a_walk_meets_every_entry_once(void **state)
{
    struct table table = {0};
    struct span key;
    void *value;
    size_t pos = 0;
    size_t met = 0;

    (void)state;
    put_all(&table);
    while (table_next(&table, &pos, &key, &value)) {
        struct thing *thing = value;

        assert_false(thing->is_seen);
        assert_true(span_is(key, thing->name));
        thing->is_seen = true;
        met++;
    }
    assert_int_equal(met, MANY);
    assert_false(table_next(&table, &pos, &key, &value));
    table_fini(&table);
}

static void
a_walk_may_remove_what_it_meets(void **state)
{
    struct table table = {0};
    struct span key;
    void *value;
    size_t pos = 0;
    size_t met = 0;

    (void)state;
    put_all(&table);
    while (table_next(&table, &pos, &key, &value)) {
        struct thing *thing = value;

        assert_false(thing->is_seen);
        thing->is_seen = true;
        if (met++ % 2 == 0) {
            assert_ptr_equal(table_del(&table, key), thing);
            thing->is_in = false;
        }
    }
    assert_int_equal(met, MANY);
    assert_agrees(&table);
    table_fini(&table);
}

static void
the_hash_depends_on_every_byte_and_the_length(void **state)
{
    char bytes[40] = {0};
    uint64_t hashes[81];
    size_t count = 0;

    (void)state;
    for (size_t len = 0; len <= sizeof(bytes); len++)
        hashes[count++] = table_hash((struct span){bytes, len});
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = 1;
        hashes[count++] = table_hash((struct span){bytes, sizeof(bytes)});
        bytes[i] = 0;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(hashes[i] != hashes[j]);
    assert_true(table_hash((struct span){bytes, 40}) == hashes[40]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_table_knows_nothing),
        cmocka_unit_test_setup(what_was_put_is_found_by_its_bytes, name_all_things),
        cmocka_unit_test(keys_may_be_empty_and_hold_any_bytes),
        cmocka_unit_test(putting_again_replaces_value_and_key),
        cmocka_unit_test_setup(what_was_removed_is_gone_and_the_rest_stays, name_all_things),
        cmocka_unit_test_setup(the_books_agree_after_many_changes, name_all_things),
        cmocka_unit_test_setup(coming_and_going_does_not_make_it_grow, name_all_things),
        cmocka_unit_test_setup(a_walk_meets_every_entry_once, name_all_things),
        cmocka_unit_test_setup(a_walk_may_remove_what_it_meets, name_all_things),
        cmocka_unit_test(the_hash_depends_on_every_byte_and_the_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
