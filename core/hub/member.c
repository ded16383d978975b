/*
 * A client in a session: joining, then catching up (pages of a snapshot, or history), then live: a
 * cursor into the ring.
 */
#include "hub/hub_state.h"

#include "err.h"
#include "hub/frame.h"
#include "hub/invariants.h"
#include "log.h"

#include <assert.h>
#include <stdlib.h>

#define JOIN_TRIES_MAX 3 /* commits that may fail under one join */

/* --- lists --- */

static void
add_member(struct member *member)
{
    struct session *session = member->session;

    session->members = mem_grow(session->members, session->member_count, &session->member_cap,
                                sizeof(*session->members));
    member->index = (uint32_t)session->member_count;
    session->members[session->member_count++] = member;
    member->next_of_client = member->client->members;
    member->client->members = member;
    member->client->member_count++;
    client_lobby(member->client);
}

static void
remove_member(struct member *member)
{
    struct session *session = member->session;
    struct member **at = &member->client->members;
    struct member *last = session->members[--session->member_count];

    session->members[member->index] = last;
    last->index = member->index;
    while (*at != member)
        at = &(*at)->next_of_client;
    *at = member->next_of_client;
    member->client->member_count--;
    session->in_count -= member->state != MEMBER_JOINING;
    client_lobby(member->client);
}

/* --- joining --- */

static const struct store_epoch *
find_epoch(const struct session *session, struct span epoch, int64_t *last_seq)
{
    for (size_t i = 0; i < session->epoch_count; i++) {
        if (span_is(epoch, session->epochs[i].epoch)) {
            bool is_current = i + 1 == session->epoch_count;

            *last_seq = is_current ? session->committed : session->epochs[i + 1].first_seq - 1;
            return &session->epochs[i];
        }
    }
    return NULL;
}

/* Why the client cannot go on from `since`; NULL: it can. */
static const char *
resume_obstacle(const struct session *session, int64_t since, struct span epoch)
{
    int64_t last_seq;

    if (!find_epoch(session, epoch, &last_seq))
        return "unknown_epoch";
    if (since > last_seq)
        return "server_behind";
    return since + 1 < session->oldest_seq ? "expired" : NULL;
}

struct join *
join_new(const struct member *member, int64_t id)
{
    struct join *join = mem_alloc(sizeof(*join));

    *join = (struct join){client_ref(member->client), member->session, member->arrival->number, id};
    member->session->refs++;
    return join;
}

void
join_free(struct join *join)
{
    client_unref(join->client);
    session_unref(join->session);
    free(join);
}

/* NULL if it left, or needs it no more. */
struct member *
join_member(const struct join *join)
{
    struct member *member = client_member(join->client, join->session);

    return member && member->arrival && member->arrival->number == join->number ? member : NULL;
}

static struct arrival *
arrival_new(struct hub *hub)
{
    struct arrival *arrival = mem_zalloc(sizeof(*arrival));

    arrival->number = ++hub->join_count;
    return arrival;
}

static void
arrival_free(struct member *member)
{
    if (member->arrival) {
        join_request_free(member->arrival->asked);
        snapshot_unref(member->arrival->snapshot);
        free(member->arrival);
        member->arrival = NULL;
    }
}

/* It is live, and was given all there is. */
void
member_settle(struct member *member)
{
    assert(member->state == MEMBER_LIVE);
    arrival_free(member);
}

/* It will not have to be asked again. */
void
member_answered(struct member *member)
{
    join_request_free(member->arrival->asked);
    member->arrival->asked = NULL;
}

/* The join is answered: from now on it is in. */
void
member_answer(struct member *member)
{
    struct session *session = member->session;
    struct hub *hub = session->hub;
    bool is_first = session_client_count(session) == 0;

    member->joined_ms = hub_unix_ms(hub);
    member->arrival->volatile_joined = session->newest.counter;
    if (member->arrival->snapshot) {
        member->state = MEMBER_SNAPSHOT;
    } else {
        struct buf data = BUF_INIT;

        invariants_at_begin(member);
        member_answered(member);
        member->state = MEMBER_CATCHING_UP;
        buf_appendf(&data, "{\"session_id\":\"%s\",\"epoch\":\"%s\",\"from\":%lld,\"to\":%lld}",
                    session->id, session->epoch, (long long)(member->cursor + 1),
                    (long long)session->committed);
        client_send(member->client, "session_resumed", buf_span(&data));
        buf_fini(&data);
    }
    session->in_count++;
    client_ready(member->client);
    if (is_first)
        joined_add(session);
    presence_joined(member);
    if (is_first && session->script.len && hub->scripts && hub->scripts->resume)
        hub->scripts->resume(hub->scripts->ctx, session);
    if (hub->hooks && hub->hooks->after_join) {
        hub->current_depth = 0;
        hub->current_emits = 0;
        hub->hooks->after_join(hub->hooks->ctx, member->client, session);
        hub->current_depth = -1;
    }
}

