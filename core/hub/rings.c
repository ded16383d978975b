/*
 * The rings of all sessions: what they hold for resumers is bounded in all. Beyond that, blocks go
 * whose session's ring was used longest ago, unless a live client still needs them.
 */
#include "hub/hub_state.h"

#include <assert.h>

void
rings_append(struct session *session, int64_t seq, struct span payload)
{
    struct hub *hub = session->hub;
    size_t before = session->ring.bytes;

    ring_append(&session->ring, seq, payload);
    hub->ring_bytes += session->ring.bytes - before;
    list_remove(&session->in_rings);
    list_append(&hub->ring_sessions, &session->in_rings);
}

/* The session's ring forgets all it holds and goes on after head_seq. */
void
rings_reset(struct session *session, int64_t head_seq)
{
    session->hub->ring_bytes -= session->ring.bytes;
    ring_reset(&session->ring, head_seq);
    session->offered = head_seq;
    list_remove(&session->in_rings);
}

static int64_t
needed_from(const struct session *session)
{
    int64_t least = session->ring.head_seq;

    for (size_t i = 0; i < session->member_count; i++) {
        const struct member *member = session->members[i];

        if (member->state == MEMBER_LIVE && member->cursor < least)
            least = member->cursor;
    }
    return least;
}

void
rings_trim(struct hub *hub)
{
    struct list *at = list_next(&hub->ring_sessions, &hub->ring_sessions);

    while (at && hub->ring_bytes > hub->options.limits.ring_bytes) {
        struct session *session = LIST_ELEMENT(at, struct session, in_rings);
        int64_t upto = needed_from(session);
        size_t freed;

        assert(session->ring.bytes > 0); /* who holds nothing is not looked at */
        while (hub->ring_bytes > hub->options.limits.ring_bytes &&
               (freed = ring_drop_block(&session->ring, upto)) > 0)
            hub->ring_bytes -= freed;
        at = list_next(&hub->ring_sessions, at);
        if (session->ring.bytes == 0)
            list_remove(&session->in_rings);
    }
}
