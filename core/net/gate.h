/*
 * The gate in front of every handler: what HTTP allows but we do not, and what it does not allow.
 * Each answer that it makes is application/problem+json. Private to net/; pure.
 */
#ifndef HD1_NET_GATE_H
#define HD1_NET_GATE_H

#include "net/origin.h"
#include "net/request_state.h"

struct gate {
    const struct origins *origins;
    size_t body_bytes;
};

/*
 * Checks the head and fills in the request's method, path, query, content_length and flags. 0; or
 * HD1_EINVAL and refusal filled in: is_last then says that nothing more can be read from the
 * connection, because it is unclear where the next request begins or its body is not wanted.
 */
int gate_check(const struct gate *gate, struct request *request, struct refusal *refusal);
/* Of that, only the request line: method, path and query. */
int gate_check_line(struct request *request, struct refusal *refusal);

#endif
