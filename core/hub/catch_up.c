/*
 * What a member is sent: pages of a snapshot, then history from the store or the ring, then, live,
 * what the ring gets.
 */
#include "hub/hub_state.h"

#include "err.h"
#include "hub/frame.h"
#include "hub/invariants.h"

#include <stdlib.h>

#define LIVE_WITHIN 128    /* events from the head */
#define HISTORY_EVENTS 200 /* one page from the store */
#define HISTORY_BYTES (64 * 1024)
#define PAGE0_CLIENTS 200
#define PAGE0_BYTES (SNAPSHOT_PAGE_BYTES - 512) /* of its data */

static void
append_clients(struct buf *out, const struct session *session)
{
    size_t pos = 0, count = 0;
    struct client *client;

    buf_append_char(out, '[');
    while (count < PAGE0_CLIENTS && (client = session_next_client(session, &pos))) {
        size_t len = out->len;

        if (count++ > 0)
            buf_append_char(out, ',');
        session_append_client(out, session, client);
        if (out->len > PAGE0_BYTES) { /* clients_total tells that there are more */
            out->len = len;
            break;
        }
    }
    buf_append_char(out, ']');
}

static void
append_page0(struct buf *out, const struct member *member)
{
    const struct session *session = member->session;
    const struct arrival *arrival = member->arrival;
    const struct snapshot *snapshot = arrival->snapshot;

    buf_appendf(out, "{\"session_id\":\"%s\",\"epoch\":\"%s\",\"seq\":%lld,\"to\":%lld",
                session->id, session->epoch, (long long)snapshot_seq(snapshot),
                (long long)session->committed);
    buf_appendf(out, ",\"page\":0,\"last\":%s",
                snapshot_page_count(snapshot) == 0 ? "true" : "false");
    if (arrival->reason)
        buf_appendf(out, ",\"reason\":\"%s\"", arrival->reason);
    buf_append_str(out, ",\"world\":");
    buf_append_span(out, snapshot_world(snapshot));
    if (session->camera.len) {
        buf_append_str(out, ",\"camera\":");
        buf_append_span(out, buf_span(&session->camera));
    }
    buf_append_str(out, ",\"objects\":[],\"clients\":");
    append_clients(out, session);
    buf_appendf(out, ",\"clients_total\":%zu}", session_client_count(session));
}

static void
send_page0(struct member *member)
{
    struct buf data = BUF_INIT;

    member_answered(member);
    append_page0(&data, member);
    client_send(member->client, "session_snapshot", buf_span(&data));
    buf_fini(&data);
    client_flush(member->client);
}

/* One page; after the last the events since the snapshot follow. */
static void
pump_snapshot(struct member *member)
{
    struct arrival *arrival = member->arrival;
    struct snapshot *snapshot = arrival->snapshot;

    invariants_at_release(member->session, snapshot_seq(snapshot));
    if (arrival->page == 0)
        send_page0(member);
    else
        client_write(member->client, snapshot_page(snapshot, arrival->page), 1);
    if (arrival->page++ == snapshot_page_count(snapshot)) {
        member->cursor = snapshot_seq(snapshot);
        invariants_at_begin(member);
        member->state = MEMBER_CATCHING_UP;
        arrival->snapshot = NULL;
        snapshot_unref(snapshot);
    }
}

static void
send_history(struct member *member, const struct store_event *events, size_t count)
{
    struct buf frames = BUF_INIT, json = BUF_INIT;

    for (size_t i = 0; i < count; i++) {
        struct event_facts facts = {events[i].type, events[i].body,      events[i].time_ms,
                                    events[i].seq,  events[i].client_id, events[i].client_msg_id};

        buf_clear(&json);
        event_encode(&json, &facts);
        frame_append(&frames, buf_span(&json));
    }
    invariants_at_history(member, events, count);
    member->cursor = events[count - 1].seq;
    client_send_frame(member->client, buf_span(&frames));
    buf_fini(&frames);
    buf_fini(&json);
}

