/* suggest.c: what somebody meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "suggest.h"

static const char *
nearest(const char *word)
{
    static const char *const known[] = {"listen", "data", "durability", "limits", NULL};
    struct suggest suggest;

    suggest_init(&suggest, span_of(word));
    for (size_t i = 0; known[i]; i++)
        suggest_try(&suggest, known[i]);
    return suggest.best;
}

static void
a_slip_finds_its_word(void **state)
{
    (void)state;
    assert_string_equal(nearest("lsiten"), "listen");
    assert_string_equal(nearest("listn"), "listen");
    assert_string_equal(nearest("limit"), "limits");
    assert_string_equal(nearest("durabilityy"), "durability");
    assert_string_equal(nearest("date"), "data");
}

static void
another_word_finds_nothing(void **state)
{
    (void)state;
    assert_null(nearest("origins"));
    assert_null(nearest(""));
    assert_null(nearest("a word that is much longer than any that is known here"));
}

static void
of_two_as_near_it_is_the_first_in_the_alphabet(void **state)
{
    static const char *const known[] = {"bait", "bail", "bait"};
    struct suggest suggest;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        suggest_init(&suggest, SPAN("baix"));
        suggest_try(&suggest, known[i]);
        suggest_try(&suggest, known[i + 1]);
        assert_string_equal(suggest.best, "bail");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_finds_its_word),
        cmocka_unit_test(another_word_finds_nothing),
        cmocka_unit_test(of_two_as_near_it_is_the_first_in_the_alphabet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
