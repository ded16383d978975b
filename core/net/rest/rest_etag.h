/*
 * Entity tags: `"EPOCH-VERSION"`, the epoch being the one in which that version was written.
 * Private to rest*.c.
 */
#ifndef HD1_NET_REST_REST_ETAG_H
#define HD1_NET_REST_REST_ETAG_H

#include "net/rest/rest_call.h"

/* Writes the tag, or "" if there is no version or its epoch is not known. */
void rest_etag(char out[REST_ETAG_SIZE], struct span epoch, int64_t version);
/* Reads If-Match into the call. False: the call ended in a 400. */
bool rest_if_match(struct rest_call *call);
/* Does If-None-Match name call->etag (or `*` anything)? Then a GET answers 304. */
bool rest_is_not_modified(const struct rest_call *call);
/* Is If-None-Match `*`: only if there is none yet? */
bool rest_is_create_only(const struct rest_call *call);

#endif
