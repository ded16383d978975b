/* Random ids, and what an id may look like. */
#include "idgen.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* 252 = 7 * 36: bytes from there on would favour some letters, so they are thrown away. */
#define FAIR_BYTES 252

void
idgen(char *out, size_t size, const char *prefix)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    unsigned char bytes[2 * IDGEN_LEN];
    size_t len = strlen(prefix), at = sizeof(bytes), end = len + IDGEN_LEN;

    assert(size > end);
    memcpy(out, prefix, len);
    while (len < end) {
        if (at == sizeof(bytes)) {
            idgen_bytes(bytes, sizeof(bytes));
            at = 0;
        }
        if (bytes[at] < FAIR_BYTES)
            out[len++] = letters[bytes[at] % 36];
        at++;
    }
    out[end] = '\0';
}

static bool
is_id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

bool
id_is_valid(struct span id)
{
    if (id.len == 0 || id.len > ID_MAX)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (!is_id_char(id.at[i]))
            return false;
    return true;
}

void
idgen_bytes(void *out, size_t size)
{
    char *at = out;

    while (size > 0) {
        ssize_t got = getrandom(at, size, 0);

        if (got < 0 && errno != EINTR) {
            fputs("no random bytes from the system\n", stderr);
            abort();
        }
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        }
    }
}
