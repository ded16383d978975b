/* See bytes.h. */
#include "bytes.h"

#include "fatal.h"

#include <stdlib.h>
#include <string.h>

void
bytes_fini(struct bytes *bytes)
{
    free(bytes->at);
}

void
bytes_append(struct bytes *bytes, const void *from, size_t len)
{
    if (bytes->len + len > bytes->cap) {
        bytes->cap = (bytes->len + len) * 2;
        bytes->at = must_realloc(bytes->at, bytes->cap);
    }
    memcpy(bytes->at + bytes->len, from, len);
    bytes->len += len;
}
