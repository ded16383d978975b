/*
 * The other side of a plugin's endpoint under /ws/x/, whatever carries its bytes (ws_socket.c, or a
 * test): the plugin speaks with it, and the hub knows it only as somebody to be charged. Private to
 * net/ and testing/. Hub thread.
 */
#ifndef HD1_NET_SOCKET_PEER_H
#define HD1_NET_SOCKET_PEER_H

#include "hub/hub.h"
#include "hub/web.h"
#include "net/request.h"

struct socket_peer {
    struct hub *hub; /* these four: set by the owner, borrowed */
    const struct web_hooks *web;
    const struct web_port *port;
    void *conn; /* the port's */
    struct client *client;
    void *served; /* the plugin's; NULL: it does not want it */
};

/* The handshake was answered: the plugin is told. 0, or the code to close with. */
int socket_peer_open(struct socket_peer *peer, struct request *request, const char *address);
/* A whole message came: before_message is asked, then the plugin gets it. May close. */
void socket_peer_receive(struct socket_peer *peer, struct span bytes, bool is_binary);
/* The connection ended: nothing of it is left with hub and plugin. */
void socket_peer_end(struct socket_peer *peer, int code);

#endif
