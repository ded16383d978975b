/* Numbers out of JSON and into it. */
#include "json/json.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define RANDOM_NUMBERS 100000

/* Of the same bits: 0 is not -0. */
static bool
is_same(double a, double b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

static void
assert_reads_as(const char *text, double expected)
{
    double number = -12345;

    assert_true(json_number(span_of(text), &number));
    if (!is_same(number, expected))
        fail_msg("%s reads as %.17g, not %.17g", text, number, expected);
}

/* Any bits but those of infinities and what is no number. */
static double
random_double(uint64_t *random)
{
    double number;

    do {
        *random = *random * 6364136223846793005u + 1442695040888963407u;
        uint64_t bits = *random ^ *random >> 29;
        memcpy(&number, &bits, sizeof(number));
    } while (!isfinite(number));
    return number;
}

static void
numbers_are_read_exactly(void **state)
{
    (void)state;
    assert_reads_as("0", 0);
    assert_reads_as("-0", -0.0);
    assert_reads_as("-0.000e5", -0.0);
    assert_reads_as("12", 12);
    assert_reads_as("-1.25", -1.25);
    assert_reads_as("0.1", 0.1);
    assert_reads_as("1e22", 1e22);
    assert_reads_as("1e23", 1e23);
    assert_reads_as("1E+2", 100);
    assert_reads_as("123456789012345678", 123456789012345678.0);
    assert_reads_as("9007199254740993", 9007199254740992.0);
    assert_reads_as("9007199254740993.00000000000000000000000000000001", 9007199254740994.0);
    assert_reads_as("1.7976931348623157e308", DBL_MAX);
    assert_reads_as("2.2250738585072011e-308", 2.2250738585072011e-308);
    assert_reads_as("5e-324", 5e-324);
    assert_reads_as("2e-324", 0);
    assert_reads_as("-1e-1000000000000", -0.0);
    assert_reads_as("0e1000000000000", 0);
    assert_reads_as("0.00000000000000000000000000000000000001e38", 1);
}

/* Whether a number lies above or at the middle of two doubles may hang on its thousandth digit. */
static void
digits_far_behind_decide_when_they_must(void **state)
{
    char text[2000];
    int len = sprintf(text, "9007199254740993.");

    (void)state;
    memset(text + len, '0', 1000);
    text[len + 1000] = '\0';
    assert_reads_as(text, 9007199254740992.0);
    text[len + 999] = '1';
    assert_reads_as(text, 9007199254740994.0);
}

static void
seventeen_digits_are_read_as_the_c_library_does(void **state)
{
    uint64_t random = 1;
    char text[64];

    (void)state;
    for (int i = 0; i < RANDOM_NUMBERS; i++) {
        snprintf(text, sizeof(text), "%.*e", i % 25, random_double(&random));
        if (isfinite(strtod(text, NULL)))
            assert_reads_as(text, strtod(text, NULL));
        snprintf(text, sizeof(text), "%.*f", i % 12, (double)(random >> 40) / 1024);
        assert_reads_as(text, strtod(text, NULL));
    }
}

static void
what_is_no_number_is_not_read(void **state)
{
    static const char *const texts[] = {"null", "true", "\"1\"", "[1]", "{}", ""};
    double number;
    int64_t integer;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(json_number(span_of(texts[i]), &number));
        assert_false(json_integer(span_of(texts[i]), &integer));
    }
}

static void
assert_integer(const char *text, int64_t expected)
{
    int64_t number = -12345;

    assert_true(json_integer(span_of(text), &number));
    assert_int_equal(number, expected);
}

