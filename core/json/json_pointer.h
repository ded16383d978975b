/* JSON Pointer (RFC 6901): a way into a value. Leaf; any thread. */
#ifndef HD1_JSON_JSON_POINTER_H
#define HD1_JSON_JSON_POINTER_H

#include "span.h"
#include "json/json.h"

#include <stdbool.h>

/*
 * Begins a walk over the object or array that pointer names in a value that passed json_check(): ""
 * is the value itself, "/a/0" the first element of its member a. False: there is none, or it is no
 * pointer. What comes behind the container's first byte is not looked at yet.
 */
bool json_iter_at(struct json_iter *iter, struct span value, struct span pointer);

#endif
