/* The ring: what is appended once can be read from any seq, until its block is dropped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "buf.h"
#include "hub/frame.h"
#include "hub/ring.h"

#include <stdio.h>
#include <stdlib.h>

/* Event seq: its number, then filler up to len bytes. */
static struct span
payload(int64_t seq, size_t len, char *bytes)
{
    int written = snprintf(bytes, 32, "%lld ", (long long)seq);

    memset(bytes + written, 'x', len > (size_t)written ? len - (size_t)written : 0);
    return (struct span){bytes, len > (size_t)written ? len : (size_t)written};
}

static void
append(struct ring *ring, int64_t first, int64_t last, size_t len)
{
    char *bytes = malloc(len + 32);

    for (int64_t seq = first; seq <= last; seq++)
        ring_append(ring, seq, payload(seq, len, bytes));
    free(bytes);
}

/* Reads everything after that seq in writes of max_bytes; checks the numbers; returns how many
 * writes. */
static int
read_all(const struct ring *ring, int64_t after, size_t max_bytes)
{
    struct span bytes;
    int64_t last;
    int writes = 0;

    while (ring_next(ring, after, max_bytes, &bytes, &last)) {
        assert_true(last > after);
        assert_true(bytes.len <= max_bytes || last == after + 1);
        while (bytes.len > 0) {
            struct span frame = {bytes.at, FRAME_HEADER_MAX};
            size_t header = (size_t)(frame_payload(frame).at - bytes.at);
            size_t len = header == 2 ? (unsigned char)bytes.at[1]
                         : header == 4
                             ? (size_t)(unsigned char)bytes.at[2] << 8 | (unsigned char)bytes.at[3]
                             : (size_t)(unsigned char)bytes.at[7] << 16 |
                                   (size_t)(unsigned char)bytes.at[8] << 8 |
                                   (unsigned char)bytes.at[9];

            assert_int_equal(strtoll(bytes.at + header, NULL, 10), ++after);
            assert_true(span_eq(ring_payload(ring, after), (struct span){bytes.at + header, len}));
            bytes.at += header + len;
            bytes.len -= header + len;
        }
        assert_int_equal(after, last);
        writes++;
    }
    assert_int_equal(after, ring->head_seq);
    return writes;
}

static void
everything_can_be_read_from_any_seq(void **state)
{
    struct ring ring;

    (void)state;
    ring_init(&ring, 10);
    assert_true(ring_reaches(&ring, 10));
    assert_false(ring_reaches(&ring, 9));
    assert_false(ring_reaches(&ring, 11));
    append(&ring, 11, 1000, 100);
    for (int64_t after = 10; after <= 1000; after += 33) {
        assert_true(ring_reaches(&ring, after));
        read_all(&ring, after, 65536);
    }
    assert_int_equal(read_all(&ring, 990, 1), 10); /* one at a time */
    assert_int_equal(read_all(&ring, 1000, 65536), 0);
    assert_true(read_all(&ring, 10, 65536) < 10); /* a block at a time */
    assert_true(read_all(&ring, 10, 1000) > 90);
    ring_fini(&ring);
}

static void
a_large_frame_gets_a_block_of_its_own(void **state)
{
    struct ring ring;

    (void)state;
    ring_init(&ring, 0);
    append(&ring, 1, 5, 100);
    append(&ring, 6, 6, 100000);
    append(&ring, 7, 9, 100);
    read_all(&ring, 0, 65536);
    assert_true(ring.bytes > 100000);
    assert_true(ring.bytes < 100000 + 3 * RING_BLOCK_BYTES);
    ring_fini(&ring);
}

static void
bytes_after_counts_frames_with_their_headers(void **state)
{
    struct ring ring;

    (void)state;
    ring_init(&ring, 0);
    append(&ring, 1, 10, 100);
    append(&ring, 11, 20, 1000);
    assert_int_equal(ring_bytes_after(&ring, 20), 0);
    assert_int_equal(ring_bytes_after(&ring, 19), 1004);
    assert_int_equal(ring_bytes_after(&ring, 10), 10040);
    assert_int_equal(ring_bytes_after(&ring, 0), 10040 + 1020);
    ring_fini(&ring);
}

static void
blocks_are_dropped_whole_and_oldest_first(void **state)
{
    struct ring ring;
    int64_t first;
    size_t bytes, blocks, freed;

    (void)state;
    ring_init(&ring, 0);
    append(&ring, 1, 500, 100);
    bytes = ring.bytes;
    blocks = ring.blocks;
    assert_int_equal(ring_drop_block(&ring, 100), 0); /* its last is above 100 */
    assert_int_equal(ring.bytes, bytes);
    freed = ring_drop_block(&ring, 499);
    assert_true(freed >= RING_BLOCK_BYTES);
    assert_int_equal(ring.bytes, bytes - freed);
    assert_int_equal(ring.blocks, blocks - 1);
    first = ring.first_seq;
    assert_true(first > 100);
    assert_false(ring_reaches(&ring, first - 2));
    assert_true(ring_reaches(&ring, first - 1));
    read_all(&ring, first - 1, 65536);
    append(&ring, 501, 2000, 100); /* the index grows while its start is gone */
    read_all(&ring, first - 1, 65536);
    while (ring_drop_block(&ring, 2000) > 0) {
    }
    assert_int_equal(ring.blocks, 0);
    assert_int_equal(ring.bytes, 0);
    assert_true(ring_reaches(&ring, 2000));
    append(&ring, 2001, 2003, 100);
    assert_int_equal(read_all(&ring, 2000, 65536), 1);
    ring_fini(&ring);
}

static void
a_reset_ring_goes_on_elsewhere(void **state)
{
    struct ring ring;

    (void)state;
    ring_init(&ring, 0);
    append(&ring, 1, 300, 100);
    ring_reset(&ring, 350);
    assert_int_equal(ring.bytes, 0);
    assert_false(ring_reaches(&ring, 300));
    append(&ring, 351, 352, 100);
    read_all(&ring, 350, 65536);
    ring_fini(&ring);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_can_be_read_from_any_seq),
        cmocka_unit_test(a_large_frame_gets_a_block_of_its_own),
        cmocka_unit_test(bytes_after_counts_frames_with_their_headers),
        cmocka_unit_test(blocks_are_dropped_whole_and_oldest_first),
        cmocka_unit_test(a_reset_ring_goes_on_elsewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
