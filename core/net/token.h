/* What a request brings to prove who it is. Private to net/; pure. */
#ifndef HD1_NET_TOKEN_H
#define HD1_NET_TOKEN_H

#include "net/request_state.h"

/*
 * The token of `Authorization: Bearer TOKEN`, else of a subprotocol `hd1.jwt.TOKEN` (what a browser
 * can send with a WebSocket), else of the query's `access_token` (what an EventSource can send).
 * SPAN_NONE if there is none. Lent by the request. Never to be logged.
 */
struct span token_find(struct request *request);

#endif
