/* Bytes that are written as hexadecimal digits; white space between them is passed over. */
#ifndef HD1_BENCH_WSLOAD_HEX_H
#define HD1_BENCH_WSLOAD_HEX_H

#include <stddef.h>
#include <stdint.h>

/* How many bytes the text made; dies if it is none of that, or of more bytes than max. */
size_t hex_read(const char *text, uint8_t *bytes, size_t max);

#endif
