/*
 * Any bytes go to the check. What it accepts must be walked to its end, copied compactly without a
 * change of meaning, unescaped and escaped again, and read and written as numbers.
 */
#include "json/json.h"

#include "err.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail(#condition, __LINE__);                                                            \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
static void compare(struct span a, struct span b);

static _Noreturn void
fail(const char *condition, int line)
{
    fprintf(stderr, "line %d: not so: %s\n", line, condition);
    abort();
}

static void
expect_good(struct span text)
{
    struct span value;

    EXPECT(json_check(text, &value, NULL) == 0);
    EXPECT(span_eq(text, value));
}

static void
try_copy(struct span value, struct span unescaped)
{
    bool has_nul = unescaped.len > 0 && memchr(unescaped.at, '\0', unescaped.len);
    char *copy = mem_alloc(unescaped.len + 1);
    int len = json_copy_string(value, copy, unescaped.len + 1);

    EXPECT(len == (has_nul ? HD1_EINVAL : (int)unescaped.len));
    EXPECT(has_nul || memcmp(copy, unescaped.at, unescaped.len + 1) == 0);
    EXPECT(json_copy_string(value, copy, unescaped.len) < 0);
    free(copy);
}

static void
try_string(struct span value)
{
    struct buf bytes = BUF_INIT;
    struct buf again = BUF_INIT;
    struct span plain;

    json_append_unescaped(&bytes, value);
    buf_cstr(&bytes);
    try_copy(value, buf_span(&bytes));
    EXPECT(!json_plain_string(value, &plain) || span_eq(plain, buf_span(&bytes)));
    json_append_string(&again, buf_span(&bytes));
    expect_good(buf_span(&again));
    EXPECT(json_key_eq((struct span){value.at + 1, value.len - 2},
                       (struct span){again.data + 1, again.len - 2}));
    buf_fini(&bytes);
    buf_fini(&again);
}

static void
try_number(struct span value)
{
    struct buf text = BUF_INIT;
    double number = NAN;
    double again = NAN;
    int64_t integer;

    EXPECT(json_number(value, &number));
    EXPECT(isfinite(number));
    json_append_number(&text, number);
    expect_good(buf_span(&text));
    EXPECT(json_number(buf_span(&text), &again));
    EXPECT(number == again && signbit(number) == signbit(again));
    EXPECT(!json_integer(value, &integer) || (double)integer == number);
    buf_fini(&text);
}

/* Is it found under its name? A name with a NUL inside cannot be asked for. */
static void
try_member(struct span object, struct span key, struct span value)
{
    struct buf name = BUF_INIT;
    struct span found;

    json_append_unescaped(&name, (struct span){key.at - 1, key.len + 2});
    if (strlen(buf_cstr(&name)) == name.len) {
        EXPECT(json_key_is(key, buf_cstr(&name)));
        EXPECT(json_member(object, buf_cstr(&name), &found));
        EXPECT(found.at == value.at && found.len == value.len);
    }
    buf_fini(&name);
}

static void
compare_members(struct span a, struct span b)
{
    struct json_iter a_iter;
    struct json_iter b_iter;
    struct span a_key, b_key, a_value, b_value;
    int count = 0;

    json_iter_init(&a_iter, a);
    json_iter_init(&b_iter, b);
    while (json_next_member(&a_iter, &a_key, &a_value)) {
        EXPECT(json_next_member(&b_iter, &b_key, &b_value));
        EXPECT(span_eq(a_key, b_key));
        if (count++ < 20)
            try_member(a, a_key, a_value);
        compare(a_value, b_value);
    }
    EXPECT(a_iter.at == a_iter.end);
    EXPECT(!json_next_member(&b_iter, &b_key, &b_value));
    EXPECT(count <= JSON_MEMBERS_MAX);
}

static void
compare_elements(struct span a, struct span b)
{
    struct json_iter a_iter;
    struct json_iter b_iter;
    struct span a_value, b_value;

    json_iter_init(&a_iter, a);
    json_iter_init(&b_iter, b);
    while (json_next_element(&a_iter, &a_value)) {
        EXPECT(json_next_element(&b_iter, &b_value));
        compare(a_value, b_value);
    }
    EXPECT(a_iter.at == a_iter.end);
    EXPECT(!json_next_element(&b_iter, &b_value));
}

/* Walks a to its end, b (its compact copy) beside it. */
static void
compare(struct span a, struct span b)
{
    EXPECT(json_type_of(a) == json_type_of(b));
    switch (json_type_of(a)) {
    case JSON_OBJECT:
        compare_members(a, b);
        return;
    case JSON_ARRAY:
        compare_elements(a, b);
        return;
    case JSON_STRING:
        try_string(a);
        break;
    case JSON_NUMBER:
        try_number(a);
        break;
    default:
        EXPECT(span_is(a, "null") || span_is(a, "true") || span_is(a, "false"));
    }
    EXPECT(span_eq(a, b));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {(const char *)data, size};
    struct json_error error = {size + 1, NULL};
    struct buf compact = BUF_INIT;
    struct span value;

    if (json_check(text, &value, &error) != 0) {
        EXPECT(error.what && error.offset <= size);
        return 0;
    }
    EXPECT(value.at >= text.at && value.at + value.len <= text.at + text.len);
    expect_good(value);
    json_append_compact(&compact, value);
    EXPECT(compact.len <= value.len);
    expect_good(buf_span(&compact));
    compare(value, buf_span(&compact));
    buf_fini(&compact);
    return 0;
}
