/* Members found by key: few, many, and keys written with escapes. */
#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void
assert_found(const struct json_index *index, const char *key, const char *value)
{
    const struct json_member *member = json_index_find(index, span_of(key));

    if (!value) {
        assert_null(member);
        return;
    }
    assert_non_null(member);
    assert_true(span_is(member->value, value));
}

static bool
is_not_b(struct span key)
{
    return !json_key_is(key, "b");
}

static void
a_few_members_are_found_by_key(void **state)
{
    struct json_index index;

    (void)state;
    json_index_init(&index, SPAN("{\"a\":1,\"b\":[2],\"\\u0063\":{}}"), is_not_b);
    assert_int_equal(index.count, 2);
    assert_found(&index, "a", "1");
    assert_found(&index, "b", NULL);
    assert_found(&index, "c", "{}");
    assert_found(&index, "\\u0061", "1");
    assert_found(&index, "", NULL);
    json_index_fini(&index);
}

/* count members m0 to m<count - 1>, each with its number. */
static void
check_many(int count)
{
    struct buf text = BUF_INIT;
    struct json_index index;

    buf_append_char(&text, '{');
    for (int i = 0; i < count; i++)
        buf_appendf(&text, "%s\"m%d\":%d", i ? "," : "", i, i);
    buf_append_char(&text, '}');
    json_index_init(&index, buf_span(&text), NULL);
    assert_int_equal(index.count, count);
    for (int i = 0; i < count; i++) {
        char key[24], value[24];

        snprintf(key, sizeof(key), i % 2 ? "m%d" : "\\u006d%d", i);
        snprintf(value, sizeof(value), "%d", i);
        assert_found(&index, key, value);
        assert_ptr_equal(json_index_find(&index, span_of(key)), &index.members[i]);
    }
    assert_found(&index, "m", NULL);
    assert_found(&index, "n0", NULL);
    json_index_fini(&index);
    buf_fini(&text);
}

static void
many_members_are_found_by_key(void **state)
{
    (void)state;
    for (int count = JSON_INDEX_FEW - 1; count <= JSON_INDEX_FEW + 1; count++)
        check_many(count);
    check_many(2 * JSON_INDEX_FEW);
    check_many(5000);
}

static void
what_is_no_object_has_no_members(void **state)
{
    struct json_index index;

    (void)state;
    json_index_init(&index, SPAN("7"), NULL);
    assert_int_equal(index.count, 0);
    assert_found(&index, "a", NULL);
    json_index_fini(&index);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_members_are_found_by_key),
        cmocka_unit_test(many_members_are_found_by_key),
        cmocka_unit_test(what_is_no_object_has_no_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
