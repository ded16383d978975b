/* Request bodies: the check before anything else looks at one. Private to rest*.c. */
#ifndef HD1_NET_REST_REST_BODY_H
#define HD1_NET_REST_REST_BODY_H

#include "net/rest/rest_call.h"

/*
 * Checks Content-Type (if given) and that the body is a JSON object: then call->value is it. False:
 * the call ended in a 400 or 415.
 */
bool rest_body_object(struct rest_call *call);
/* The same, and an empty body counts as {}. */
bool rest_body_object_or_none(struct rest_call *call);
/* The same for an event or an array of events: call->is_array and call->count are set. */
bool rest_body_events(struct rest_call *call);

/* Appends ,"key":value for each member whose key is not one of skip (NULL-terminated). */
void rest_append_members(struct buf *out, struct span object, const char *const *skip);

#endif
