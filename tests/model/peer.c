/* A client of the play: what it does. */
#include "hub/conn.h"
#include "play.h"

const char *
play_session_id(int session)
{
    static const char *const ids[SESSIONS] = {"s", "t"};

    return ids[session];
}

static int
index_of(const struct play *play, const struct peer *peer)
{
    return (int)(peer - play->peers);
}

/* Takes the text's bytes. */
static void
say(struct play *play, struct peer *peer, struct buf *text)
{
    play_say(play, index_of(play, peer), "says", buf_span(text));
    conn_send(play->scene, peer->conn, "%s", buf_cstr(text));
    buf_fini(text);
}

void
peer_connect(struct play *play, struct peer *peer)
{
    *peer = (struct peer){.conn = conn_open(play->scene), .connection = ++play->connections};
    if (play_chance(play, 20))
        peer->conn->block_after_write = true;
}

void
peer_remember(struct play *play, const struct seat *seat, int session)
{
    struct memory *memory = &play->memories[play_random(play, MEMORIES)];

    if (seat->is_member && !seat->is_in_pages) {
        *memory = (struct memory){.is_kept = true, .session = session, .fold = seat->fold};
        memcpy(memory->epoch, seat->epoch, sizeof(memory->epoch));
    }
}

void
peer_hang_up(struct play *play, struct peer *peer)
{
    peer_read(play, peer);
    if (!peer->conn)
        return;
    for (int session = 0; session < SESSIONS; session++)
        peer_remember(play, &peer->seats[session], session);
    conn_vanish(play->scene, peer->conn);
    peer->conn = NULL;
    play->tally->count[TALLY_HUNG_UP]++;
}

/* Sessions that are not there are made now and then, those that are there are seldom deleted. */
void
peer_change(struct play *play, struct peer *peer, int session)
{
    bool is_there = play_current_life(play, session) != NULL;
    struct buf text = BUF_INIT;
    int64_t id = ++peer->last_id;

    if (play_chance(play, is_there ? 2 : 30))
        play_append_lifecycle(play, &text, session, index_of(play, peer), id, !is_there);
    else
        play_append_change(play, &text, session, index_of(play, peer), id);
    say(play, peer, &text);
}

void
peer_move(struct play *play, struct peer *peer, int session)
{
    struct buf text = BUF_INIT;

    buf_appendf(
        &text,
        "{\"type\":\"object_moved\",\"id\":%lld,\"data\":{\"session_id\":\"%s\",\"name\":\"o%d\","
        "\"x\":1,\"by\":%d,\"n\":%lld}}",
        (long long)++peer->last_id, play_session_id(session), (int)play_random(play, THINGS),
        index_of(play, peer), (long long)++play->moves);
    say(play, peer, &text);
}

void
peer_join(struct play *play, struct peer *peer, int session)
{
    struct seat *seat = &peer->seats[session];
    struct buf text = BUF_INIT;

    if (seat->is_member || seat->join_id || seat->is_ambiguous)
        return;
    *seat = (struct seat){.join_id = ++peer->last_id};
    buf_appendf(&text, "{\"type\":\"join\",\"id\":%lld,\"data\":{\"session_id\":\"%s\"}}",
                (long long)seat->join_id, play_session_id(session));
    say(play, peer, &text);
}

void
peer_resume(struct play *play, struct peer *peer, struct memory *memory)
{
    struct seat *seat = &peer->seats[memory->session];
    struct buf text = BUF_INIT;

    if (!memory->is_kept || seat->is_member || seat->join_id || seat->is_ambiguous)
        return;
    *seat = (struct seat){.join_id = ++peer->last_id, .is_resume = true, .fold = memory->fold};
    buf_appendf(
        &text,
        "{\"type\":\"join\",\"id\":%lld,\"data\":{\"session_id\":\"%s\",\"since\":%lld,\"epoch\":"
        "\"%s\"}}",
        (long long)seat->join_id, play_session_id(memory->session), (long long)memory->fold.seq,
        memory->epoch);
    say(play, peer, &text);
}

static void
on_opened(void *ctx, struct session *session, const struct refusal *refusal)
{
    struct play *play = ctx;

    (void)session;
    play->opened += !refusal || strcmp(refusal->code, "busy") != 0;
}

/* A session that is being read waits with what it is told. */
static bool
is_ready(struct play *play, int session)
{
    int64_t before = play->opened;

    hub_open(play->scene->hub, span_of(play_session_id(session)), on_opened, play);
    return play->opened > before;
}

/*
 * Also while it is joining. But not while something is on its way to it: it could not tell that
 * from what comes after the next join.
 */
void
peer_leave(struct play *play, struct peer *peer, int session)
{
    struct seat *seat = &peer->seats[session];
    struct buf text = BUF_INIT;

    scene_turn(play->scene);
    peer_read(play, peer);
    if (!peer->conn || peer->conn->is_blocked || (!seat->is_member && !seat->join_id))
        return;
    bool is_at_once = is_ready(play, session);

    if (!is_at_once && play->is_tight) /* it may be refused, and then it has not left */
        return;
    peer_remember(play, seat, session);
    buf_appendf(&text, "{\"type\":\"leave\",\"id\":%lld,\"data\":{\"session_id\":\"%s\"}}",
                (long long)++peer->last_id, play_session_id(session));
    say(play, peer, &text);
    play->tally->count[TALLY_LEFT]++;
    *seat = (struct seat){.is_ambiguous = seat->join_id != 0 || !is_at_once};
}
