/* Random ids and their shape. */
#include "idgen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
a_made_id_is_its_prefix_and_eight_letters_or_digits(void **state)
{
    char id[ID_SIZE];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        idgen(id, sizeof(id), "session-");
        assert_int_equal(strlen(id), 16);
        assert_memory_equal(id, "session-", 8);
        assert_int_equal(strspn(id + 8, "abcdefghijklmnopqrstuvwxyz0123456789"), IDGEN_LEN);
    }
}

static void
an_id_may_fill_its_room_to_the_last_byte(void **state)
{
    char id[IDGEN_LEN + 2];

    (void)state;
    idgen(id, sizeof(id), "x");
    assert_int_equal(strlen(id), IDGEN_LEN + 1);
    idgen(id, sizeof(id), "");
    assert_int_equal(strlen(id), IDGEN_LEN);
}

static void
every_letter_and_digit_comes_up(void **state)
{
    bool is_seen[256] = {false};
    char id[ID_SIZE];
    int seen = 0;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        idgen(id, sizeof(id), "");
        for (const char *at = id; *at; at++)
            is_seen[(unsigned char)*at] = true;
    }
    for (int i = 0; i < 256; i++)
        seen += is_seen[i];
    assert_int_equal(seen, 36);
}

static void
a_thousand_ids_differ(void **state)
{
    static char ids[1000][IDGEN_LEN + 1];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        idgen(ids[i], sizeof(ids[i]), "");
        for (int j = 0; j < i; j++)
            assert_string_not_equal(ids[i], ids[j]);
    }
}

static void
random_bytes_fill_their_room_and_no_more(void **state)
{
    unsigned char bytes[1002] = {0};
    int zeros = 0;

    (void)state;
    idgen_bytes(bytes + 1, 1000);
    for (int i = 1; i <= 1000; i++)
        zeros += bytes[i] == 0;
    assert_in_range(zeros, 0, 100);
    assert_int_equal(bytes[0], 0);
    assert_int_equal(bytes[1001], 0);
    idgen_bytes(NULL, 0);
}

static void
an_id_is_1_to_64_letters_digits_dashes_underscores(void **state)
{
    char longest[ID_MAX + 1];

    (void)state;
    memset(longest, 'x', sizeof(longest));
    assert_true(id_is_valid(SPAN("a")));
    assert_true(id_is_valid(SPAN("-")));
    assert_true(id_is_valid(SPAN("session-AZaz09_")));
    assert_true(id_is_valid((struct span){longest, ID_MAX}));
    assert_false(id_is_valid((struct span){longest, ID_MAX + 1}));
    assert_false(id_is_valid(SPAN("")));
    assert_false(id_is_valid(SPAN_NONE));
}

static void
no_other_byte_may_be_in_an_id(void **state)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    char id[] = "a?b";

    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        bool is_allowed = memchr(allowed, byte, sizeof(allowed) - 1);

        id[1] = (char)byte;
        assert_int_equal(id_is_valid((struct span){id, 3}), is_allowed);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_made_id_is_its_prefix_and_eight_letters_or_digits),
        cmocka_unit_test(an_id_may_fill_its_room_to_the_last_byte),
        cmocka_unit_test(every_letter_and_digit_comes_up),
        cmocka_unit_test(a_thousand_ids_differ),
        cmocka_unit_test(random_bytes_fill_their_room_and_no_more),
        cmocka_unit_test(an_id_is_1_to_64_letters_digits_dashes_underscores),
        cmocka_unit_test(no_other_byte_may_be_in_an_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
