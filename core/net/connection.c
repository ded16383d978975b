/* The registry of connections, and what can be asked of a socket. */
#include "net/connection.h"

#include "buf.h"
#include "err.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

void
registry_fini(struct registry *registry)
{
    free(registry->at);
    intern_fini(&registry->addresses);
    *registry = (struct registry){0};
}

#define ADMIN_SPARE 8 /* connections beyond the limit, for administration */

int
registry_add(struct registry *registry, struct connection *connection, const char *address,
             bool is_limited)
{
    const char *from;

    if (registry->count >= registry->max + (connection->is_admin ? ADMIN_SPARE : 0))
        return HD1_EFULL;
    from = intern_take(&registry->addresses, address);
    if (is_limited && intern_holders(from) > registry->max_per_address) {
        intern_drop(&registry->addresses, from);
        return HD1_EFULL;
    }
    registry->at = mem_grow(registry->at, registry->count, &registry->cap, sizeof(*registry->at));
    connection->address = from;
    connection->slot = (uint32_t)registry->count;
    registry->at[registry->count++] = connection;
    return 0;
}

void
registry_replace(struct registry *registry, const struct connection *old, struct connection *new)
{
    new->address = old->address;
    new->slot = old->slot;
    registry->at[old->slot] = new;
}

void
registry_remove(struct registry *registry, struct connection *connection)
{
    struct connection *last = registry->at[--registry->count];

    registry->at[connection->slot] = last;
    last->slot = connection->slot;
    intern_drop(&registry->addresses, connection->address);
    connection->address = NULL;
}

uint64_t
socket_progress(int fd)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);
    int queued = 0;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
        return info.tcpi_bytes_acked;
    return ioctl(fd, SIOCOUTQ, &queued) == 0 ? (uint64_t)queued : 0;
}

bool
socket_is_at_end(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}
