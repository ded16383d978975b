/* The invariants of hub.h, asserted: 1 and 2 (order), 4 (nothing too early), 5 and 6 (bounds). The
 * third, which compares whole states, is in invariants_state.c. */
#include "hub/invariants.h"

#ifdef HD1_INVARIANTS

#include "hub/frame.h"
#include "json/json.h"

#include <assert.h>

#define SEQ_MAX INT64_C(9007199254740991)

/* --- 1: seq is dense, and visible only after commit --- */

/* What the next event of the session follows: pending or committed. */
static int64_t
newest_journaled(const struct session *session)
{
    if (session->open_part && session->open_part->last_event)
        return session->open_part->last_event->seq;
    if (session->flight_part && session->flight_part->last_event)
        return session->flight_part->last_event->seq;
    return session->committed;
}

void
invariants_at_journal(const struct event *event)
{
    const struct session *session = event->session;

    assert(event->seq == newest_journaled(session) + 1);
    assert(event->seq >= 1 && event->seq <= SEQ_MAX && event->seq <= session->seq);
}

void
invariants_at_append(const struct session *session, const struct batch_event *event,
                     struct span payload)
{
    struct span value;
    int64_t seq = 0;

    assert(!session->hub->in_flight); /* its batch is back */
    assert(session->flight_part && session->flight_part->status == 0);
    assert(event->seq == session->committed + 1 && session->ring.head_seq == session->committed);
    assert(json_member(payload, "seq", &value) && json_integer(value, &seq) && seq == event->seq);
}

/* --- 2: exactly the events up to the cursor, each once, in order --- */

void
invariants_at_begin(struct member *member)
{
    assert(member->cursor <= member->session->committed);
    member->told = member->cursor;
}

/* Are these bytes the frames after `told` up to `last`, no more and no less? */
static bool
is_run_of_frames(const struct ring *ring, int64_t told, struct span bytes, int64_t last)
{
    unsigned char header[FRAME_HEADER_MAX];
    struct span first = ring_payload(ring, told + 1);

    return bytes.at + frame_header(header, first.len) == first.at &&
           bytes.len == ring_bytes_after(ring, told) - ring_bytes_after(ring, last);
}

void
invariants_at_write(struct member *member, struct span bytes, int64_t last)
{
    const struct session *session = member->session;

    assert(member->told == member->cursor && last > member->told);
    assert(session->ring.head_seq == session->committed && last <= session->committed);
    assert(is_run_of_frames(&session->ring, member->told, bytes, last));
    member->told = last;
}

void
invariants_at_history(struct member *member, const struct store_event *events, size_t count)
{
    assert(member->told == member->cursor);
    for (size_t i = 0; i < count; i++)
        assert(events[i].seq == ++member->told);
    assert(member->told <= member->session->committed);
}

/* --- 4: nothing held leaves before its state is on disk --- */

void
invariants_at_release(const struct session *session, int64_t seq)
{
    assert(session->committed >= seq);
}

/* --- 5: what waits for a live client is bounded --- */

static void
check_waiting(struct client *client)
{
    bool is_live = false;

    for (const struct member *member = client->members; member; member = member->next_of_client)
        is_live = is_live || member->state == MEMBER_LIVE;
    assert(!is_live || client->is_closing || !client_is_behind(client));
}

void
invariants_at_commit(struct hub *hub)
{
    client_each(hub, check_waiting);
}

/* --- 6: what is not on disk yet is bounded --- */

static size_t
bytes_of(const struct batch *batch)
{
    size_t bytes = 0;

    for (const struct batch_part *part = batch ? batch->parts : NULL; part; part = part->next)
        for (const struct batch_event *event = part->events; event; event = event->next)
            bytes += event->body.len;
    for (const struct batch_kv *kv = batch ? batch->kvs : NULL; kv; kv = kv->next)
        bytes += kv->key.len + kv->value.len;
    return bytes;
}

void
invariants_at_acceptance(const struct hub *hub)
{
    assert(journal_pending_bytes(hub) <= hub->options.limits.pending_bytes);
    assert(hub->waiting_bytes <= hub->options.limits.pending_bytes);
}

static void
check_part(const struct batch_part *part)
{
    const struct session *session = part->owner;
    int64_t seq = session->committed;

    for (const struct batch_event *event = part->events; event; event = event->next)
        assert(event->seq == ++seq); /* 1 */
    assert(session->seq == seq);     /* 3: committed and pending, nothing else */
}

void
invariants_at_handover(const struct hub *hub, const struct batch *batch)
{
    for (const struct batch_part *part = batch->parts; part; part = part->next)
        check_part(part);
    assert(batch->bytes == bytes_of(batch)); /* 6: they are counted right */
    invariants_at_acceptance(hub);
}

#else

typedef int invariants_are_off; /* a translation unit holds something */

#endif
