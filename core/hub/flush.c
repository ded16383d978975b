/*
 * The flush, at the end of the loop's round: what each member has not got is written directly, from
 * the session's ring, as far as its socket takes it. Here too: the bound on slow clients (invariant
 * 5).
 */
#include "hub/hub_state.h"

#include "log.h"

#include <assert.h>
#include <stdlib.h>

#define PACE_MIN_US 2000
#define PACE_MAX_US 3000
#define TURN_US 3000  /* of each round for flushing sessions; the last of them may take longer */
#define WAIT_US 20000 /* nobody waits longer for such a turn */

/* --- what waits for one client --- */

static struct client_out *
need_out(struct client *client)
{
    if (!client->out) {
        client->out = mem_zalloc(sizeof(*client->out));
        client->out->client = client;
    }
    return client->out;
}

void
client_out_free(struct client *client)
{
    if (client->out) {
        buf_fini(&client->out->frames);
        free(client->out);
        client->out = NULL;
    }
}

/* An idle client keeps no buffer. */
static void
settle(struct client *client)
{
    const struct client_out *out = client->out;

    if (out && !out->is_ready && !list_is_linked(&out->in_lagging) && out->frames.len == 0)
        client_out_free(client);
}

/* --- writing to one client --- */

static void
list_lagging(struct client *client, size_t bytes, size_t messages)
{
    struct hub *hub = client->hub;
    struct client_out *out = need_out(client);

    out->below_bytes = (uint32_t)bytes;
    out->below_messages = (uint16_t)messages;
    out->progress_ms = hub_mono_ms(hub);
    hub->options.port->want_writable(client->conn);
    list_append(&hub->lagging, &out->in_lagging);
}

static void
unlist_lagging(struct client *client)
{
    struct client_out *out = client->out;

    if (!out || !list_is_linked(&out->in_lagging))
        return;
    out->below_bytes = out->below_messages = 0;
    list_remove(&out->in_lagging);
    settle(client);
}

/* Ask only if there is something to be written: if it cannot be now, hub_writable() goes on with
 * it. */
bool
client_can_write(struct client *client)
{
    if (client->is_gathered)
        gather_run(client->hub);
    if (!client->conn || client->is_closing)
        return false;
    if (!client->hub->options.port->is_blocked(client->conn))
        return true;
    /* What blocks it may not be the hub's: a pong, say. */
    if (!client->out || !list_is_linked(&client->out->in_lagging))
        list_lagging(client, 0, 0);
    return false;
}

/* What became of a write: the port's result. */
void
client_written(struct client *client, size_t bytes, size_t messages, int result)
{
    if (result < 0) {
        client->is_closing = true;
        return;
    }
    client->hub->stats.bytes_out += (int64_t)bytes;
    if (result > 0)
        list_lagging(client, bytes, messages);
}

/* At once, and only when client_can_write(). All is taken, or the client is dead (false). */
bool
client_write(struct client *client, struct span bytes, size_t messages)
{
    assert(!client->is_closing && !client->is_gathered);
    client_written(client, bytes.len, messages,
                   client->hub->options.port->write(client->conn, bytes.at, bytes.len));
    return !client->is_closing;
}

/* The private buffer, in one write: between two writes the layer below may send a control frame, so
 * each is of whole frames (RFC 6455, 5.4). */
void
client_flush(struct client *client)
{
    if (!client_has_frames(client))
        return;
    if (client_can_write(client))
        client_write(client, buf_span(&client->out->frames), 1);
    else if (!client->is_closing)
        return; /* hub_writable() goes on */
    buf_fini(&client->out->frames);
    settle(client);
}

/* It has something to be flushed at the end of the round. */
void
client_ready(struct client *client)
{
    struct client_out *out = need_out(client);

    if (!out->is_ready) {
        out->is_ready = true;
        out->next_ready = client->hub->ready;
        client->hub->ready = client_ref(client);
    }
}

static void
client_pump(struct client *client)
{
    client_flush(client);
    for (struct member *member = client->members; member; member = member->next_of_client)
        member_pump(member);
}

/* Private messages, and those who are catching up. */
void
flush_clients(struct hub *hub)
{
    struct client *client = hub->ready;
    struct watch_step step;

    if (!client)
        return;
    step = watch_begin(&hub->watch);
    hub->ready = NULL;
    while (client) {
        struct client *next = client->out->next_ready;

        client->out->is_ready = false;
        if (!client->is_gone)
            client_pump(client);
        settle(client);
        client_unref(client);
        client = next;
    }
    gather_run(hub);
    watch_end(&hub->watch, &step, WATCH_FLUSH);
}

void
hub_writable(struct hub *hub, struct client *client)
{
    struct watch_step step = watch_begin(&hub->watch);

    unlist_lagging(client);
    client_pump(client);
    gather_run(hub);
    watch_end(&hub->watch, &step, WATCH_FLUSH);
}

/* The connection is gone, or closing. */
void
flush_unlist(struct client *client)
{
    unlist_lagging(client);
}

/* --- sessions --- */

