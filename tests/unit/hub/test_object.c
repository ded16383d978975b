/* How a proposal becomes an object, and how a change merges into it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "err.h"
#include "hub/merge.h"
#include "hub/object.h"

#include <stdlib.h>

static void
a_new_object_is_compact_and_has_no_nulls_and_no_version(void **state)
{
    struct buf body = BUF_INIT;

    (void)state;
    assert_int_equal(
        object_body_create(SPAN("{ \"name\" : \"a\", \"x\": 1.50, \"y\": null, \"version\": 9,"
                                " \"deep\": { \"n\" : null } }"),
                           &body, NULL),
        0);
    assert_string_equal(buf_cstr(&body), "{\"name\":\"a\",\"x\":1.50,\"deep\":{\"n\":null}}");
    buf_fini(&body);
}

static void
changes_merge_at_the_top_level_only(void **state)
{
    static const struct {
        const char *old, *change, *merged;
    } cases[] = {
        {"{\"name\":\"a\"}", "{}", "{\"name\":\"a\"}"},
        {"{\"name\":\"a\",\"x\":1}", "{\"x\":2}", "{\"name\":\"a\",\"x\":2}"},
        {"{\"name\":\"a\",\"x\":1}", "{\"x\":null}", "{\"name\":\"a\"}"},
        {"{\"name\":\"a\"}", "{\"x\":null}", "{\"name\":\"a\"}"},
        {"{\"name\":\"a\"}", "{\"b\":[1, 2],\"c\":{}}", "{\"name\":\"a\",\"b\":[1,2],\"c\":{}}"},
        {"{\"name\":\"a\",\"d\":{\"p\":1,\"q\":2}}", "{\"d\":{\"p\":3}}",
         "{\"name\":\"a\",\"d\":{\"p\":3}}"},
        {"{\"name\":\"a\",\"x\":1,\"y\":2}", "{\"x\":null,\"z\":3}",
         "{\"name\":\"a\",\"y\":2,\"z\":3}"},
        {"{\"name\":\"a\"}", "{\"name\":\"b\",\"version\":7,\"x\":1}", "{\"name\":\"a\",\"x\":1}"},
        {"{\"name\":\"a\"}", "{\"name\":null}", "{\"name\":\"a\"}"},
        /* keys are compared unescaped: \u0078 is x, \u006eame is name */
        {"{\"name\":\"a\",\"x\":1}", "{\"\\u0078\":2}", "{\"name\":\"a\",\"x\":2}"},
        {"{\"name\":\"a\"}", "{\"\\u006eame\":\"b\"}", "{\"name\":\"a\"}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf body = BUF_INIT;

        assert_int_equal(
            object_body_update(span_of(cases[i].old), span_of(cases[i].change), &body, NULL), 0);
        assert_string_equal(buf_cstr(&body), cases[i].merged);
        buf_fini(&body);
    }
}

/* More members than are looked through one by one. */
static void
many_members_merge_like_few(void **state)
{
    struct buf old = BUF_INIT, change = BUF_INIT, body = BUF_INIT, merged = BUF_INIT;

    (void)state;
    buf_append_str(&old, "{\"name\":\"a\"");
    buf_append_str(&change, "{\"name\":\"b\"");
    buf_append_str(&merged, "{\"name\":\"a\"");
    for (int i = 0; i < 600; i++) {
        buf_appendf(&old, ",\"m%d\":%d", i, i);
        if (i % 3 == 0) {
            buf_appendf(&change, ",\"\\u006d%d\":null", i);
        } else if (i % 3 == 1) {
            buf_appendf(&change, ",\"\\u006d%d\": [%d]", i, i);
            buf_appendf(&merged, ",\"m%d\":[%d]", i, i);
        } else {
            buf_appendf(&merged, ",\"m%d\":%d", i, i);
        }
    }
    for (int i = 0; i < 50; i++) {
        buf_appendf(&change, ",\"new%d\":%d", i, i);
        buf_appendf(&merged, ",\"new%d\":%d", i, i);
    }
    buf_append_char(&old, '}');
    buf_append_char(&change, '}');
    buf_append_char(&merged, '}');
    assert_int_equal(object_body_update(buf_span(&old), buf_span(&change), &body, NULL), 0);
    assert_string_equal(buf_cstr(&body), buf_cstr(&merged));
    buf_fini(&old);
    buf_fini(&change);
    buf_fini(&body);
    buf_fini(&merged);
}

static void
a_world_has_no_reserved_names(void **state)
{
    struct buf out = BUF_INIT;

    (void)state;
    merge_change(&out, SPAN("{\"name\":\"a\",\"version\":1}"),
                 SPAN("{\"name\":null,\"version\":2}"));
    assert_string_equal(buf_cstr(&out), "{\"version\":2}");
    buf_fini(&out);
}

static void
an_object_has_at_most_32_kib(void **state)
{
    struct buf proposed = BUF_INIT, body = BUF_INIT;
    struct refusal refusal;

    (void)state;
    refusal_init(&refusal);
    buf_append_str(&proposed, "{\"a\":\"");
    while (proposed.len < OBJECT_BYTES_MAX - 2)
        buf_append_char(&proposed, 'x');
    buf_append_str(&proposed, "\"}");
    assert_int_equal(object_body_create(buf_span(&proposed), &body, &refusal), 0);
    assert_int_equal(body.len, OBJECT_BYTES_MAX);
    struct buf more = BUF_INIT;

    assert_int_equal(object_body_update(buf_span(&body), SPAN("{\"b\":1}"), &more, &refusal),
                     HD1_ETOOBIG);
    assert_string_equal(refusal.code, "too_large");
    buf_fini(&more);
    assert_int_equal(object_body_update(buf_span(&body), SPAN("{\"a\":1}"), &more, &refusal), 0);
    buf_fini(&more);
    buf_fini(&body);
    buf_fini(&proposed);
    refusal_fini(&refusal);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_object_is_compact_and_has_no_nulls_and_no_version),
        cmocka_unit_test(changes_merge_at_the_top_level_only),
        cmocka_unit_test(many_members_merge_like_few),
        cmocka_unit_test(a_world_has_no_reserved_names),
        cmocka_unit_test(an_object_has_at_most_32_kib),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
