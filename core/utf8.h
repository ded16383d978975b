/* UTF-8, byte by byte (RFC 3629). Leaf; any thread. */
#ifndef HD1_UTF8_H
#define HD1_UTF8_H

#include "span.h"

#include <stddef.h>

/*
 * How many bytes (1 to 4) the character at `at` has; 0 if no valid one begins there: overlong
 * forms, surrogates, above U+10FFFF, cut off by end. at < end.
 */
size_t utf8_len(const char *at, const char *end);
/* Is all of it well-formed? */
bool utf8_is_valid(struct span text);

#endif