void
flush_session_later(struct session *session)
{
    if (list_is_linked(&session->in_flush))
        return;
    list_append(&session->hub->flush_sessions, &session->in_flush);
    session->flush_since_us = hub_mono_us(session->hub);
}

/* A flush of rings, or of volatile rounds: see flush_pace_us(). */
void
flush_took(struct hub *hub, int64_t us)
{
    hub->flush_mean_us += (us - hub->flush_mean_us) / 8;
}

static struct session *
next_to_flush(const struct hub *hub)
{
    struct list *at = list_next(&hub->flush_sessions, &hub->flush_sessions);

    return at ? LIST_ELEMENT(at, struct session, in_flush) : NULL;
}

/* Now, if it was to be flushed later; up to the next gather_run(). */
void
flush_session(struct session *session)
{
    if (!list_is_linked(&session->in_flush))
        return;
    list_remove(&session->in_flush);
    session->offered = session->ring.head_seq;
    for (size_t i = 0; i < session->member_count; i++)
        member_pump(session->members[i]);
}

/*
 * Those that have waited longest come first. After TURN_US the others wait for the next round,
 * which reads what came in meanwhile and what was committed: so a server that is short of time does
 * not let its writer wait for its sends, and what gathers for a session until its turn is one
 * write. Once one has waited for WAIT_US there is no such turn: then what comes in has to wait.
 */
void
flush_sessions(struct hub *hub)
{
    struct session *session = next_to_flush(hub);
    int64_t start_us, turn_us, us = 0;
    struct watch_step step;

    if (!session)
        return;
    start_us = hub_mono_us(hub);
    turn_us = start_us - session->flush_since_us < WAIT_US ? TURN_US : INT64_MAX;
    step = watch_begin(&hub->watch);
    while (us < turn_us && (session = next_to_flush(hub))) {
        flush_session(session);
        us = hub_mono_us(hub) - start_us;
    }
    gather_run(hub);
    flush_took(hub, hub_mono_us(hub) - start_us);
    watch_end(&hub->watch, &step, WATCH_FLUSH);
}

/* All of them. */
void
flush_all_sessions(struct hub *hub)
{
    struct session *session;

    while ((session = next_to_flush(hub)))
        flush_session(session);
    gather_run(hub);
}

/*
 * How long is gathered before the next batch is handed over, or the next round of volatile frames
 * is flushed, if there was one just now: what comes after quiet goes at once. More gathered is
 * fewer writes, each of more events, and fewer commits; so under load the hub spends about a sixth
 * of its time on flushing and the disk two thirds at most on commits, within bounds.
 */
int64_t
flush_pace_us(const struct hub *hub)
{
    int64_t pace = hub->flush_mean_us * 6 + hub->commit_mean_us * 3 / 2;

    return pace < PACE_MIN_US ? PACE_MIN_US : pace > PACE_MAX_US ? PACE_MAX_US : pace;
}

/* --- slow clients --- */

/* Has it not taken more than it may be behind by, of what it was offered while live? What waits for
 * its session's turn does not count, which is the server's delay. */
bool
client_is_behind(const struct client *client)
{
    const struct hub_limits *limits = &client->hub->options.limits;
    const struct client_out *out = client->out;
    uint64_t messages = out ? out->below_messages : 0;
    uint64_t bytes = out ? out->below_bytes + out->frames.len : 0;

    for (const struct member *member = client->members; member; member = member->next_of_client) {
        const struct session *session = member->session;

        if (member->state == MEMBER_LIVE && member->cursor < session->offered) {
            messages += (uint64_t)(session->offered - member->cursor);
            bytes += ring_bytes_after(&session->ring, member->cursor) -
                     ring_bytes_after(&session->ring, session->offered);
        }
    }
    return messages > limits->queue_messages || bytes > limits->queue_bytes;
}

void
client_cut(struct client *client, const char *why)
{
    if (client->is_closing)
        return;
    log_debug("flush", "slow client cut", log_str("client", client_id(client)),
              log_str("why", why));
    client->hub->stats.slow_cut++;
    client_close(client, 4008, "slow");
}

/* Before an append: whoever already has too much waiting is cut; one large batch cuts nobody. */
void
flush_check_lagging(struct hub *hub)
{
    struct list *next = list_next(&hub->lagging, &hub->lagging);

    while (next) {
        const struct client_out *out = LIST_ELEMENT(next, struct client_out, in_lagging);

        next = list_next(&hub->lagging, next);
        if (client_is_behind(out->client))
            client_cut(out->client, "behind");
    }
}

/* Took no byte for stall_ms. */
void
flush_check_stalled(struct hub *hub)
{
    int64_t before = hub_mono_ms(hub) - hub->options.limits.stall_ms;
    struct list *next = list_next(&hub->lagging, &hub->lagging);

    while (next) {
        const struct client_out *out = LIST_ELEMENT(next, struct client_out, in_lagging);

        next = list_next(&hub->lagging, next);
        if (out->progress_ms <= before)
            client_cut(out->client, "stalled");
    }
}