void
join_refuse(const struct join *join, struct member *member, int err)
{
    struct refusal refusal;

    refusal_init(&refusal);
    refuse_storage(&refusal, err);
    member_leave(member);
    client_refuse(join->client, &refusal, join->id);
    refusal_fini(&refusal);
}

/* Nothing was told yet: it is made again on what is on disk, but not for ever. */
static void
join_failed(const struct join *join, struct member *member)
{
    struct join_request *request = member->arrival->asked;

    if (request->tries >= JOIN_TRIES_MAX) {
        join_refuse(join, member, session_failure(join->session));
        return;
    }
    member->arrival->asked = NULL;
    member_leave(member);
    control_join_again(join->session->hub, request, join->session->id);
}

/* What the snapshot or the resume shows is on disk now, or it failed. */
static void
on_join_held(void *ctx, bool is_kept)
{
    struct join *join = ctx;
    struct member *member = join_member(join);

    if (member && !is_kept) {
        join_failed(join, member);
    } else if (member && !member->arrival->snapshot &&
               !ring_reaches(&member->session->ring, member->cursor)) {
        catch_up_begin(member, join->id); /* is it still in the log? The answer waits for that */
    } else if (member) {
        member->session->hub->stats.resumed_ring += !member->arrival->snapshot;
        member_answer(member);
    }
    join_free(join);
}

/* It is to be told a snapshot, once what that shows is on disk. */
void
member_expire(struct member *member, int64_t id)
{
    member->arrival->reason = "expired";
    member->arrival->snapshot = snapshot_take(member->session);
    hub_hold(member->session, on_join_held, join_new(member, id));
}

/* Takes request. The answer leaves once the epoch, and the state it shows, are on disk. */
void
member_join(struct session *session, struct join_request *request)
{
    struct member *member = mem_zalloc(sizeof(*member));
    struct arrival *arrival = arrival_new(session->hub);
    int64_t since = request->since;

    arrival->asked = request;
    member->arrival = arrival;
    member->client = request->client;
    member->session = session;
    member->state = MEMBER_JOINING;
    add_member(member);
    arrival->reason = since < 0 ? NULL : resume_obstacle(session, since, span_of(request->epoch));
    if (since >= 0 && !arrival->reason)
        member->cursor = since;
    else
        arrival->snapshot = snapshot_take(session);
    if (!session->is_epoch_kept)
        journal_part(session);
    hub_hold(session, on_join_held, join_new(member, request->id));
}

static void
free_member(struct member *member)
{
    arrival_free(member);
    presence_free(member);
    free(member);
}

/* Others are told. */
void
member_leave(struct member *member)
{
    struct session *session = member->session;
    struct client *client = member->client;
    struct hub *hub = session->hub;
    bool was_in = member->state != MEMBER_JOINING, was_last;

    remove_member(member);
    session->used_ms = hub_mono_ms(hub);
    was_last = was_in && session_client_count(session) == 0;
    if (was_last)
        joined_remove(session);
    if (was_in) {
        session->refs++;
        presence_left(session, client);
        if (hub->hooks && hub->hooks->after_leave) {
            hub->current_depth = 0;
            hub->current_emits = 0;
            hub->hooks->after_leave(hub->hooks->ctx, client, session);
            hub->current_depth = -1;
        }
        if (was_last && hub->scripts && hub->scripts->pause)
            hub->scripts->pause(hub->scripts->ctx, session);
        session->refs--;
    }
    free_member(member);
}

/* The session ends; who asked to join and was not answered yet is told why it cannot. */
void
member_dismiss_all(struct session *session, const struct refusal *refusal)
{
    while (session->member_count > 0) {
        struct member *member = session->members[session->member_count - 1];

        if (member->arrival && member->arrival->asked)
            client_refuse(member->client, refusal, member->arrival->asked->id);
        member_leave(member);
    }
}

/* The ring no longer holds what it was to be sent next: it goes on from the store. */
void
member_restart(struct member *member)
{
    if (member->state == MEMBER_LIVE)
        member->state = MEMBER_CATCHING_UP;
    if (!member->arrival)
        member->arrival = arrival_new(member->session->hub);
    const struct snapshot *snapshot = member->arrival->snapshot;
    int64_t seen = snapshot ? snapshot_seq(snapshot) : member->cursor;

    if (seen > member->session->committed)
        client_close(member->client, 1012, "state was lost; join again");
    client_ready(member->client);
}
