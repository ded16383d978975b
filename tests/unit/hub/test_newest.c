/* The newest of each kind, by counter, within 1 MiB. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/newest.h"

#include <stdio.h>
#include <stdlib.h>

static void
put(struct newest *newest, const char *type, const char *sender, const char *frame)
{
    newest_put(newest, NEWEST_OWN, span_of(type), span_of(sender), SPAN_NONE, span_of(frame));
}

static void
put_shared(struct newest *newest, const char *type, const char *sender, const char *object,
           const char *frame)
{
    newest_put(newest, NEWEST_SHARED, span_of(type), span_of(sender), span_of(object),
               span_of(frame));
}

static void
put_presence(struct newest *newest, const char *sender, const char *frame)
{
    newest_put(newest, NEWEST_PRESENCE, SPAN("connected"), span_of(sender), SPAN_NONE,
               span_of(frame));
}

static void
expect(const struct newest *newest, uint64_t seen, uint64_t joined, const char *sender,
       const char *frames)
{
    struct buf out = BUF_INIT;

    newest_append(newest, seen, joined, span_of(sender), SIZE_MAX, &out);
    assert_string_equal(buf_cstr(&out), frames);
    buf_fini(&out);
}

static void
the_last_of_each_sender_is_kept_in_order(void **state)
{
    struct newest newest = {.counter = 0};

    (void)state;
    put(&newest, "point", "a", "1");
    put(&newest, "point", "b", "2");
    put(&newest, "wave", "a", "3");
    expect(&newest, 0, 0, "", "123");
    put(&newest, "point", "a", "4");
    expect(&newest, 0, 0, "", "234");
    expect(&newest, 2, 0, "", "34");
    expect(&newest, 4, 0, "", "");
    expect(&newest, 0, 0, "a", "2");
    newest_drop_sender(&newest, SPAN("a"));
    expect(&newest, 0, 0, "", "2");
    newest_fini(&newest);
    assert_int_equal(newest.bytes, 0);
}

static void
of_what_is_shared_the_last_is_kept_whoever_sent_it(void **state)
{
    struct newest newest = {.counter = 0};

    (void)state;
    put_shared(&newest, "move", "a", "x", "1");
    put_shared(&newest, "move", "a", "y", "2");
    put_shared(&newest, "move", "b", "x", "3");
    put_shared(&newest, "look", "a", NULL, "4");
    expect(&newest, 0, 0, "", "234");
    expect(&newest, 0, 0, "b", "24");
    newest_drop_sender(&newest, SPAN("a"));
    newest_drop_sender(&newest, SPAN("b"));
    expect(&newest, 0, 0, "", "234");
    assert_true(newest_has(&newest, SPAN("move"), SPAN("x")));
    newest_drop(&newest, SPAN("move"), SPAN("x"));
    assert_false(newest_has(&newest, SPAN("move"), SPAN("x")));
    newest_drop(&newest, SPAN("look"), SPAN_NONE);
    newest_drop(&newest, SPAN("look"), SPAN_NONE);
    expect(&newest, 0, 0, "", "2");
    newest_fini(&newest);
    assert_int_equal(newest.bytes, 0);
}

/* Parts that run into one another must not be taken for the same. */
static void
kinds_are_told_apart_whatever_their_names(void **state)
{
    struct newest newest = {.counter = 0};

    (void)state;
    put(&newest, "ab", "c", "1");
    put(&newest, "a", "bc", "2");
    put_shared(&newest, "a", "s", "bc", "3");
    put_shared(&newest, "ab", "s", "c", "4");
    expect(&newest, 0, 0, "", "1234");
    newest_drop(&newest, SPAN("a"), SPAN("bc"));
    expect(&newest, 0, 0, "", "124");
    newest_drop_sender(&newest, SPAN("bc"));
    expect(&newest, 0, 0, "", "14");
    newest_fini(&newest);
}

static void
a_long_sender_is_kept_whole(void **state)
{
    struct newest newest = {.counter = 0};
    char long_name[301], other[301];

    (void)state;
    memset(long_name, 'n', 300);
    memset(other, 'n', 300);
    long_name[300] = other[300] = '\0';
    other[299] = 'm';
    put(&newest, "point", long_name, "1");
    put(&newest, "point", other, "2");
    expect(&newest, 0, 0, "", "12");
    expect(&newest, 0, 0, long_name, "2");
    newest_fini(&newest);
}

static void
presence_is_not_for_those_who_came_later(void **state)
{
    struct newest newest = {.counter = 0};

    (void)state;
    put_presence(&newest, "a", "1");
    put_shared(&newest, "move", "a", "x", "2");
    put_presence(&newest, "b", "3");
    expect(&newest, 0, 0, "", "123");
    expect(&newest, 0, 1, "", "23");
    expect(&newest, 0, 3, "", "2");
    newest_drop_presence(&newest);
    expect(&newest, 0, 0, "", "2");
    assert_int_equal(newest.presence_count, 0);
    newest_fini(&newest);
}

static void
they_come_in_pieces_that_go_on_where_the_one_before_ended(void **state)
{
    struct newest newest = {.counter = 0};
    static const char *const pieces[] = {"1122", "33", "4444444", "66"};
    uint64_t seen = 0;

    (void)state;
    put(&newest, "point", "a", "11");
    put(&newest, "point", "b", "22");
    put(&newest, "point", "c", "33");
    put(&newest, "point", "d", "4444444"); /* longer than a piece */
    put(&newest, "point", "me", "55");
    put(&newest, "point", "e", "66");
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct buf out = BUF_INIT;

        seen = newest_append(&newest, seen, 0, SPAN("me"), 5, &out);
        assert_string_equal(buf_cstr(&out), pieces[i]);
        buf_fini(&out);
    }
    assert_int_equal(seen, newest.counter);
    newest_fini(&newest);
}

static void
the_oldest_go_when_it_is_too_much(void **state)
{
    struct newest newest = {.counter = 0};
    char *frame = malloc(10001), name[16];
    struct buf out = BUF_INIT;

    (void)state;
    memset(frame, 'x', 10000);
    frame[10000] = '\0';
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "o%d", i);
        put_shared(&newest, "move", "a", name, frame);
        assert_true(newest.bytes <= NEWEST_BYTES_MAX);
    }
    newest_append(&newest, 0, 0, SPAN(""), SIZE_MAX, &out);
    assert_in_range(out.len, 90 * 10000, NEWEST_BYTES_MAX);
    buf_clear(&out);
    newest_append(&newest, 299, 0, SPAN(""), SIZE_MAX, &out);
    assert_int_equal(out.len, 10000);
    buf_fini(&out);
    newest_fini(&newest);
    free(frame);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_of_each_sender_is_kept_in_order),
        cmocka_unit_test(of_what_is_shared_the_last_is_kept_whoever_sent_it),
        cmocka_unit_test(kinds_are_told_apart_whatever_their_names),
        cmocka_unit_test(a_long_sender_is_kept_whole),
        cmocka_unit_test(presence_is_not_for_those_who_came_later),
        cmocka_unit_test(they_come_in_pieces_that_go_on_where_the_one_before_ended),
        cmocka_unit_test(the_oldest_go_when_it_is_too_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
