/* Our own listening sockets: TCP over IPv4 and IPv6, unix. Private to net/. */
#ifndef HD1_NET_LISTENER_H
#define HD1_NET_LISTENER_H

#include "buf.h"

#include <sys/socket.h>
#include <uv.h>

struct net;

struct listener {
    struct net *net;
    bool is_admin; /* for administration: the last of all */
    uv_poll_t poll;
    int fd;
    struct sockaddr_storage address; /* really bound */
    char *url;
};

/*
 * Binds and listens on net->options.listen and admin; nothing is accepted yet. On failure why says
 * which address; close and free what was opened before all the same.
 */
int listeners_open(struct net *net, struct buf *why);
/* Closes the sockets and removes unix paths. May be called again. */
void listeners_close(struct net *net);
/* Frees the table, once all handles are closed. */
void listeners_free(struct net *net);

#endif
