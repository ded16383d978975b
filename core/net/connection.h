/*
 * What every accepted socket has in common, whether it speaks HTTP (http.c) or WebSocket (ws.c):
 * its place in the registry, by which it is counted, limited and swept, and its peer's address.
 * Private to net/.
 */
#ifndef HD1_NET_CONNECTION_H
#define HD1_NET_CONNECTION_H

#include "intern.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct net;

enum connection_kind { CONNECTION_HTTP, CONNECTION_WS };

/* First member of struct http and struct ws, of which `kind` says which it is. */
struct connection {
    struct net *net;
    const char *address; /* as text; one of registry.addresses */
    int fd;
    uint32_t slot; /* in registry.at */
    enum connection_kind kind;
    bool is_admin; /* came by the listener for administration */
};

struct registry {
    struct connection **at; /* count of them, in no order */
    size_t count, cap;
    size_t next;             /* where the sweep goes on */
    struct intern addresses; /* each held by the connections from there */
    size_t max, max_per_address;
};

void registry_fini(struct registry *registry);
/*
 * Counts a connection from that address in and sets its slot and address. HD1_EFULL if there are
 * too many, in all or (if is_limited) from there. A server that is full can be administered.
 */
int registry_add(struct registry *registry, struct connection *connection, const char *address,
                 bool is_limited);
/* The socket goes on as another connection: the same slot, the same address. */
void registry_replace(struct registry *registry, const struct connection *old,
                      struct connection *new);
/* Counts it out; moves another into its slot. */
void registry_remove(struct registry *registry, struct connection *connection);

/*
 * A figure that changes whenever the peer takes bytes from us: bytes acknowledged (TCP), or what is
 * left in the queue (unix). For telling a slow peer from one that stands still.
 */
uint64_t socket_progress(int fd);
/* The peer has sent all it will ever send, and nothing of it is left unread. */
bool socket_is_at_end(int fd);

#endif
