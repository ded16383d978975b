/* Strict: each run of bytes has one text, and each text that is accepted is that of its bytes. */
#include "plugin/api/base64url.h"

#include "err.h"

#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t
base64url_encode(char *out, struct span bytes)
{
    const unsigned char *in = (const unsigned char *)bytes.at;
    size_t count = 0;
    uint32_t bits = 0;
    int held = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        bits = bits << 8 | in[i];
        for (held += 8; held >= 6; held -= 6)
            out[count++] = alphabet[bits >> (held - 6) & 63];
    }
    if (held)
        out[count++] = alphabet[bits << (6 - held) & 63];
    return count;
}

static int
value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

long
base64url_decode(char *out, struct span text)
{
    long count = 0;
    uint32_t bits = 0;
    int held = 0, value;

    for (size_t i = 0; i < text.len; i++) {
        value = value_of(text.at[i]);
        if (value < 0)
            return HD1_ESYNTAX;
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[count++] = (char)(bits >> held & 255);
        }
    }
    return text.len % 4 == 1 || (bits & ((1U << held) - 1)) ? HD1_ESYNTAX : count;
}
