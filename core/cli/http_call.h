/* One HTTP request without a body to a server on this machine: just enough for administration. */
#ifndef HD1_HTTP_CALL_H
#define HD1_HTTP_CALL_H

#include "buf.h"

/*
 * address: "unix:PATH" or "ADDR:PORT". Returns the status and appends the answer's body; negative:
 * there was no answer, a line in why says why. Blocks, for a minute at most.
 */
int http_call(const char *method, const char *address, const char *path, struct buf *body,
              struct buf *why);

#endif
