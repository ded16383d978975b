/* Where a round spent its time: by cause, without what is inside, and the slowest by name. */
#include "watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MS 1000000
#define AGES ((int64_t)1000000 * MS)

static void
the_slowest_step_of_a_cause_is_named_and_short_ones_are_not(void **state)
{
    struct watch watch = {.ns = 0};

    (void)state;
    assert_false(watch_took(&watch, WATCH_EVENT, WATCH_NAME_NS - 1));
    assert_true(watch_took(&watch, WATCH_EVENT, 5 * MS));
    watch_name(&watch, WATCH_EVENT,
               &(struct watch_who){{[WATCH_TYPE] = "chat_message", [WATCH_SESSION] = "demo"}});
    assert_false(watch_took(&watch, WATCH_EVENT, 4 * MS));
    assert_true(watch_took(&watch, WATCH_PLUGIN, 4 * MS));
    assert_string_equal(watch.worst[WATCH_EVENT].fields[WATCH_TYPE], "chat_message");
    assert_string_equal(watch.worst[WATCH_EVENT].fields[WATCH_SESSION], "demo");
    assert_string_equal(watch.worst[WATCH_EVENT].fields[WATCH_PLUGIN_NAME], "");
    assert_true(watch_took(&watch, WATCH_EVENT, 6 * MS));
    assert_string_equal(watch.worst[WATCH_EVENT].fields[WATCH_TYPE], ""); /* not the old one's */
    watch_reset(&watch);
    assert_int_equal(watch.worst[WATCH_EVENT].ns, 0);
    assert_int_equal(watch.cause_ns[WATCH_EVENT], 0);
    assert_int_equal(watch.ns, 0);
}

static void
many_short_steps_count_as_one_long_one_does(void **state)
{
    struct watch watch = {.ns = 0};

    (void)state;
    watch_took(&watch, WATCH_FLUSH, 5 * MS);
    for (int i = 0; i < 100; i++)
        watch_took(&watch, WATCH_EVENT, MS / 10);
    assert_int_equal(watch_main_cause(&watch, 16 * MS), WATCH_EVENT);
    assert_int_equal(watch_main_cause(&watch, 100 * MS), WATCH_OTHER);
    assert_int_equal(watch.cause_ns[WATCH_OTHER], 85 * MS);
}

/* Real time goes by here, but however much: the sums hold. */
static void
what_is_inside_a_step_counts_for_itself(void **state)
{
    struct watch watch = {.ns = 0};
    struct watch_step outer = watch_begin(&watch), inner;

    (void)state;
    watch_took(&watch, WATCH_PLUGIN, AGES); /* as if: more than has gone by */
    inner = watch_begin(&watch);
    watch_took(&watch, WATCH_PAGE, AGES);
    watch_end(&watch, &inner, WATCH_LOAD);
    assert_true(watch.cause_ns[WATCH_LOAD] < watch.cause_ns[WATCH_PAGE]);
    watch_end(&watch, &outer, WATCH_EVENT);
    assert_int_equal(watch.ns, watch.cause_ns[WATCH_PLUGIN] + watch.cause_ns[WATCH_PAGE] +
                                   watch.cause_ns[WATCH_LOAD] + watch.cause_ns[WATCH_EVENT]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_slowest_step_of_a_cause_is_named_and_short_ones_are_not),
        cmocka_unit_test(many_short_steps_count_as_one_long_one_does),
        cmocka_unit_test(what_is_inside_a_step_counts_for_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
