/* Frames: the three forms of a length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/frame.h"

#include <stdlib.h>

static void
the_header_says_the_length_in_the_shortest_form(void **state)
{
    static const struct {
        size_t len, header;
        unsigned char bytes[10];
    } cases[] = {
        {0, 2, {0x81, 0}},
        {125, 2, {0x81, 125}},
        {126, 4, {0x81, 126, 0, 126}},
        {0x1234, 4, {0x81, 126, 0x12, 0x34}},
        {65535, 4, {0x81, 126, 0xFF, 0xFF}},
        {65536, 10, {0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
        {0x12345678, 10, {0x81, 127, 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        unsigned char header[FRAME_HEADER_MAX];

        assert_int_equal(frame_header(header, cases[i].len), cases[i].header);
        assert_memory_equal(header, cases[i].bytes, cases[i].header);
    }
}

static void
the_payload_comes_out_as_it_went_in(void **state)
{
    static const size_t lengths[] = {0, 1, 125, 126, 65535, 65536, 100000};
    char *bytes = malloc(100000);

    (void)state;
    memset(bytes, 'x', 100000);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        struct buf out = BUF_INIT;
        struct span payload = {bytes, lengths[i]};

        buf_append_str(&out, "before");
        frame_append(&out, payload);
        assert_true(span_eq(frame_payload((struct span){out.data + 6, out.len - 6}), payload));
        buf_fini(&out);
    }
    free(bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_says_the_length_in_the_shortest_form),
        cmocka_unit_test(the_payload_comes_out_as_it_went_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
