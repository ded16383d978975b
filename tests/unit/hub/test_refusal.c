/* Refusals: one table, two forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "err.h"
#include "hub/refusal.h"
#include "json/json.h"

#include <stdlib.h>

static void
every_code_has_a_status_and_a_text_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < REFUSE_COUNT; i++) {
        assert_in_range(refusal_code_status((enum refusal_code)i), 400, 599);
        assert_non_null(refusal_code_text((enum refusal_code)i));
        for (int other = 0; other < i; other++) {
            assert_string_not_equal(refusal_code_text((enum refusal_code)i),
                                    refusal_code_text((enum refusal_code)other));
        }
    }
}

static void
an_error_says_what_is_known(void **state)
{
    struct refusal refusal;
    struct buf out = BUF_INIT;

    (void)state;
    refusal_init(&refusal);
    refuse(&refusal, REFUSE_STALE, "%d \"words\"", 2);
    refusal_append_error(&out, &refusal, 0);
    assert_string_equal(buf_cstr(&out),
                        "{\"message\":\"2 \\\"words\\\"\",\"status\":409,\"code\":\"stale\"}");
    buf_append_str(&refusal.details, "{\"a\":1}");
    refusal.retry_after_ms = 30;
    buf_clear(&out);
    refusal_append_error(&out, &refusal, 8);
    assert_string_equal(
        buf_cstr(&out),
        "{\"message\":\"2 \\\"words\\\"\",\"id\":8,\"status\":409,\"code\":\"stale\","
        "\"details\":{\"a\":1},\"retry_after_ms\":30}");
    refuse(&refusal, REFUSE_BUSY, "again"); /* forgets the details */
    buf_clear(&out);
    refusal_append_problem(&out, &refusal);
    assert_string_equal(buf_cstr(&out),
                        "{\"type\":\"about:blank\",\"title\":\"Busy\",\"detail\":\"again\","
                        "\"status\":503,\"code\":\"busy\"}\n");
    buf_fini(&out);
    refusal_fini(&refusal);
}

static void
a_long_message_is_cut_between_characters(void **state)
{
    static const char *const characters[] = {"x", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        for (size_t shift = 0; shift < 4; shift++) {
            struct refusal refusal;
            struct buf text = BUF_INIT, out = BUF_INIT;

            refusal_init(&refusal);
            buf_append(&text, "....", shift);
            while (text.len < 400)
                buf_append_str(&text, characters[i]);
            refuse(&refusal, REFUSE_BUSY, "%s", buf_cstr(&text));
            refusal_append_error(&out, &refusal, 0);
            assert_int_equal(json_check(buf_span(&out), NULL, NULL), 0);
            assert_true(out.len > 240);
            buf_fini(&out);
            buf_fini(&text);
            refusal_fini(&refusal);
        }
    }
}

static void
what_the_store_says_becomes_what_senders_are_told(void **state)
{
    static const struct {
        int err;
        const char *code;
        bool is_to_be_tried_again;
    } cases[] = {{HD1_EFULL, "storage_full", true},
                 {HD1_EOUTCOME, "outcome_unknown", false},
                 {HD1_EIO, "storage_unavailable", true},
                 {HD1_EBUSY, "storage_unavailable", true},
                 {HD1_ECONSTRAINT, "storage_unavailable", true}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct refusal refusal;

        refusal_init(&refusal);
        refuse_storage(&refusal, cases[i].err);
        assert_string_equal(refusal.code, cases[i].code);
        assert_int_equal(refusal.status, 503);
        assert_int_equal(refusal.retry_after_ms > 0, cases[i].is_to_be_tried_again);
        refusal_fini(&refusal);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_status_and_a_text_of_its_own),
        cmocka_unit_test(an_error_says_what_is_known),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
        cmocka_unit_test(what_the_store_says_becomes_what_senders_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
