/* Percent-encoding of request targets (RFC 3986). Private to net/; pure. */
#ifndef HD1_NET_URI_H
#define HD1_NET_URI_H

#include "arena.h"
#include "span.h"

/* Is each % followed by two hexadecimal digits that do not make a NUL? */
bool uri_is_valid(struct span text);
/* Is a / written as %2F in this valid path? */
bool uri_hides_slash(struct span path);
/* Splits /path?query; query is SPAN_NONE if there is none. */
void uri_split(struct span target, struct span *path, struct span *query);
/* Decodes a valid text into the arena; in a query a + is a space. */
struct span uri_decode(struct arena *arena, struct span text, bool is_query);
/* The next name=value of a valid query, both decoded into the arena; *pos is 0 at first. */
bool uri_query_next(struct arena *arena, struct span query, size_t *pos, struct span *name,
                    struct span *value);
/* Finds name=value in a valid query and decodes the value into the arena; else leaves *value as it
 * is. */
bool uri_query_get(struct arena *arena, struct span query, const char *name, struct span *value);

#endif
