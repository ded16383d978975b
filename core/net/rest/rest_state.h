/* What struct rest holds. Private to rest.c and rest_call.c. */
#ifndef HD1_NET_REST_REST_STATE_H
#define HD1_NET_REST_REST_STATE_H

#include "net/rest/rest.h"
#include "net/rest/rest_call.h"

struct rest {
    struct hub *hub;     /* borrowed */
    struct store *store; /* borrowed */
    struct rest_registry registry;
    struct rest_call *calls;      /* owned: all under way */
    struct rest_call *later;      /* of these: to be gone on with, in order */
    struct rest_call **later_end; /* where the next one is linked */
};

#endif
