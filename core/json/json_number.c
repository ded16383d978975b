/*
 * Numbers: reading them exactly, and writing the shortest text that reads back the same. Nothing
 * here depends on the locale but snprintf's decimal point, which the server leaves as it is in "C".
 */
#include "json/json.h"

#include "json/json_impl.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * A number as digits * 10^exponent. No double nor midpoint of two doubles has more than 767
 * significant digits, so what comes after them matters only by being zero or not: is_cut adds a 1
 * in its place.
 */
#define DIGITS_MAX 768
#define EXPONENT_MAX INT64_C(10000000000) /* beyond what any text can make up for by its digits */

struct decimal {
    bool is_negative;
    bool is_cut;
    int count; /* of digits; the first is not 0 */
    int64_t exponent;
    char digits[DIGITS_MAX + 32]; /* room for is_cut's 1, the exponent, a NUL */
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void
add_digit(struct decimal *d, char digit)
{
    if (d->count == 0 && digit == '0')
        return;
    if (d->count < DIGITS_MAX) {
        d->digits[d->count++] = digit;
        return;
    }
    d->is_cut |= digit != '0';
    d->exponent++;
}

static int64_t
read_exponent(const char *at, const char *end)
{
    bool is_negative = *at == '-';
    int64_t exponent = 0;

    for (at += *at == '-' || *at == '+'; at < end; at++)
        if (exponent < EXPONENT_MAX)
            exponent = exponent * 10 + (*at - '0');
    return is_negative ? -exponent : exponent;
}

static void
decimal_read(struct decimal *d, struct span number)
{
    const char *at = number.at;
    const char *end = number.at + number.len;

    d->is_negative = *at == '-';
    d->is_cut = false;
    d->count = 0;
    d->exponent = 0;
    for (at += d->is_negative; at < end && is_digit(*at); at++)
        add_digit(d, *at);
    if (at < end && *at == '.') {
        for (at++; at < end && is_digit(*at); at++) {
            add_digit(d, *at);
            d->exponent--;
        }
    }
    if (at < end)
        d->exponent += read_exponent(at + 1, end);
}

/* The number is 0.DIGITS * 10^this. */
static int64_t
decimal_magnitude(const struct decimal *d)
{
    return d->exponent + d->count;
}

/* Up to 15 digits and powers of ten up to 22 are doubles themselves: one operation rounds once. */
static bool
convert_small(const struct decimal *d, double *number)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t whole = 0;

    if (d->count > 15 || d->exponent < -22 || d->exponent > 22)
        return false;
    for (int i = 0; i < d->count; i++)
        whole = whole * 10 + (d->digits[i] - '0');
    *number = d->exponent < 0 ? (double)whole / powers[-d->exponent]
                              : (double)whole * powers[d->exponent];
    return true;
}

static double
convert_large(struct decimal *d)
{
    int len = d->count;

    if (d->count == 0 || decimal_magnitude(d) < -330)
        return 0;
    if (decimal_magnitude(d) > 310)
        return HUGE_VAL;
    if (d->is_cut)
        d->digits[len++] = '1';
    snprintf(d->digits + len, sizeof(d->digits) - (size_t)len, "e%d",
             (int)d->exponent - (d->is_cut ? 1 : 0));
    return strtod(d->digits, NULL);
}

/* 1.79e308 is within a double's range, 1.8e308 is not: only between the two must one look closely.
 */
bool
json_number_fits(struct span number)
{
    struct decimal d;

    decimal_read(&d, number);
    if (d.count == 0 || decimal_magnitude(&d) < 309)
        return true;
    if (decimal_magnitude(&d) > 309 || d.digits[0] > '1')
        return false;
    return convert_large(&d) <= DBL_MAX;
}

bool
json_number(struct span value, double *number)
{
    struct decimal d;

    if (json_type_of(value) != JSON_NUMBER)
        return false;
    decimal_read(&d, value);
    if (!convert_small(&d, number))
        *number = convert_large(&d);
    if (d.is_negative)
        *number = -*number;
    return true;
}

bool
json_integer(struct span value, int64_t *number)
{
    int64_t result = 0;
    bool is_negative;

    if (json_type_of(value) != JSON_NUMBER)
        return false;
    is_negative = value.at[0] == '-';
    for (size_t i = is_negative; i < value.len; i++) {
        int digit = value.at[i] - '0';

        if (!is_digit(value.at[i]) || __builtin_mul_overflow(result, 10, &result) ||
            __builtin_sub_overflow(result, digit, &result))
            return false;
    }
    if (!is_negative && result == INT64_MIN)
        return false;
    *number = is_negative ? result : -result;
    return true;
}

static bool
reads_as(const char *text, double number)
{
    return strtod(text, NULL) == number;
}

static bool
is_power_of_two(double number)
{
    uint64_t bits;

    memcpy(&bits, &number, sizeof(bits));
    return (bits & ((UINT64_C(1) << 52) - 1)) == 0;
}

/*
 * Doubles lie closer together below a power of two than above it, so the nearest text of 16 digits
 * may miss it from below while the next one up still hits.
 */
static bool
print_next_up(char *text, size_t size, double number)
{
    char *last;

    if (!is_power_of_two(number))
        return false;
    snprintf(text, size, "%.15e", number);
    last = strchr(text, 'e') - 1;
    if (*last == '9')
        return false;
    ++*last;
    return reads_as(text, number);
}

/* Fifteen digits always survive, but numbers near zero have fewer that count. */
static void
print_shortest(char *text, size_t size, double number)
{
    int precision = fabs(number) < DBL_MIN ? 1 : 15;

    for (; precision <= 17; precision++) {
        snprintf(text, size, "%.*g", precision, number);
        if (reads_as(text, number))
            return;
        if (precision == 16 && print_next_up(text, size, number))
            return;
    }
}

/* The exponent without plus sign and leading zeros. */
static void
append_tidy(struct buf *out, const char *text)
{
    size_t mantissa = strcspn(text, "e");
    const char *exponent = text + mantissa;

    buf_append(out, text, mantissa);
    if (*exponent == '\0')
        return;
    buf_append_char(out, 'e');
    if (*++exponent == '-')
        buf_append_char(out, '-');
    buf_append_str(out, exponent + strspn(exponent, "+-0"));
}

static bool
is_small_integer(double number)
{
    return fabs(number) < 9007199254740992.0 && number == (double)(int64_t)number &&
           !(number == 0 && signbit(number));
}

void
json_append_number(struct buf *out, double number)
{
    char text[32];

    if (!isfinite(number)) {
        buf_append_str(out, "null");
    } else if (is_small_integer(number)) {
        buf_append_int(out, (int64_t)number);
    } else {
        print_shortest(text, sizeof(text), number);
        append_tidy(out, text);
    }
}
