/*
 * The rounds of volatile events are sent: when, and to whom. A round's frames go to live members
 * that have nothing left to be sent; others skip them and get the newest of each kind later.
 */
#include "hub/hub_state.h"

#define PRESENCE_PACE_US 1000 /* news of it wait so long for others: a member, and */
#define PRESENCE_PACE_MAX_US 100000
#define PRESENCE_BUSY_US 25 /* or so long a client of all that are to be told, and */
#define PRESENCE_BUSY_MAX_US 250000

/* What a member itself sent is left out for it. */
static void
mark_senders(struct session *session, bool is_sender)
{
    for (size_t i = 0; i < session->round_count; i++) {
        struct member *member = client_member(session->round_events[i].sender, session);

        if (member)
            member->is_round_sender = is_sender;
    }
}

/* The round without what the client itself sent: a copy, until gather_run(). */
static struct span
round_without(const struct session *session, const struct client *client, size_t *count)
{
    char *copy = gather_room(session->hub, session->round.len);
    const char *at = session->round.data;
    size_t len = 0;

    *count = 0;
    for (size_t i = 0; i < session->round_count; i++) {
        const struct session_volatile *event = &session->round_events[i];

        if (event->sender != client) {
            memcpy(copy + len, at, event->len);
            len += event->len;
            *count += 1;
        }
        at += event->len;
    }
    return (struct span){copy, len};
}

static void
gather_round(struct member *member)
{
    struct session *session = member->session;
    struct span frames = buf_span(&session->round);
    size_t count = session->round_count;

    if (member->is_round_sender)
        frames = round_without(session, member->client, &count);
    if (frames.len > 0) {
        gather_write(member->client, frames, 0);
        session->hub->stats.deliveries += (int64_t)count;
    }
    member->volatile_seen = session->newest.counter;
}

/* The newest of each kind since what it was given last. */
static void
give_newest(struct member *member)
{
    const struct newest *newest = &member->session->newest;
    struct buf *out = &member->session->hub->scratch;
    uint64_t joined = member->arrival ? member->arrival->volatile_joined : 0;

    while (member->volatile_seen != newest->counter && client_can_write(member->client)) {
        buf_clear(out);
        member->volatile_seen = newest_append(newest, member->volatile_seen, joined,
                                              client_id_span(member->client), FLUSH_BYTES, out);
        if (out->len > 0)
            client_write(member->client, buf_span(out), 0);
    }
}

/* What it skipped while it could not take more. Not amid a round. */
void
volatile_catch_up(struct member *member)
{
    const struct session *session = member->session;

    if (member->volatile_seen != session->newest.counter) {
        if (session->round_count > 0 || !member_is_at_head(member) ||
            client_has_frames(member->client) || !client_can_write(member->client))
            return;
        give_newest(member);
        if (member->volatile_seen != session->newest.counter)
            return; /* hub_writable() goes on */
    }
    if (member->arrival)
        member_settle(member);
}

/* One of more than is written at once reaches everybody as the newest of each kind. */
static bool
can_take_round(const struct member *member)
{
    return member->session->round.len <= FLUSH_BYTES && member->state == MEMBER_LIVE &&
           member_is_at_head(member) && !client_has_frames(member->client) &&
           client_can_write(member->client);
}

static void
flush_round(struct session *session)
{
    mark_senders(session, true);
    session->is_round_skipped = false;
    for (size_t i = 0; i < session->member_count; i++) {
        struct member *member = session->members[i];

        if (!can_take_round(member))
            session->is_round_skipped = true;
        else if (member->volatile_seen == session->round_start)
            gather_round(member);
    }
    mark_senders(session, false);
}

/* Its frames are written: those who are behind get the newest of each kind instead. */
static void
end_round(struct session *session)
{
    volatile_clear(session);
    for (size_t i = 0; i < session->member_count; i++)
        if (session->members[i]->state == MEMBER_LIVE)
            volatile_catch_up(session->members[i]);
    if (!session->is_round_skipped)
        newest_drop_presence(&session->newest);
}

static int64_t
product_at_most(size_t count, int64_t each_us, int64_t max_us)
{
    int64_t us = (int64_t)count * each_us;

    return us < max_us ? us : max_us;
}

/* In a rush of joins each is news to all who came before, and telling them is most of what a join
 * costs: it is gathered for a ms per member, and longer if many sessions have news. */
static int64_t
presence_pace_us(const struct session *session, size_t audience)
{
    int64_t own_us = product_at_most(session->member_count, PRESENCE_PACE_US, PRESENCE_PACE_MAX_US);
    int64_t busy_us = product_at_most(audience, PRESENCE_BUSY_US, PRESENCE_BUSY_MAX_US);

    return own_us > busy_us ? own_us : busy_us;
}

/* How many are to be told news of presence, in all sessions. */
static size_t
presence_audience(const struct hub *hub)
{
    size_t audience = 0;

    for (const struct list *at = &hub->round_sessions;
         (at = list_next(&hub->round_sessions, at));) {
        const struct session *session = LIST_ELEMENT(at, struct session, in_round);

        audience += session->is_round_presence ? session->member_count : 0;
    }
    return audience;
}

/* When the session's round is to be flushed, in us: what comes after quiet goes at once, under load
 * some is gathered. */
static int64_t
round_due_us(const struct session *session, size_t audience)
{
    const struct hub *hub = session->hub;

    if (hub->is_stopping || hub->options.is_eager)
        return 0;
    if (session->is_round_presence)
        return session->round_us + presence_pace_us(session, audience);
    return hub->round_us + flush_pace_us(hub);
}

/* Moves the sessions whose round is due to that list. */
static void
take_due(struct hub *hub, int64_t now_us, struct list *due)
{
    struct list *next = list_next(&hub->round_sessions, &hub->round_sessions);
    size_t audience = presence_audience(hub);

    while (next) {
        struct session *session = LIST_ELEMENT(next, struct session, in_round);
        int64_t due_us = round_due_us(session, audience);

        next = list_next(&hub->round_sessions, next);
        if (now_us < due_us) {
            hub_wake_in_us(hub, due_us - now_us);
            continue;
        }
        list_remove(&session->in_round);
        list_append(due, &session->in_round);
    }
}

void
volatile_flush(struct hub *hub)
{
    int64_t now_us = hub_mono_us(hub);
    struct list due, *at;
    struct watch_step step;

    list_init(&due);
    take_due(hub, now_us, &due);
    if (list_is_empty(&due))
        return;
    step = watch_begin(&hub->watch);
    for (at = &due; (at = list_next(&due, at));) {
        struct session *session = LIST_ELEMENT(at, struct session, in_round);

        flush_session(session); /* what the frames may rest on comes first */
        flush_round(session);
        session->round_us = now_us;
        hub->round_us = session->is_round_presence ? hub->round_us : now_us;
    }
    gather_run(hub);
    flush_took(hub, hub_mono_us(hub) - now_us);
    while ((at = list_shift(&due)))
        end_round(LIST_ELEMENT(at, struct session, in_round));
    watch_end(&hub->watch, &step, WATCH_FLUSH);
}
