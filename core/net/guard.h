/*
 * Who may be served: plugins are asked (before_connect), and the configuration (anonymous = false).
 * Private to net/.
 */
#ifndef HD1_NET_GUARD_H
#define HD1_NET_GUARD_H

#include "net/request_state.h"

struct net;

/* The plugins' part of it. web: NULL, or without before_connect: everybody may. */
int guard_ask(const struct web_hooks *web, struct request *request, const char *address,
              bool is_websocket, struct refusal *refusal);
/*
 * 0: request->identity says who it is, if a plugin knows. HD1_EINVAL: refusal is filled in, and
 * headers of the answer are set.
 */
int guard_check(struct net *net, struct request *request, const char *address, bool is_websocket,
                struct refusal *refusal);

#endif
