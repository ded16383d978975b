/* What a run of tests prints: TAP, with what failed as comments below it and a summary at the end,
 * in colours if standard output is a terminal. */
#ifndef HD1_TESTING_TEST_REPORT_H
#define HD1_TESTING_TEST_REPORT_H

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

struct test_report {
    bool has_colours, has_times;
    size_t passed, failed;
    int64_t began_us;
};

void test_report_begin(struct test_report *report, bool has_times);
/* why: what is wrong, if it failed. */
void test_report_case(struct test_report *report, const char *file, const char *name,
                      bool has_passed, int64_t us, struct buf *why);
void test_report_end(struct test_report *report);

#endif
