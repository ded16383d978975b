/* The check of json.h: which texts it takes, and what it says of the others. */
#include "json/json.h"

#include "err.h"
#include "json_texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define CASES (sizeof(json_cases) / sizeof(json_cases[0]))

/* The text in memory of exactly its size, so that a sanitizer sees each byte read too many. */
static char *
exact_copy(struct span text)
{
    char *copy = malloc(text.len ? text.len : 1);

    assert_non_null(copy);
    memcpy(copy, text.at, text.len);
    return copy;
}

static void
show_text(const struct json_case *c)
{
    print_message("text: %.*s\n", (int)c->text.len, c->text.at);
}

static void
check_good(const struct json_case *c, struct span text)
{
    struct span value;
    struct json_error error = {0, "accepted"};
    struct buf compact = BUF_INIT;
    int err = json_check(text, &value, &error);

    if (err)
        show_text(c);
    assert_string_equal(error.what, "accepted");
    assert_int_equal(err, 0);
    json_append_compact(&compact, value);
    assert_int_equal(compact.len, c->compact.len);
    assert_memory_equal(compact.data, c->compact.at, compact.len);
    buf_fini(&compact);
}

static void
check_bad(const struct json_case *c, struct span text)
{
    struct json_error error = {0, "accepted"};
    int err = json_check(text, NULL, &error);

    if (err == 0 || error.offset != c->offset)
        show_text(c);
    assert_string_equal(error.what, c->what);
    assert_int_equal(error.offset, c->offset);
    assert_int_equal(err, HD1_ESYNTAX);
}

static void
each_text_gets_its_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        const struct json_case *c = &json_cases[i];
        char *copy = exact_copy(c->text);
        struct span text = {copy, c->text.len};

        if (c->compact.at)
            check_good(c, text);
        else
            check_bad(c, text);
        free(copy);
    }
}

static void
no_text_is_in_the_table_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        for (size_t j = 0; j < i; j++) {
            if (span_eq(json_cases[i].text, json_cases[j].text))
                show_text(&json_cases[i]);
            assert_false(span_eq(json_cases[i].text, json_cases[j].text));
        }
    }
}

/* Every good text that is a container is bad as long as its last byte is missing. */
static void
a_container_cut_short_anywhere_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct span text = json_cases[i].compact;

        if (!text.at || json_type_of(text) < JSON_STRING)
            continue;
        for (size_t len = 0; len < text.len; len++) {
            char *copy = exact_copy((struct span){text.at, len});

            assert_int_equal(json_check((struct span){copy, len}, NULL, NULL), HD1_ESYNTAX);
            free(copy);
        }
    }
}

static void
the_value_comes_without_the_space_around_it(void **state)
{
    struct span text = SPAN(" \n{\"a\": 1}\t ");
    struct span value;

    (void)state;
    assert_int_equal(json_check(text, &value, NULL), 0);
    assert_ptr_equal(value.at, text.at + 2);
    assert_int_equal(value.len, 8);
}

static void
a_refused_text_leaves_value_alone(void **state)
{
    struct span value = SPAN("before");

    (void)state;
    assert_int_equal(json_check(SPAN("[1"), &value, NULL), HD1_ESYNTAX);
    assert_true(span_is(value, "before"));
}

static void
no_text_at_all_ends_unexpectedly(void **state)
{
    struct json_error error;

    (void)state;
    assert_int_equal(json_check(SPAN_NONE, NULL, &error), HD1_ESYNTAX);
    assert_string_equal(error.what, "unexpected end");
    assert_int_equal(error.offset, 0);
}

/* {"prefix0":0,"prefix1":0,...} with a last member of the given key, if any. */
static void
append_object(struct buf *out, const char *prefix, int members, const char *last)
{
    buf_append_char(out, '{');
    for (int i = 0; i < members; i++)
        buf_appendf(out, "%s\"%s%d\":0", i ? "," : "", prefix, i);
    if (last)
        buf_appendf(out, ",\"%s\":0", last);
    buf_append_char(out, '}');
}

static int
check_object(const char *prefix, int members, const char *last, struct json_error *error)
{
    struct buf text = BUF_INIT;
    int err;

    append_object(&text, prefix, members, last);
    err = json_check(buf_span(&text), NULL, error);
    buf_fini(&text);
    return err;
}

