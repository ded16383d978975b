/* Strings out of JSON and into it. */
#include "json/json.h"

#include "err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* A JSON string and its bytes. */
struct pair {
    struct span json;
    struct span bytes;
};

#define PAIR(json, bytes)                                                                          \
    {                                                                                              \
        {json, sizeof(json) - 1},                                                                  \
        {                                                                                          \
            bytes, sizeof(bytes) - 1                                                               \
        }                                                                                          \
    }

static const struct pair pairs[] = {
    PAIR("\"\"", ""),
    PAIR("\"plain\"", "plain"),
    PAIR("\"\\\"\\\\\\/\"", "\"\\/"),
    PAIR("\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t"),
    PAIR("\"a\\nb\\nc\"", "a\nb\nc"),
    PAIR("\"\\u0041\\u007f\"", "A\177"),
    PAIR("\"\\u0080\\u07FF\"", "\302\200\337\277"),
    PAIR("\"\\u0800\\uffff\"", "\340\240\200\357\277\277"),
    PAIR("\"\\ud7ff\\ue000\"", "\355\237\277\356\200\200"),
    PAIR("\"\\ud800\\udc00\\uDBFF\\uDFFF\"", "\360\220\200\200\364\217\277\277"),
    PAIR("\"x\\u20ac\342\202\254x\"", "x\342\202\254\342\202\254x"),
    PAIR("\"a\\u0000b\"", "a\0b"),
};

#define PAIRS (sizeof(pairs) / sizeof(pairs[0]))

static void
assert_holds(struct buf *buf, struct span expected)
{
    assert_int_equal(buf->len, expected.len);
    if (expected.len > 0)
        assert_memory_equal(buf->data, expected.at, expected.len);
    buf_clear(buf);
}

static void
escapes_become_what_they_stand_for(void **state)
{
    struct buf out = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        assert_int_equal(json_check(pairs[i].json, NULL, NULL), 0);
        json_append_unescaped(&out, pairs[i].json);
        assert_holds(&out, pairs[i].bytes);
    }
    buf_fini(&out);
}

static void
what_is_unescaped_goes_behind_what_was_there(void **state)
{
    struct buf out = BUF_INIT;

    (void)state;
    buf_append_str(&out, "before ");
    json_append_unescaped(&out, SPAN("\"a\\tb\""));
    assert_holds(&out, SPAN("before a\tb"));
    json_append_unescaped(&out, SPAN("12"));
    json_append_unescaped(&out, SPAN_NONE);
    assert_holds(&out, SPAN(""));
    buf_fini(&out);
}

static void
a_string_without_escapes_is_lent_as_it_is(void **state)
{
    struct span value = SPAN("\"plain \303\244\"");
    struct span text;

    (void)state;
    assert_true(json_plain_string(value, &text));
    assert_ptr_equal(text.at, value.at + 1);
    assert_int_equal(text.len, value.len - 2);
    assert_true(json_plain_string(SPAN("\"\""), &text));
    assert_int_equal(text.len, 0);
    assert_false(json_plain_string(SPAN("\"a\\n\""), &text));
    assert_false(json_plain_string(SPAN("12"), &text));
    assert_false(json_plain_string(SPAN_NONE, &text));
}

static void
a_copied_string_ends_in_nul(void **state)
{
    char out[16];

    (void)state;
    for (size_t i = 0; i + 1 < PAIRS; i++) {
        memset(out, 'x', sizeof(out));
        assert_int_equal(json_copy_string(pairs[i].json, out, sizeof(out)), pairs[i].bytes.len);
        assert_int_equal(strlen(out), pairs[i].bytes.len);
        assert_memory_equal(out, pairs[i].bytes.at, pairs[i].bytes.len);
    }
}

static void
a_copied_string_must_fit_with_its_nul(void **state)
{
    char out[] = "0123456789";

    (void)state;
    assert_int_equal(json_copy_string(SPAN("\"abc\""), out, 4), 3);
    assert_string_equal(out, "abc");
    assert_int_equal(json_copy_string(SPAN("\"abc\""), out, 3), HD1_ETOOBIG);
    assert_int_equal(json_copy_string(SPAN("\"\\u20ac\""), out, 4), 3);
    assert_int_equal(json_copy_string(SPAN("\"\\u20ac\""), out, 3), HD1_ETOOBIG);
    assert_int_equal(json_copy_string(SPAN("\"\""), out, 1), 0);
    assert_int_equal(json_copy_string(SPAN("\"\""), out, 0), HD1_ETOOBIG);
    assert_string_equal(out + 4, "456789");
}

static void
a_copied_string_holds_no_nul_and_is_a_string(void **state)
{
    char out[16];

    (void)state;
    assert_int_equal(json_copy_string(SPAN("\"a\\u0000b\""), out, sizeof(out)), HD1_EINVAL);
    assert_int_equal(json_copy_string(SPAN("12"), out, sizeof(out)), HD1_EINVAL);
    assert_int_equal(json_copy_string(SPAN("[\"a\"]"), out, sizeof(out)), HD1_EINVAL);
    assert_int_equal(json_copy_string(SPAN_NONE, out, sizeof(out)), HD1_EINVAL);
}

static void
only_what_must_be_is_escaped(void **state)
{
    struct buf out = BUF_INIT;

    (void)state;
    json_append_string(&out, SPAN("a/b\177\303\244\342\202\254'"));
    assert_holds(&out, SPAN("\"a/b\177\303\244\342\202\254'\""));
    json_append_string(&out, SPAN("\"\\\b\f\n\r\t\0\001\037"));
    assert_holds(&out, SPAN("\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u0001\\u001f\""));
    json_append_string(&out, SPAN_NONE);
    assert_holds(&out, SPAN("\"\""));
    buf_fini(&out);
}

static void
every_ascii_text_survives_there_and_back(void **state)
{
    struct buf json = BUF_INIT;
    struct buf back = BUF_INIT;
    char text[128];

    (void)state;
    for (int i = 0; i < 128; i++)
        text[i] = (char)i;
    for (size_t len = 0; len <= 128; len++) {
        json_append_string(&json, (struct span){text, len});
        assert_int_equal(json_check(buf_span(&json), NULL, NULL), 0);
        json_append_unescaped(&back, buf_span(&json));
        assert_holds(&back, (struct span){text, len});
        buf_clear(&json);
    }
    buf_fini(&json);
    buf_fini(&back);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_become_what_they_stand_for),
        cmocka_unit_test(what_is_unescaped_goes_behind_what_was_there),
        cmocka_unit_test(a_string_without_escapes_is_lent_as_it_is),
        cmocka_unit_test(a_copied_string_ends_in_nul),
        cmocka_unit_test(a_copied_string_must_fit_with_its_nul),
        cmocka_unit_test(a_copied_string_holds_no_nul_and_is_a_string),
        cmocka_unit_test(only_what_must_be_is_escaped),
        cmocka_unit_test(every_ascii_text_survives_there_and_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
