/* A growable run of bytes, and the allocations that abort instead of failing. */
#include "buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BUF_CAP_MIN 64
#define GROW_MIN 4 /* elements */

static _Noreturn void
die_of_memory(void)
{
    fputs("out of memory\n", stderr);
    abort();
}

void
buf_init(struct buf *buf)
{
    *buf = BUF_INIT;
}

void
buf_fini(struct buf *buf)
{
    free(buf->data);
    *buf = BUF_INIT;
}

void
buf_clear(struct buf *buf)
{
    buf->len = 0;
}

char *
buf_reserve(struct buf *buf, size_t extra)
{
    size_t needed = buf->len + extra;
    size_t cap = buf->cap * 2;

    if (needed < extra)
        die_of_memory();
    if (needed > buf->cap || !buf->data) {
        if (cap < needed)
            cap = needed;
        if (cap < BUF_CAP_MIN)
            cap = BUF_CAP_MIN;
        buf->data = mem_realloc(buf->data, cap);
        buf->cap = cap;
    }
    return buf->data + buf->len;
}

void
buf_append(struct buf *buf, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    memcpy(buf_reserve(buf, len), bytes, len);
    buf->len += len;
}

void
buf_append_span(struct buf *buf, struct span span)
{
    buf_append(buf, span.at, span.len);
}

void
buf_append_str(struct buf *buf, const char *text)
{
    buf_append(buf, text, strlen(text));
}

void
buf_append_char(struct buf *buf, char c)
{
    *buf_reserve(buf, 1) = c;
    buf->len++;
}

void
buf_append_int(struct buf *buf, int64_t number)
{
    char digits[20];
    char *at = digits + sizeof(digits);
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        *--at = '-';
    buf_append(buf, at, (size_t)(digits + sizeof(digits) - at));
}

void
buf_appendf(struct buf *buf, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(len >= 0);
    buf_reserve(buf, (size_t)len + 1);
    va_start(args, format);
    vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
    va_end(args);
    buf->len += (size_t)len;
}

void
buf_consume(struct buf *buf, size_t n)
{
    assert(n <= buf->len);
    buf->len -= n;
    if (n > 0 && buf->len > 0)
        memmove(buf->data, buf->data + n, buf->len);
}

struct span
buf_span(const struct buf *buf)
{
    return (struct span){buf->data ? buf->data : "", buf->len};
}

const char *
buf_cstr(struct buf *buf)
{
    *buf_reserve(buf, 1) = '\0';
    return buf->data;
}

void *
mem_alloc(size_t size)
{
    return mem_realloc(NULL, size);
}

void *
mem_zalloc(size_t size)
{
    void *memory = calloc(1, size ? size : 1);

    if (!memory)
        die_of_memory();
    return memory;
}

void *
mem_realloc(void *old, size_t size)
{
    void *memory = realloc(old, size ? size : 1);

    if (!memory)
        die_of_memory();
    return memory;
}

void *
mem_grow(void *array, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return array;
    *cap += *cap / 2 + GROW_MIN;
    return mem_realloc(array, *cap * size);
}

char *
mem_strndup(const char *text, size_t len)
{
    char *copy = mem_alloc(len + 1);

    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}
