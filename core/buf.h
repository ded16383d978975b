/*
 * A growable run of bytes. Leaf. Running out of memory aborts: sizes that a client chooses are
 * checked against a limit before they get here.
 */
#ifndef HD1_BUF_H
#define HD1_BUF_H

#include "span.h"

#include <stdint.h>

struct buf {
    char *data; /* len bytes in use; not NUL-terminated unless buf_cstr() was called */
    size_t len;
    size_t cap;
};

#define BUF_INIT ((struct buf){NULL, 0, 0})

void buf_init(struct buf *buf);
/* Frees the bytes; the buffer is empty and usable afterwards. Legal on a zeroed struct. */
void buf_fini(struct buf *buf);
/* Empties it and keeps the memory. */
void buf_clear(struct buf *buf);
/* Makes room for extra more bytes and returns where they go; len is unchanged. */
char *buf_reserve(struct buf *buf, size_t extra);
void buf_append(struct buf *buf, const void *bytes, size_t len);
void buf_append_span(struct buf *buf, struct span span);
void buf_append_str(struct buf *buf, const char *text);
void buf_append_char(struct buf *buf, char c);
void buf_append_int(struct buf *buf, int64_t number);
void buf_appendf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Drops the first n bytes (n <= len). */
void buf_consume(struct buf *buf, size_t n);
/* Lends the bytes until the next change. */
struct span buf_span(const struct buf *buf);
/* Lends them with a NUL behind, which len does not count. */
const char *buf_cstr(struct buf *buf);

/* malloc and realloc that abort when there is no memory; for our own structs only. */
void *mem_alloc(size_t size);
void *mem_zalloc(size_t size);
void *mem_realloc(void *old, size_t size);
/*
 * Room for one more in an array of count elements of that size and room for *cap: the array, moved
 * if it was full, and then half as large again, for of an array that holds all clients the slack is
 * a part of what each costs. NULL and 0: none yet.
 */
void *mem_grow(void *array, size_t count, size_t *cap, size_t size);
char *mem_strndup(const char *text, size_t len);

#endif
