/* A span: bytes somebody else owns. Leaf; used everywhere, by value. */
#ifndef HD1_SPAN_H
#define HD1_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Borrowed bytes, not NUL-terminated. {NULL, 0} means "none"; {"", 0} means "empty". */
struct span {
    const char *at;
    size_t len;
};

#define SPAN_NONE ((struct span){NULL, 0})
/* The span of a string literal. */
#define SPAN(literal) ((struct span){(literal), sizeof(literal) - 1})

/* The span of a NUL-terminated string; lends its bytes. NULL gives SPAN_NONE. */
static inline struct span
span_of(const char *text)
{
    return (struct span){text, text ? strlen(text) : 0};
}

static inline bool
span_eq(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* Is it exactly this NUL-terminated text? */
static inline bool
span_is(struct span a, const char *text)
{
    return span_eq(a, span_of(text));
}

/* Orders like memcmp, the shorter first among equals. */
static inline int
span_cmp(struct span a, struct span b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.at, b.at, n) : 0;

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

#endif
