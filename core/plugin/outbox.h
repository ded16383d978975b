/*
 * What a plugin's calls send to its own sockets, and the closing of these. It is kept while the
 * call runs, and dropped with the call if that fails, or with the event that a before_event hook
 * was called for; and it waits until what the call read, wrote and emitted is on disk (invariant
 * 4). A call that did none of it does not wait. Each socket gets what is sent in the order in which
 * it was sent: what waits holds up what is behind it. Hub thread.
 */
#ifndef HD1_PLUGIN_OUTBOX_H
#define HD1_PLUGIN_OUTBOX_H

#include "span.h"

#include <stdbool.h>
#include <stddef.h>

struct outgoing;
struct plugin;
struct plugin_socket;

/* Of one socket; embedded in it, all zero at first. */
struct outbox {
    struct outgoing *first, *last;
    size_t bytes;  /* of all in it */
    size_t closes; /* how many of them close it */
};

/* During a call of the socket's plugin, whose effect it is. 0; HD1_ECLOSED; HD1_EBUSY: too much
 * waits already; HD1_EFULL: the other side has too much already, so that it will be closed. */
int outbox_send(struct plugin_socket *socket, struct span bytes, bool is_binary);
/* The same; reason is copied. Nothing, if it is closed already. */
void outbox_close(struct plugin_socket *socket, int code, struct span reason);
/* The call is over. Outside of Lua, in the same round. */
void outbox_settle(struct plugin *plugin, bool is_kept);

/* Closes it behind all that is in it, for the server's own reasons. */
void outbox_end(struct plugin_socket *socket, int code, const char *reason);
/* The connection is gone. */
void outbox_fini(struct plugin_socket *socket);

#endif
