/* config_source.c: in which line a key stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config_source.h"

static const char text[] = "-- data = 1\n"
                           "return {\n"
                           "  [\"data\"] = \"listen = 3\",\n"
                           "  plugins = {\n"
                           "    { \"chat\", data = 1, listen = 2 },\n"
                           "    \"validate\", 'chat',\n"
                           "  },\n"
                           "  limits = {\n"
                           "    data = 1,\n"
                           "  },\n"
                           "  listen = {},\n"
                           "}\n";

static int
key_line(const char *section, const char *key)
{
    return config_source_key_line(SPAN(text), section, span_of(key));
}

static void
a_key_is_found_at_its_own_depth(void **state)
{
    (void)state;
    assert_int_equal(key_line("", "data"), 3);
    assert_int_equal(key_line("", "listen"), 11);
    assert_int_equal(key_line("limits", "data"), 9);
}

static void
a_key_that_is_not_there_has_no_line(void **state)
{
    (void)state;
    assert_int_equal(key_line("", "absent"), 0);
    assert_int_equal(config_source_key_line(SPAN_NONE, "", SPAN("data")), 0);
}

static void
an_item_is_found_by_its_place_among_its_equals(void **state)
{
    (void)state;
    assert_int_equal(config_source_item_line(SPAN(text), "plugins", SPAN("chat"), 0), 5);
    assert_int_equal(config_source_item_line(SPAN(text), "plugins", SPAN("chat"), 1), 6);
    assert_int_equal(config_source_item_line(SPAN(text), "plugins", SPAN("validate"), 0), 6);
    assert_int_equal(config_source_item_line(SPAN(text), "plugins", SPAN("chat"), 2), 0);
}

static void
text_that_ends_anywhere_is_read_to_its_end(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof(text); len++) {
        struct span part = {text, len};

        assert_in_range(config_source_key_line(part, "limits", SPAN("data")), 0, 12);
        assert_in_range(config_source_item_line(part, "plugins", SPAN("chat"), 1), 0, 12);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_found_at_its_own_depth),
        cmocka_unit_test(a_key_that_is_not_there_has_no_line),
        cmocka_unit_test(an_item_is_found_by_its_place_among_its_equals),
        cmocka_unit_test(text_that_ends_anywhere_is_read_to_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
