/*
 * The sessions with somebody in them, as an array of their own: who goes through them many times a
 * second (ticks) does not pay for those at rest.
 */
#include "hub/hub_state.h"

#include <assert.h>

void
joined_add(struct session *session)
{
    struct hub *hub = session->hub;

    assert(session->joined_place == 0);
    hub->joined = mem_grow(hub->joined, hub->joined_count, &hub->joined_cap, sizeof(*hub->joined));
    hub->joined[hub->joined_count++] = session;
    session->joined_place = hub->joined_count;
    session->joined_number = ++hub->joined_total;
}

void
joined_remove(struct session *session)
{
    struct hub *hub = session->hub;
    struct session *last = hub->joined[--hub->joined_count];

    assert(session->joined_place > 0);
    hub->joined[session->joined_place - 1] = last;
    last->joined_place = session->joined_place;
    session->joined_place = 0;
    session->joined_number = 0;
}

struct session *
session_next_joined(const struct hub *hub, size_t *pos)
{
    while (*pos < hub->joined_count) {
        struct session *session = hub->joined[(*pos)++];

        if (session->state == SESSION_READY)
            return session;
    }
    return NULL;
}

size_t
session_joined_count(const struct hub *hub)
{
    return hub->joined_count;
}

uint64_t
session_joined_number(const struct session *session)
{
    return session->joined_number;
}
