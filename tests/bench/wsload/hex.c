/* See hex.h. */
#include "hex.h"

#include "fatal.h"

#include <ctype.h>
#include <stdio.h>

size_t
hex_read(const char *text, uint8_t *bytes, size_t max)
{
    size_t len = 0;

    while (*text) {
        unsigned value;

        if (isspace((unsigned char)*text)) {
            text++;
            continue;
        }
        if (sscanf(text, "%2x", &value) != 1 || len >= max || !text[1])
            die("bad hex string");
        bytes[len++] = (uint8_t)value;
        text += 2;
    }
    return len;
}
