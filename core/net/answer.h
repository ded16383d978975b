/* The bytes of an HTTP answer. Private to net/; pure but for the Date. */
#ifndef HD1_NET_ANSWER_H
#define HD1_NET_ANSWER_H

#include "net/request_state.h"

/* Appends status line, headers and body, as the request wants them. */
void answer_append(struct buf *out, const struct request *request, int status, struct span body);
/* The same for what is refused before there is a request; the connection closes after it. */
void answer_append_refusal(struct buf *out, const struct refusal *refusal);
/* Does a browser ask what it may send (CORS preflight)? */
bool answer_is_preflight(const struct request *request);
/* Sets the headers that answer it (204). */
void answer_preflight(struct request *request);

#endif