/* Invariant 2: it goes on where the member stands. Otherwise the log was pruned meanwhile. */
static bool
is_next_page(const struct member *member, const struct store_event *events, size_t count)
{
    struct session *session = member->session;

    if (count > 0 && events[0].seq == member->cursor + 1)
        return true;
    session->oldest_seq = count > 0 ? events[0].seq : session->committed + 1;
    return false;
}

/* The first page of a resume: only now it is known whether the log still reaches back so far. */
static void
begin_from(const struct join *join, struct member *member, int status,
           const struct store_event *events, size_t count)
{
    member->arrival->is_reading_history = false;
    if (status != 0) {
        join_refuse(join, member, status);
    } else if (!is_next_page(member, events, count)) {
        member_expire(member, join->id);
    } else {
        member->session->hub->stats.resumed_store++;
        member_answer(member);
        send_history(member, events, count);
    }
}

static void
on_history(void *ctx, int status, const struct store_event *events, size_t count)
{
    struct join *request = ctx;
    struct member *member = join_member(request);
    struct watch_step step = watch_begin(&request->session->hub->watch);

    request->session->hub->reads--;
    if (member && member->state == MEMBER_JOINING) {
        begin_from(request, member, status, events, count);
    } else if (member) {
        member->arrival->is_reading_history = false;
        if (status != 0 || !is_next_page(member, events, count))
            client_close(member->client, 1013, "history is not available; join again");
        else
            send_history(member, events, count);
    }
    session_watched(request->session, &step, WATCH_PAGE);
    join_free(request);
}

static void
read_history(struct member *member, int64_t id)
{
    struct session *session = member->session;

    member->arrival->is_reading_history = true;
    session->hub->reads++;
    store_history(session->hub->options.store, session->key, member->cursor, session->committed,
                  HISTORY_EVENTS, HISTORY_BYTES, on_history, join_new(member, id));
}

/* A resume that the ring does not reach; the join's id is for a refusal. */
void
catch_up_begin(struct member *member, int64_t id)
{
    read_history(member, id);
}

bool
member_is_at_head(const struct member *member)
{
    return member->cursor >= member->session->ring.head_seq;
}

/* One write from the ring. Invariant 2: the cursor moves over exactly what is written; if that
 * fails, the client is dead. */
static void
pump_ring(struct member *member)
{
    struct ring *ring = &member->session->ring;
    struct span bytes;
    int64_t last;

    if (ring_next(ring, member->cursor, FLUSH_BYTES, &bytes, &last)) {
        invariants_at_write(member, bytes, last);
        gather_write(member->client, bytes, (size_t)(last - member->cursor));
        member->session->hub->stats.deliveries += last - member->cursor;
        member->cursor = last;
    }
    if (member->state == MEMBER_CATCHING_UP && ring->head_seq - member->cursor <= LIVE_WITHIN)
        member->state = MEMBER_LIVE;
}

/* Is there something the member can be sent now? */
static bool
has_more(const struct member *member)
{
    switch ((enum member_state)member->state) {
    case MEMBER_SNAPSHOT:
        return true;
    case MEMBER_CATCHING_UP:
        return !member->arrival->is_reading_history;
    case MEMBER_LIVE:
        return !member_is_at_head(member);
    case MEMBER_JOINING:
        break;
    }
    return false;
}

/* Writes as much as the socket takes. */
void
member_pump(struct member *member)
{
    while (has_more(member) && client_can_write(member->client))
        if (client_has_frames(member->client))
            client_flush(member->client);
        else if (member->state == MEMBER_SNAPSHOT)
            pump_snapshot(member);
        else if (ring_reaches(&member->session->ring, member->cursor))
            pump_ring(member);
        else
            read_history(member, 0);
    if (member->state == MEMBER_LIVE)
        volatile_catch_up(member);
}
