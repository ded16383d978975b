/*
 * The heartbeat: each connection is looked at about once a second, a tenth of them at a time, so
 * that ten thousand of them do not make one long pause. Private to net/.
 */
#ifndef HD1_NET_HEARTBEAT_H
#define HD1_NET_HEARTBEAT_H

struct net;

void heartbeat_init(struct net *net);
/* There is a connection now: runs until there is none left. */
void heartbeat_start(struct net *net);

#endif
