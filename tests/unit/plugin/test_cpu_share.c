/* How much of a sliding second was used, and when there is some again. */
#include "plugin/vm/cpu_share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MS INT64_C(1000000)
#define START (5000 * MS)

/* The thread runs all the time. */
static int64_t
wait_ns(struct cpu_share *share, int64_t now_ns)
{
    return cpu_share_wait_ns(share, now_ns, now_ns);
}

/* A call that began at now_ns - ns. */
static void
add(struct cpu_share *share, int64_t now_ns, int64_t ns)
{
    if (cpu_share_is_over(share, now_ns - ns))
        cpu_share_turn(share, now_ns - ns, now_ns - ns);
    if (cpu_share_is_over(share, now_ns))
        cpu_share_add_late(share, now_ns, now_ns, ns);
    else
        cpu_share_add(share, ns);
}

static void
nothing_used_is_free(void **state)
{
    struct cpu_share share;

    (void)state;
    cpu_share_init(&share, 0.5);
    assert_false(cpu_share_is_doubtful(&share));
    assert_int_equal(wait_ns(&share, START), 0);
}

static void
what_is_used_up_comes_back_as_it_gets_older_than_a_second(void **state)
{
    struct cpu_share share;

    (void)state;
    cpu_share_init(&share, 0.5);
    add(&share, START, 300 * MS);
    add(&share, START + 250 * MS, 199 * MS);
    assert_false(cpu_share_is_doubtful(&share));
    add(&share, START + 251 * MS, 1 * MS);
    assert_true(cpu_share_is_doubtful(&share));
    assert_int_equal(wait_ns(&share, START + 251 * MS), 749 * MS);
    assert_int_equal(wait_ns(&share, START + 999 * MS), 1 * MS);
    assert_int_equal(wait_ns(&share, START + 1000 * MS), 0);
    assert_false(cpu_share_is_doubtful(&share));
    assert_true(cpu_share_used(&share, START + 1000 * MS, START + 1000 * MS) == 0.2);
    assert_true(cpu_share_used(&share, START + 1200 * MS, START + 1200 * MS) == 0);
}

static void
one_long_call_is_paid_for(void **state)
{
    struct cpu_share share;

    (void)state;
    cpu_share_init(&share, 0.01);
    add(&share, START, 3000 * MS);
    assert_int_equal(wait_ns(&share, START), 1000 * MS);
    assert_int_equal(wait_ns(&share, START + 1000 * MS), 0);
}

static void
after_a_long_rest_all_is_forgotten(void **state)
{
    struct cpu_share share;

    (void)state;
    cpu_share_init(&share, 0.5);
    for (int i = 0; i < 100; i++)
        add(&share, START + i * 70 * MS, 35 * MS);
    assert_true(share.used_ns > 400 * MS && share.used_ns < 600 * MS);
    assert_int_equal(wait_ns(&share, 1000 * START), 0);
    assert_int_equal(share.used_ns, 0);
}

/* Of 2 s that a call took the thread ran 30 ms: the machine was busy with something else. */
static void
what_the_thread_did_not_run_is_not_counted(void **state)
{
    struct cpu_share share;

    (void)state;
    cpu_share_init(&share, 0.1);
    cpu_share_turn(&share, START, 7 * MS);
    cpu_share_add_late(&share, START + 2000 * MS, 37 * MS, 2000 * MS);
    assert_int_equal(share.used_ns, 30 * MS);
    assert_false(cpu_share_is_doubtful(&share));
    assert_int_equal(cpu_share_wait_ns(&share, START + 2000 * MS, 37 * MS), 0);
    assert_int_equal(share.used_ns, 30 * MS);
}

/* Calls within one slot are timed by the clock until it matters. */
static void
a_slot_holds_no_more_than_the_thread_ran(void **state)
{
    struct cpu_share share;

    (void)state;
    cpu_share_init(&share, 0.05);
    cpu_share_turn(&share, START, 7 * MS);
    cpu_share_add(&share, 40 * MS);
    assert_int_equal(cpu_share_wait_ns(&share, START + 90 * MS, CPU_SHARE_NO_THREAD), 0);
    assert_int_equal(share.used_ns, 40 * MS);
    cpu_share_add(&share, 40 * MS);
    assert_true(cpu_share_is_doubtful(&share));
    assert_int_equal(cpu_share_wait_ns(&share, START + 90 * MS, 27 * MS), 0);
    assert_int_equal(share.used_ns, 20 * MS);
    cpu_share_add(&share, 9 * MS);
    cpu_share_turn(&share, START + 100 * MS, 36 * MS);
    assert_int_equal(share.used_ns, 29 * MS);
    cpu_share_add(&share, 30 * MS);
    assert_true(cpu_share_wait_ns(&share, START + 130 * MS, 66 * MS) > 0);
}

static void
the_whole_second_is_no_bound(void **state)
{
    struct cpu_share share;

    (void)state;
    cpu_share_init(&share, 1);
    add(&share, START, 9000 * MS);
    assert_false(cpu_share_is_doubtful(&share));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_used_is_free),
        cmocka_unit_test(what_is_used_up_comes_back_as_it_gets_older_than_a_second),
        cmocka_unit_test(one_long_call_is_paid_for),
        cmocka_unit_test(after_a_long_rest_all_is_forgotten),
        cmocka_unit_test(what_the_thread_did_not_run_is_not_counted),
        cmocka_unit_test(a_slot_holds_no_more_than_the_thread_ran),
        cmocka_unit_test(the_whole_second_is_no_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
