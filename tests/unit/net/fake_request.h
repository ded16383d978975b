/* A request of REST as a struct, and the one client that makes them all. */
#ifndef HD1_TEST_FAKE_REQUEST_H
#define HD1_TEST_FAKE_REQUEST_H

#include <stdbool.h>

#include "net/request.h"

struct client {
    int unused;
};

/* On the heap; freed when it is answered. */
struct request {
    enum method method;
    char path[512];
    const char *query;
    const char *header, *value;
    const char *body;
    bool is_admin;
};

extern struct client caller;

#endif