static void
integers_are_read_if_they_fit(void **state)
{
    int64_t number;

    (void)state;
    assert_integer("0", 0);
    assert_integer("-0", 0);
    assert_integer("42", 42);
    assert_integer("-42", -42);
    assert_integer("9007199254740993", INT64_C(9007199254740993));
    assert_integer("9223372036854775807", INT64_MAX);
    assert_integer("-9223372036854775808", INT64_MIN);
    assert_false(json_integer(SPAN("9223372036854775808"), &number));
    assert_false(json_integer(SPAN("-9223372036854775809"), &number));
    assert_false(json_integer(SPAN("92233720368547758070"), &number));
    assert_false(json_integer(SPAN("100000000000000000000000000000000"), &number));
}

static void
a_fraction_or_exponent_makes_no_integer(void **state)
{
    int64_t number;

    (void)state;
    assert_false(json_integer(SPAN("1.0"), &number));
    assert_false(json_integer(SPAN("1e2"), &number));
    assert_false(json_integer(SPAN("1E2"), &number));
    assert_false(json_integer(SPAN("-0.5"), &number));
}

static void
assert_written(double number, const char *expected)
{
    struct buf out = BUF_INIT;

    json_append_number(&out, number);
    assert_string_equal(buf_cstr(&out), expected);
    buf_fini(&out);
}

static void
numbers_are_written_short(void **state)
{
    (void)state;
    assert_written(0, "0");
    assert_written(-0.0, "-0");
    assert_written(25, "25");
    assert_written(-1.5, "-1.5");
    assert_written(0.1, "0.1");
    assert_written(0.1 + 0.2, "0.30000000000000004");
    assert_written(1e15, "1000000000000000");
    assert_written(9007199254740991.0, "9007199254740991");
    assert_written(-9007199254740991.0, "-9007199254740991");
    assert_written(9007199254740992.0, "9007199254740992");
    assert_written(1e21, "1e21");
    assert_written(1e-7, "1e-7");
    assert_written(1.25e-10, "1.25e-10");
    assert_written(1e100, "1e100");
    assert_written(DBL_MAX, "1.7976931348623157e308");
    assert_written(DBL_MIN, "2.2250738585072014e-308");
    assert_written(5e-324, "5e-324");
    assert_written(1e-323, "1e-323");
    assert_written(1.0 / 3, "0.3333333333333333");
}

/* Below a power of two doubles lie closer together than above it. */
static void
powers_of_two_are_written_as_short_as_others(void **state)
{
    (void)state;
    assert_written(ldexp(1, -44), "5.684341886080802e-14");
    assert_written(-ldexp(1, -44), "-5.684341886080802e-14");
    assert_written(ldexp(1, 89), "6.189700196426902e26");
    assert_written(ldexp(1, -24), "5.960464477539063e-8");
    assert_written(ldexp(1, 60), "1.152921504606847e18");
}

static void
what_json_cannot_say_is_null(void **state)
{
    (void)state;
    assert_written(INFINITY, "null");
    assert_written(-INFINITY, "null");
    assert_written(NAN, "null");
}

static void
every_number_survives_there_and_back(void **state)
{
    struct buf out = BUF_INIT;
    uint64_t random = 7;

    (void)state;
    for (int i = 0; i < RANDOM_NUMBERS; i++) {
        double number = i % 3 ? random_double(&random) : (double)(int64_t)random / 4096;

        buf_clear(&out);
        json_append_number(&out, number);
        assert_int_equal(json_check(buf_span(&out), NULL, NULL), 0);
        assert_reads_as(buf_cstr(&out), number);
    }
    buf_fini(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_exactly),
        cmocka_unit_test(digits_far_behind_decide_when_they_must),
        cmocka_unit_test(seventeen_digits_are_read_as_the_c_library_does),
        cmocka_unit_test(what_is_no_number_is_not_read),
        cmocka_unit_test(integers_are_read_if_they_fit),
        cmocka_unit_test(a_fraction_or_exponent_makes_no_integer),
        cmocka_unit_test(numbers_are_written_short),
        cmocka_unit_test(powers_of_two_are_written_as_short_as_others),
        cmocka_unit_test(what_json_cannot_say_is_null),
        cmocka_unit_test(every_number_survives_there_and_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
