/* What the routes of one object share. Private to rest_objects.c and rest_replace.c. */
#ifndef HD1_NET_REST_REST_OBJECT_H
#define HD1_NET_REST_REST_OBJECT_H

#include "net/rest/rest_call.h"

/* False: the body has another name than the path, and the call ended in a 422. */
bool rest_object_name_fits(struct rest_call *call);
/* Appends {"type":TYPE,"data":{"object":{"name":NAME: the rest is the caller's. */
void rest_object_open_envelope(struct buf *text, const char *type, struct span name);
/* 201 with the object, Location and ETag. */
void rest_object_created(struct rest_call *call, const struct outcome *outcome);

#endif
