/* File descriptors: one per connection, and some for the database, the listeners, the loop. */
#include "server/server_state.h"

#include "log.h"

#include <sys/resource.h>

#define OWN_DESCRIPTORS 256

size_t
server_limits_raise(size_t connections)
{
    rlim_t want = (rlim_t)connections + OWN_DESCRIPTORS;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return connections;
    if (limit.rlim_cur < want) {
        limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= want)
        return connections;
    connections = limit.rlim_cur > 2 * OWN_DESCRIPTORS ? limit.rlim_cur - OWN_DESCRIPTORS
                                                       : limit.rlim_cur / 2;
    log_warn("server", "too few file descriptors: fewer connections are allowed",
             log_int("connections", (int64_t)connections),
             log_int("descriptors", (int64_t)limit.rlim_cur), log_int("wanted", (int64_t)want));
    return connections;
}
