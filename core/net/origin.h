/*
 * Who may talk to us through a browser. Any web page can make its visitor's browser send requests
 * to 127.0.0.1, by name (DNS rebinding) or across origins; so Host must be an address, `localhost`
 * or a name that the configuration lists, and Origin must be absent, the same as Host, or listed.
 * Private to net/, but for the check of the configuration; pure.
 */
#ifndef HD1_NET_ORIGIN_H
#define HD1_NET_ORIGIN_H

#include "buf.h"
#include "span.h"

#include <stdbool.h>
#include <stddef.h>

struct origins {
    struct origin *at;
    size_t count;
};

/* Takes a copy of "https://host[:port]" strings; HD1_EINVAL if one is none, and why says which. */
int origins_init(struct origins *origins, char *const *texts, size_t count, struct buf *why);
/* Legal on a zeroed struct and after a failed init. */
void origins_fini(struct origins *origins);

enum host_verdict { HOST_OK, HOST_MALFORMED, HOST_REFUSED };
/* host: the value of the Host header. */
enum host_verdict origins_check_host(const struct origins *origins, struct span host);
/* origin: the value of the Origin header; host has passed the check above. */
bool origins_allow(const struct origins *origins, struct span origin, struct span host);

#endif
