/* Faults are told in the order in which one mends them. */
#include "fault_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
assert_sorted(const char *text, const char *expected)
{
    struct buf lines = BUF_INIT;

    buf_append_str(&lines, text);
    fault_lines_sort(&lines, "first.lua");
    assert_string_equal(buf_cstr(&lines), expected);
    buf_fini(&lines);
}

static void
files_stay_in_their_order_and_lines_are_sorted_as_numbers(void **state)
{
    (void)state;
    assert_sorted("b.lua:11: x\nb.lua:5: y\na.lua:2: z\nb.lua:100: w\na.lua:1: v: 9: 0\n",
                  "b.lua:5: y\nb.lua:11: x\nb.lua:100: w\na.lua:1: v: 9: 0\na.lua:2: z\n");
}

static void
what_has_no_line_comes_first_in_its_file(void **state)
{
    (void)state;
    assert_sorted("a.lua:1: x\nHD1_DATA: y\na.lua: all of it", "a.lua: all of it\na.lua:1: x\n"
                                                               "HD1_DATA: y\n");
    assert_sorted("no place\n/x:y/a.lua:2: b\n/x:y/a.lua:1: a\nno place\n",
                  "no place\nno place\n/x:y/a.lua:1: a\n/x:y/a.lua:2: b\n");
}

static void
one_file_comes_before_all_and_of_one_line_the_texts_decide(void **state)
{
    (void)state;
    assert_sorted("a.lua:1: x\nfirst.lua:2: y\nfirst.lua:1: z\n",
                  "first.lua:1: z\nfirst.lua:2: y\na.lua:1: x\n");
    assert_sorted("a.lua:1: y\na.lua:1: x\n", "a.lua:1: x\na.lua:1: y\n");
    assert_sorted("", "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_stay_in_their_order_and_lines_are_sorted_as_numbers),
        cmocka_unit_test(what_has_no_line_comes_first_in_its_file),
        cmocka_unit_test(one_file_comes_before_all_and_of_one_line_the_texts_decide),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
