/* Bytes that grow: what is left of a read, or waits to be sent. Starts zeroed. */
#ifndef HD1_BENCH_WSLOAD_BYTES_H
#define HD1_BENCH_WSLOAD_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
    uint8_t *at;
    size_t len, cap;
};

void bytes_fini(struct bytes *bytes);
void bytes_append(struct bytes *bytes, const void *from, size_t len);

#endif
