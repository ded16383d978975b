/* The well-formed byte sequences of UTF-8: a table's worth of ranges for the first two bytes. */
#include "utf8.h"

#include <stdbool.h>

static bool
is_continuation(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* Some first bytes narrow the second: no overlong form, no surrogate, nothing above U+10FFFF. */
static bool
is_second(unsigned char first, unsigned char second)
{
    switch (first) {
    case 0xE0:
        return second >= 0xA0 && second <= 0xBF;
    case 0xED:
        return second >= 0x80 && second <= 0x9F;
    case 0xF0:
        return second >= 0x90 && second <= 0xBF;
    case 0xF4:
        return second >= 0x80 && second <= 0x8F;
    default:
        return is_continuation(second);
    }
}

static size_t
len_by_first(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4)
        return 0;
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

size_t
utf8_len(const char *at, const char *end)
{
    const unsigned char *byte = (const unsigned char *)at;
    size_t len = len_by_first(byte[0]);

    if (len > (size_t)(end - at))
        return 0;
    if (len > 1 && !is_second(byte[0], byte[1]))
        return 0;
    for (size_t i = 2; i < len; i++)
        if (!is_continuation(byte[i]))
            return 0;
    return len;
}

bool
utf8_is_valid(struct span text)
{
    const char *at = text.at, *end = at + text.len;

    while (at < end) {
        size_t len = utf8_len(at, end);

        if (len == 0)
            return false;
        at += len;
    }
    return true;
}
