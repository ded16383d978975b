/*
 * The head of an HTTP/1 request, read strictly (RFC 9112): request line and header fields as spans
 * into the caller's bytes. Private to net/; pure, allocates nothing.
 */
#ifndef HD1_NET_HEAD_H
#define HD1_NET_HEAD_H

#include "span.h"

#include <stdbool.h>
#include <stddef.h>

#define HEAD_FIELDS_MAX 64

struct head_field {
    struct span name; /* in lower case */
    struct span value;
};

struct head {
    struct span method;
    struct span target;
    int minor; /* of HTTP/1.x */
    size_t field_count;
    struct head_field fields[HEAD_FIELDS_MAX];
};

/*
 * Where does the head end? Its length with the empty line, 0 if it is not whole yet, or HD1_ESYNTAX
 * if it never can be: a line feed without carriage return, or a first line that is no HTTP/1
 * request line. *scanned remembers how far bytes were looked at; 0 at first.
 */
long head_length(const char *bytes, size_t len, size_t *scanned);

/*
 * Takes a whole head apart. Turns field names into lower case in place. 0; HD1_ESYNTAX;
 * HD1_EVERSION for another HTTP than 1.x; HD1_ETOOBIG for more than HEAD_FIELDS_MAX fields.
 */
int head_parse(struct head *head, char *bytes, size_t len);

/* The first field of that name (lower case); SPAN_NONE if there is none. */
struct span head_get(const struct head *head, const char *name);
size_t head_count(const struct head *head, const char *name);
/* Is the token (any case) in the comma-separated lists of the fields of that name? */
bool head_has_token(const struct head *head, const char *name, const char *token);

#endif
