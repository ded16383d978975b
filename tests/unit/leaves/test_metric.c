/* Figures in Prometheus' text format, and the slowest step of a round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "metric.h"

static void
a_histogram_counts_into_powers_of_two(void **state)
{
    struct histogram histogram = {.count = 0};

    (void)state;
    histogram_add(&histogram, 0);
    histogram_add(&histogram, 1);
    histogram_add(&histogram, 2);
    histogram_add(&histogram, 3);
    histogram_add(&histogram, 4);
    histogram_add(&histogram, INT64_MAX / 2);
    assert_int_equal(histogram.counts[0], 2);
    assert_int_equal(histogram.counts[1], 1);
    assert_int_equal(histogram.counts[2], 2);
    assert_int_equal(histogram.counts[HISTOGRAM_BUCKETS - 1], 1);
    assert_int_equal(histogram.count, 6);
}

static void
a_value_is_a_line_and_whole_numbers_stay_whole(void **state)
{
    struct buf out = BUF_INIT;

    (void)state;
    metric_one(&out, "a_total", "counter", "Help.", 9007199254740991.0);
    metric_value(&out, "b", "k=\"v\"", 0.25);
    assert_string_equal(buf_cstr(&out), "# HELP a_total Help.\n# TYPE a_total counter\n"
                                        "a_total 9007199254740991\nb{k=\"v\"} 0.25\n");
    buf_fini(&out);
}

static void
labels_are_escaped(void **state)
{
    struct buf labels = BUF_INIT;

    (void)state;
    metric_label(&labels, "a", SPAN("x\"y\\z\n"));
    metric_label(&labels, "b", SPAN("c"));
    assert_string_equal(buf_cstr(&labels), "a=\"x\\\"y\\\\z\\n\",b=\"c\"");
    buf_fini(&labels);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_histogram_counts_into_powers_of_two),
        cmocka_unit_test(a_value_is_a_line_and_whole_numbers_stay_whole),
        cmocka_unit_test(labels_are_escaped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
