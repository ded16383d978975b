/*
 * WebSocket handshakes (RFC 6455, 4.2.1), checked before libwebsockets sees them: it would answer
 * none of what is refused here, or let it pass. Private to net/; pure.
 */
#ifndef HD1_NET_UPGRADE_H
#define HD1_NET_UPGRADE_H

#include "net/request_state.h"

#define UPGRADE_PROTOCOL "hd1.v1" /* the one subprotocol of /ws; optional */

/* Does the request ask for an upgrade, or for a path that only WebSocket has? */
bool upgrade_is_meant(const struct request *request);
/* 0: is_socket and subprotocol of the request are set; or HD1_EINVAL with refusal (and perhaps a
 * header of the answer) filled in. web knows the endpoints of plugins; NULL: there are none. */
int upgrade_check(struct request *request, const struct web_hooks *web, struct refusal *refusal);
/* {session_id} of /ws/{session_id}, or SPAN_NONE. */
struct span upgrade_session(const struct request *request);
/* Appends a plain handshake that means the same, and nothing of what else the client sent, to that
 * host; ws.c echoes the subprotocol. */
void upgrade_append_handshake(struct buf *out, const struct request *request, const char *host);

#endif