static void
an_object_has_at_most_1024_members(void **state)
{
    struct json_error error;

    (void)state;
    assert_int_equal(check_object("k", JSON_MEMBERS_MAX, NULL, &error), 0);
    assert_int_equal(check_object("k", JSON_MEMBERS_MAX - 1, "last", &error), 0);
    assert_int_equal(check_object("k", JSON_MEMBERS_MAX, "last", &error), HD1_ESYNTAX);
    assert_string_equal(error.what, "too many members");
    assert_int_equal(check_object("k", 100000, NULL, &error), HD1_ESYNTAX);
    assert_string_equal(error.what, "too many members");
}

static void
an_equal_key_is_found_among_any_number(void **state)
{
    struct json_error error;

    (void)state;
    for (int members = 1; members < JSON_MEMBERS_MAX; members += members < 40 ? 1 : 41) {
        char last[32];

        for (int twin = 0; twin < members; twin += 1 + members / 3) {
            snprintf(last, sizeof(last), "\\u006b%d", twin);
            assert_int_equal(check_object("k", members, last, &error), HD1_ESYNTAX);
            assert_string_equal(error.what, "duplicate key");
        }
        snprintf(last, sizeof(last), "\\u006b%d", members);
        assert_int_equal(check_object("k", members, last, &error), 0);
    }
}

/* The key 30 times over, which is longer than the chunks in which keys are hashed, and a tail. */
static void
append_long_key(struct buf *out, const char *again, const char *tail)
{
    buf_append_char(out, '"');
    for (int i = 0; i < 30; i++)
        buf_append_str(out, again);
    buf_append_str(out, tail);
    buf_append_char(out, '"');
}

static int
check_long_keys(const char *first, const char *again, const char *tail)
{
    struct buf text = BUF_INIT;
    int err;

    buf_append_char(&text, '{');
    append_long_key(&text, first, "tail");
    buf_append_char(&text, ':');
    append_object(&text, "k", 20, NULL);
    for (int i = 0; i < 10; i++)
        buf_appendf(&text, ",\"%d\":0", i);
    buf_append_char(&text, ',');
    append_long_key(&text, again, tail);
    buf_append_str(&text, ":0}");
    err = json_check(buf_span(&text), NULL, NULL);
    buf_fini(&text);
    return err;
}

