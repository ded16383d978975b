/* The growable run of bytes. */
#include "buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
assert_holds(const struct buf *buf, const char *text)
{
    assert_int_equal(buf->len, strlen(text));
    assert_memory_equal(buf->data, text, buf->len);
}

static void
what_is_appended_stands_behind_what_was_there(void **state)
{
    struct buf buf = BUF_INIT;

    (void)state;
    buf_append(&buf, "bytes|", 6);
    buf_append_span(&buf, SPAN("span|"));
    buf_append_str(&buf, "text|");
    buf_append_char(&buf, 'c');
    buf_appendf(&buf, "|%s=%d", "number", 7);
    assert_holds(&buf, "bytes|span|text|c|number=7");
    buf_fini(&buf);
}

static void
growing_keeps_every_byte(void **state)
{
    struct buf buf = BUF_INIT;

    (void)state;
    for (int i = 0; i < 100000; i++)
        buf_append_char(&buf, (char)(i % 251));
    assert_int_equal(buf.len, 100000);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(buf.data[i], (char)(i % 251));
    buf_fini(&buf);
}

static void
nothing_may_be_appended_from_nowhere(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf);
    buf_append(&buf, NULL, 0);
    buf_append_span(&buf, SPAN_NONE);
    assert_int_equal(buf.len, 0);
    buf_fini(&buf);
}

static void
integers_of_any_size_are_written(void **state)
{
    struct buf buf = BUF_INIT;
    static const int64_t numbers[] = {0, 7, -7, 10, 1234567890123, INT64_MAX, INT64_MIN};

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        buf_append_int(&buf, numbers[i]);
        buf_append_char(&buf, ' ');
    }
    assert_holds(&buf, "0 7 -7 10 1234567890123 9223372036854775807 -9223372036854775808 ");
    buf_fini(&buf);
}

static void
a_formatted_text_may_be_longer_than_the_buffer(void **state)
{
    struct buf buf = BUF_INIT;

    (void)state;
    buf_append_str(&buf, "begin ");
    buf_appendf(&buf, "%01000d", 5);
    assert_int_equal(buf.len, 1006);
    assert_int_equal(buf.data[1005], '5');
    buf_fini(&buf);
}

static void
reserved_room_can_be_filled(void **state)
{
    struct buf buf = BUF_INIT;
    char *room;

    (void)state;
    buf_append_str(&buf, "ab");
    room = buf_reserve(&buf, 1000);
    assert_int_equal(buf.len, 2);
    assert_ptr_equal(room, buf.data + 2);
    memset(room, 'x', 1000);
    buf.len += 1000;
    assert_memory_equal(buf.data, "abxx", 4);
    buf_fini(&buf);
}

static void
consuming_moves_the_rest_to_the_front(void **state)
{
    struct buf buf = BUF_INIT;

    (void)state;
    buf_append_str(&buf, "first second");
    buf_consume(&buf, 6);
    assert_holds(&buf, "second");
    buf_consume(&buf, 0);
    assert_holds(&buf, "second");
    buf_consume(&buf, 6);
    assert_int_equal(buf.len, 0);
    buf_fini(&buf);
}

static void
clearing_keeps_the_memory(void **state)
{
    struct buf buf = BUF_INIT;
    char *data;

    (void)state;
    buf_append_str(&buf, "something");
    data = buf.data;
    buf_clear(&buf);
    assert_int_equal(buf.len, 0);
    buf_append_str(&buf, "else");
    assert_ptr_equal(buf.data, data);
    buf_fini(&buf);
}

static void
a_lent_string_ends_in_nul_that_does_not_count(void **state)
{
    struct buf buf = BUF_INIT;

    (void)state;
    assert_string_equal(buf_cstr(&buf), "");
    for (int i = 0; i < 200; i++) {
        buf_append_char(&buf, 'a');
        assert_int_equal(strlen(buf_cstr(&buf)), buf.len);
    }
    assert_int_equal(buf.len, 200);
    buf_fini(&buf);
}

static void
the_span_of_an_empty_buffer_is_empty_and_not_none(void **state)
{
    struct buf buf = BUF_INIT;

    (void)state;
    assert_non_null(buf_span(&buf).at);
    assert_int_equal(buf_span(&buf).len, 0);
}

static void
a_finished_buffer_is_empty_and_usable(void **state)
{
    struct buf buf = BUF_INIT;

    (void)state;
    buf_fini(&buf);
    buf_append_str(&buf, "a");
    buf_fini(&buf);
    assert_int_equal(buf.len, 0);
    buf_append_str(&buf, "b");
    assert_holds(&buf, "b");
    buf_fini(&buf);
}

static void
memory_of_ours_is_never_null(void **state)
{
    char *zeroed = mem_zalloc(100);
    char *copy = mem_strndup("some text", 4);
    char *empty = mem_strndup(NULL, 0);
    char *grown = mem_realloc(mem_alloc(0), 10);

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(zeroed[i], 0);
    assert_string_equal(copy, "some");
    assert_string_equal(empty, "");
    assert_non_null(grown);
    free(zeroed);
    free(copy);
    free(empty);
    free(grown);
}

static void
an_array_grows_when_it_is_full_and_keeps_what_is_in_it(void **state)
{
    int *numbers = NULL;
    size_t cap = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        numbers = mem_grow(numbers, (size_t)i, &cap, sizeof(*numbers));
        assert_true(cap > (size_t)i);
        numbers[i] = i;
    }
    assert_true(cap <= 1510); /* half of it, and a few */
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    free(numbers);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_appended_stands_behind_what_was_there),
        cmocka_unit_test(growing_keeps_every_byte),
        cmocka_unit_test(nothing_may_be_appended_from_nowhere),
        cmocka_unit_test(integers_of_any_size_are_written),
        cmocka_unit_test(a_formatted_text_may_be_longer_than_the_buffer),
        cmocka_unit_test(reserved_room_can_be_filled),
        cmocka_unit_test(consuming_moves_the_rest_to_the_front),
        cmocka_unit_test(clearing_keeps_the_memory),
        cmocka_unit_test(a_lent_string_ends_in_nul_that_does_not_count),
        cmocka_unit_test(the_span_of_an_empty_buffer_is_empty_and_not_none),
        cmocka_unit_test(a_finished_buffer_is_empty_and_usable),
        cmocka_unit_test(memory_of_ours_is_never_null),
        cmocka_unit_test(an_array_grows_when_it_is_full_and_keeps_what_is_in_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
