/* Which bytes make a character: compared with a decoder that does it the slow and plain way. */
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* By the definition: gather the bits, then ask whether this code point may be written like that. */
static size_t
plain_len(const unsigned char *at, size_t left)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xC0 ? 0 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    unsigned point = at[0];

    if (len < 2 || at[0] >= 0xF8)
        return len < 2 ? len : 0;
    if (len > left)
        return 0;
    point &= 0x7Fu >> len;
    for (size_t i = 1; i < len; i++) {
        if (at[i] < 0x80 || at[i] >= 0xC0)
            return 0;
        point = point << 6 | (at[i] & 0x3F);
    }
    if (point < least[len] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
        return 0;
    return len;
}

static void
every_beginning_of_three_bytes_is_judged_rightly(void **state)
{
    static const unsigned char fourth[] = {0x00, 0x7F, 0x80, 0xBF, 0xC0};

    (void)state;
    for (unsigned bytes = 0; bytes < 1u << 24; bytes++) {
        unsigned char text[4] = {(unsigned char)(bytes >> 16), (unsigned char)(bytes >> 8),
                                 (unsigned char)bytes, fourth[bytes % sizeof(fourth)]};
        const char *at = (const char *)text;

        if (utf8_len(at, at + 4) != plain_len(text, 4))
            fail_msg("%02x %02x %02x %02x", text[0], text[1], text[2], text[3]);
    }
}

static void
a_character_cut_off_is_none(void **state)
{
    static const char *const texts[] = {"a", "\303\244", "\342\202\254", "\360\237\230\200"};

    (void)state;
    for (size_t len = 1; len <= 4; len++) {
        const char *at = texts[len - 1];

        assert_int_equal(utf8_len(at, at + len), len);
        for (size_t cut = 1; cut < len; cut++)
            assert_int_equal(utf8_len(at, at + cut), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_beginning_of_three_bytes_is_judged_rightly),
        cmocka_unit_test(a_character_cut_off_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
