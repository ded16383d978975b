/* Accepting connections on the listening sockets. Private to net/. */
#ifndef HD1_NET_ACCEPT_H
#define HD1_NET_ACCEPT_H

struct net;

void accept_start(struct net *net);
void accept_stop(struct net *net);

#endif
