/* Allocations that die together. */
#include "arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define MANY 5000

/* Sizes from 0 to some pages, without order. */
static size_t
size_of_nth(size_t n)
{
    return n * 7919 % (n % 100 == 0 ? 100000 : 300);
}

static void
allocations_do_not_overlap(void **state)
{
    struct arena arena = {0};
    unsigned char **blocks = calloc(MANY, sizeof(*blocks));

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        blocks[i] = arena_alloc(&arena, size_of_nth(i));
        memset(blocks[i], (int)(i % 256), size_of_nth(i));
    }
    for (size_t i = 0; i < MANY; i++)
        for (size_t j = 0; j < size_of_nth(i); j++)
            assert_int_equal(blocks[i][j], i % 256);
    arena_fini(&arena);
    free(blocks);
}

static void
every_allocation_is_aligned_for_any_type(void **state)
{
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal((uintptr_t)arena_alloc(&arena, size_of_nth(i)) % _Alignof(max_align_t), 0);
    arena_fini(&arena);
}

static void
a_copy_ends_in_nul_that_does_not_count(void **state)
{
    struct arena arena = {0};
    struct span copy = arena_copy(&arena, SPAN("some bytes"));
    struct span empty = arena_copy(&arena, SPAN_NONE);

    (void)state;
    assert_true(span_is(copy, "some bytes"));
    assert_int_equal(copy.at[copy.len], '\0');
    assert_non_null(empty.at);
    assert_string_equal(empty.at, "");
    arena_fini(&arena);
}

static void
used_counts_what_was_handed_out(void **state)
{
    struct arena arena = {0};

    (void)state;
    assert_int_equal(arena.used, 0);
    arena_alloc(&arena, 1000);
    assert_in_range(arena.used, 1000, 1100);
    arena_alloc(&arena, 100000);
    assert_in_range(arena.used, 101000, 101200);
    arena_reset(&arena);
    assert_int_equal(arena.used, 0);
    arena_fini(&arena);
}

static void
a_reset_arena_uses_its_memory_again(void **state)
{
    struct arena arena = {0};
    void *first = arena_alloc(&arena, 100);

    (void)state;
    arena_reset(&arena);
    assert_ptr_equal(arena_alloc(&arena, 100), first);
    arena_fini(&arena);
}

static void
reset_and_fini_are_legal_at_any_time(void **state)
{
    struct arena arena = {0};

    (void)state;
    arena_reset(&arena);
    arena_fini(&arena);
    arena_alloc(&arena, 1000000);
    arena_reset(&arena);
    arena_alloc(&arena, 10);
    arena_alloc(&arena, 1000000);
    arena_reset(&arena);
    arena_reset(&arena);
    arena_fini(&arena);
    arena_fini(&arena);
    assert_non_null(arena_alloc(&arena, 0));
    arena_fini(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_do_not_overlap),
        cmocka_unit_test(every_allocation_is_aligned_for_any_type),
        cmocka_unit_test(a_copy_ends_in_nul_that_does_not_count),
        cmocka_unit_test(used_counts_what_was_handed_out),
        cmocka_unit_test(a_reset_arena_uses_its_memory_again),
        cmocka_unit_test(reset_and_fini_are_legal_at_any_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
