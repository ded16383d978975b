/* Lists by pages: ?limit= and ?cursor=, {"items":[...],"next":cursor}. Private to rest*.c. */
#ifndef HD1_NET_REST_REST_PAGE_H
#define HD1_NET_REST_REST_PAGE_H

#include "net/rest/rest_call.h"

#define REST_PAGE_DEFAULT 100
#define REST_PAGE_MAX 1000
#define REST_PAGE_BYTES (1024 * 1024) /* a page ends early once it is so long */

/* A query parameter that is a number. False: the call ended in a 400. */
bool rest_query_int(struct rest_call *call, const char *name, int64_t fallback, int64_t min,
                    int64_t max, int64_t *number);
/* ?limit=. False: the call ended in a 400. */
bool rest_query_limit(struct rest_call *call, size_t *limit);
/* ?cursor=, the last id of the page before; SPAN_NONE if absent. Lent by the request. False: the
 * call ended in a 400. */
bool rest_query_cursor(struct rest_call *call, struct span *cursor);

/* {"items":[ */
void rest_page_begin(struct buf *out);
/* A comma, unless this is the first item. */
void rest_page_item(struct buf *out);
/* ],"next":null} or the cursor as a string. */
void rest_page_end(struct buf *out, struct span next);
/* Is the page long enough? */
bool rest_page_is_full(const struct buf *out);

#endif