static void
long_keys_are_compared_to_their_last_byte(void **state)
{
    static const char *const ways[][2] = {
        {"x", "\\u0078"},
        {"\303\244", "\\u00e4"},
        {"wide \342\202\254", "wide \\u20AC"},
        {"\360\237\230\200.", "\\ud83d\\uDE00\\u002e"},
        {"\303\244 key of many letters", "\\u00e4\\u0020key of many letters"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        assert_int_equal(check_long_keys(ways[i][0], ways[i][0], "tail"), HD1_ESYNTAX);
        assert_int_equal(check_long_keys(ways[i][0], ways[i][1], "tail"), HD1_ESYNTAX);
        assert_int_equal(check_long_keys(ways[i][1], ways[i][0], "tai\\u006c"), HD1_ESYNTAX);
        assert_int_equal(check_long_keys(ways[i][0], ways[i][1], "tail2"), 0);
        assert_int_equal(check_long_keys(ways[i][1], ways[i][0], "tair"), 0);
    }
}

/* All the levels there may be, each with as many members as there may be. */
static void
the_fullest_object_is_accepted(void **state)
{
    struct buf text = BUF_INIT;

    (void)state;
    for (int level = 0; level < JSON_DEPTH_MAX; level++) {
        buf_append_char(&text, '{');
        for (int i = 1; i < JSON_MEMBERS_MAX; i++)
            buf_appendf(&text, "\"%x\":0,", i);
        buf_append_str(&text, "\"inner\":");
    }
    buf_append_str(&text, "0");
    for (int level = 0; level < JSON_DEPTH_MAX; level++)
        buf_append_char(&text, '}');
    assert_int_equal(json_check(buf_span(&text), NULL, NULL), 0);
    buf_fini(&text);
}

static void
an_equal_key_is_found_around_inner_objects(void **state)
{
    struct buf text = BUF_INIT;
    struct json_error error;

    (void)state;
    buf_append_str(&text, "{\"first\":");
    append_object(&text, "k", 500, NULL);
    buf_append_str(&text, ",\"second\":[");
    append_object(&text, "k", 500, NULL);
    buf_append_str(&text, "],\"fir\\u0073t\":0}");
    assert_int_equal(json_check(buf_span(&text), NULL, &error), HD1_ESYNTAX);
    assert_string_equal(error.what, "duplicate key");
    assert_int_equal(error.offset, text.len - strlen("fir\\u0073t\":0}"));
    buf_fini(&text);
}

static struct span
repeat(struct buf *out, const char *before, const char *again, const char *after)
{
    buf_clear(out);
    buf_append_str(out, before);
    while (out->len < 1024 * 1024)
        buf_append_str(out, again);
    buf_append_str(out, after);
    return buf_span(out);
}

/* One that takes time squared in their length would not come to its end within the test's limit. */
static void
hostile_texts_of_a_mebibyte_get_their_verdict(void **state)
{
    struct buf text = BUF_INIT;
    int bad = HD1_ESYNTAX;

    (void)state;
    assert_int_equal(json_check(repeat(&text, "", "[", ""), NULL, NULL), bad);
    assert_int_equal(json_check(repeat(&text, "", "{\"\":", ""), NULL, NULL), bad);
    assert_int_equal(json_check(repeat(&text, "[", "[],", "0]"), NULL, NULL), 0);
    assert_int_equal(json_check(repeat(&text, "[", "{\"a\":0,\"b\":0},", "0]"), NULL, NULL), 0);
    assert_int_equal(json_check(repeat(&text, "", "1234567890", ""), NULL, NULL), bad);
    assert_int_equal(json_check(repeat(&text, "0.", "0", "1e1048576"), NULL, NULL), 0);
    assert_int_equal(json_check(repeat(&text, "[", "1.7976931348623158e308,", "0]"), NULL, NULL),
                     0);
    assert_int_equal(json_check(repeat(&text, "1e", "0", "308"), NULL, NULL), 0);
    assert_int_equal(json_check(repeat(&text, "\"", "\\ud83d\\ude00", "\""), NULL, NULL), 0);
    assert_int_equal(json_check(repeat(&text, "\"", "\\\\", "\""), NULL, NULL), 0);
    assert_int_equal(json_check(repeat(&text, "\"", "\303\244", "\""), NULL, NULL), 0);
    assert_int_equal(json_check(repeat(&text, "{\"", "\\u0061", "\":0}"), NULL, NULL), 0);
    assert_int_equal(json_check(repeat(&text, "", " ", "0"), NULL, NULL), 0);
    buf_fini(&text);
}

static void
a_mebibyte_of_full_objects_is_accepted(void **state)
{
    struct buf text = BUF_INIT;

    (void)state;
    buf_append_char(&text, '[');
    while (text.len < 1024 * 1024) {
        append_object(&text, "", JSON_MEMBERS_MAX, NULL);
        buf_append_char(&text, ',');
    }
    buf_append_str(&text, "0]");
    assert_int_equal(json_check(buf_span(&text), NULL, NULL), 0);
    buf_fini(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_text_gets_its_verdict),
        cmocka_unit_test(no_text_is_in_the_table_twice),
        cmocka_unit_test(a_container_cut_short_anywhere_is_refused),
        cmocka_unit_test(the_value_comes_without_the_space_around_it),
        cmocka_unit_test(a_refused_text_leaves_value_alone),
        cmocka_unit_test(no_text_at_all_ends_unexpectedly),
        cmocka_unit_test(an_object_has_at_most_1024_members),
        cmocka_unit_test(an_equal_key_is_found_among_any_number),
        cmocka_unit_test(long_keys_are_compared_to_their_last_byte),
        cmocka_unit_test(the_fullest_object_is_accepted),
        cmocka_unit_test(an_equal_key_is_found_around_inner_objects),
        cmocka_unit_test(hostile_texts_of_a_mebibyte_get_their_verdict),
        cmocka_unit_test(a_mebibyte_of_full_objects_is_accepted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
