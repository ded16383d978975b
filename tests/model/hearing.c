/* A client of the play: what it is sent, and what it believes because of that. */
#include "hub/conn.h"
#include "hub/message.h"
#include "play.h"

#include "json/json.h"

static int
session_of(struct span message)
{
    return message_is(message, "data.session_id", "s") ? 0 : 1;
}

/* --- joins answered --- */

/* Nothing is pruned and nothing lost: only another life is a reason not to resume. */
static void
expect_reason(struct play *play, const struct seat *seat, struct span message)
{
    bool is_other_life =
        seat->is_resume && message_int(message, "data.world.life") != seat->fold.life;

    if (is_other_life) {
        assert_true(message_is(message, "data.reason", "unknown_epoch"));
        play->tally->count[TALLY_RESUMED_OTHER_LIFE]++;
    } else {
        assert_false(seat->is_resume || message_has(message, "data.reason"));
    }
}

static void
take_page0(struct play *play, struct seat *seat, struct span message)
{
    assert_int_not_equal(seat->join_id, 0);
    expect_reason(play, seat, message);
    *seat = (struct seat){
        .is_member = true, .is_in_pages = true, .fold = {.seq = message_int(message, "data.seq")}};
    fold_world(&seat->fold, message_get(message, "data.world"));
    assert_true(
        json_copy_string(message_get(message, "data.epoch"), seat->epoch, sizeof(seat->epoch)) > 0);
    play->tally->count[TALLY_JOINED]++;
}

static void
take_page(struct play *play, struct seat *seat, struct span message)
{
    struct json_iter iter;
    struct span object;

    if (message_int(message, "data.page") == 0)
        take_page0(play, seat, message);
    assert_true(seat->is_in_pages);
    assert_int_equal(message_int(message, "data.page"), seat->page++);
    assert_int_equal(message_int(message, "data.seq"), seat->fold.seq);
    for (json_iter_init(&iter, message_get(message, "data.objects"));
         json_next_element(&iter, &object);)
        fold_object(&seat->fold, object);
    seat->is_in_pages = !message_is(message, "data.last", "true");
    if (!seat->is_in_pages) {
        const struct life *life = play_life(play, session_of(message), seat->fold.life);
        size_t next = (size_t)seat->fold.seq + 1;

        play->tally->count[TALLY_JOINED_IN_FLOW] +=
            next < life->log.cap && life->log.entries[next].text;
    }
}

static void
take_resumed(struct seat *seat, struct span message)
{
    assert_true(seat->join_id != 0 && seat->is_resume);
    assert_int_equal(message_int(message, "data.from"), seat->fold.seq + 1);
    seat->join_id = 0;
    seat->is_member = true;
    seat->is_in_pages = false;
    assert_true(
        json_copy_string(message_get(message, "data.epoch"), seat->epoch, sizeof(seat->epoch)) > 0);
}

/* --- events --- */

/* Who is in no session hears of those that begin and end; so does who caused it, as its answer. */
static void
take_from_outside(struct play *play, const struct seat *seat, int session, struct span message)
{
    assert_true(seat->is_ambiguous || message_is(message, "type", "session_created") ||
                message_is(message, "type", "session_deleted"));
    play_note_seen(play, session, message);
}

/* The last event may come before others that the member will not get any more. */
static void
take_ending(struct play *play, struct seat *seat, int session, struct span message)
{
    int64_t seq = message_int(message, "seq");

    assert_true(seq > seat->fold.seq || seat->is_in_pages);
    if (seq == seat->fold.seq + 1)
        play_note_event(play, play_life(play, session, seat->fold.life), message);
    else
        play_note_seen(play, session, message);
    peer_remember(play, seat, session);
    *seat = (struct seat){.is_member = false};
}

static void
take_event(struct play *play, struct seat *seat, int session, struct span message)
{
    bool is_creation = message_is(message, "type", "session_created");

    if (!seat->is_member) {
        take_from_outside(play, seat, session, message);
    } else if (message_is(message, "type", "session_deleted")) {
        take_ending(play, seat, session, message);
    } else if (is_creation && seat->fold.seq > 0) { /* its snapshot has it already */
        assert_int_equal(message_int(message, "data.v"), seat->fold.life);
        play_note_seen(play, session, message);
    } else {
        assert_false(seat->is_in_pages);
        play_note_event(play, play_life(play, session, seat->fold.life), message);
        const char *problem = fold_event(&seat->fold, message);

        if (problem)
            fail_msg("%s: %.*s", problem, (int)message.len, message.at);
    }
}

/* Newest wins: nothing older comes after it; and nobody hears itself. */
static void
take_move(struct play *play, const struct peer *peer, struct seat *seat, struct span message)
{
    int64_t by = message_int(message, "data.by"), n = message_int(message, "data.n");
    int thing = message_get(message, "data.name").at[2] - '0';

    assert_false(message_is(message, "client_id", client_id(peer->conn->client)));
    assert_in_range(by, 0, PEERS - 1);
    if (!seat->is_ambiguous) {
        assert_true(seat->is_member && !seat->is_in_pages);
        assert_true(seat->moved[by][thing] < n);
        seat->moved[by][thing] = n;
    }
    play->tally->count[TALLY_MOVED]++;
}

/* --- refusals --- */

static struct sending *
sending_of(struct play *play, const struct peer *peer, int64_t id)
{
    for (size_t v = play->sending_count; v > 0; v--) {
        struct sending *sending = &play->sendings[v];

        if (sending->id == id && sending->peer == peer - play->peers &&
            sending->connection == peer->connection)
            return sending;
    }
    return NULL;
}

static void
take_refusal(struct play *play, struct sending *sending, struct span message)
{
    bool is_unknown = message_is(message, "data.code", "outcome_unknown");

    assert_true(sending->fate == FATE_OPEN || (is_unknown && sending->fate == FATE_SEEN));
    if (sending->fate == FATE_OPEN)
        sending->fate = is_unknown ? FATE_UNKNOWN : FATE_REFUSED;
    play->tally->count[TALLY_OUTCOME_UNKNOWN] += is_unknown;
    play->tally->count[TALLY_VERSION_WRONG] += message_is(message, "data.code", "version_mismatch");
    play->tally->count[TALLY_NO_ROOM] += message_is(message, "data.code", "busy");
}

static void
take_error(struct play *play, struct peer *peer, struct span message)
{
    int64_t id = message_int(message, "data.id");
    struct sending *sending;

    for (int session = 0; session < SESSIONS; session++) {
        if (peer->seats[session].join_id == id) {
            peer->seats[session].join_id = 0;
            return;
        }
    }
    if ((sending = sending_of(play, peer, id)))
        take_refusal(play, sending, message);
}

/* --- all that comes --- */

static bool
is_answer(struct span message)
{
    return message_is(message, "type", "session_snapshot") ||
           message_is(message, "type", "session_resumed");
}

static void
take(struct play *play, struct peer *peer, struct span message)
{
    int session = session_of(message);
    struct seat *seat = &peer->seats[session];

    play_say(play, (int)(peer - play->peers), "hears", message);
    if (message_is(message, "type", "error"))
        take_error(play, peer, message);
    else if (seat->is_ambiguous && is_answer(message))
        assert_false(seat->is_member);
    else if (message_is(message, "type", "session_snapshot"))
        take_page(play, seat, message);
    else if (message_is(message, "type", "session_resumed"))
        take_resumed(seat, message);
    else if (message_has(message, "seq"))
        take_event(play, seat, session, message);
    else if (message_is(message, "type", "object_moved"))
        take_move(play, peer, seat, message);
}

static void
take_close(struct play *play, struct peer *peer)
{
    int code = peer->conn->close_code;

    assert_int_not_equal(code, 1012); /* nothing on disk is ever lost */
    assert_true(code != 1013 || play->has_read_faults);
    play->tally->count[TALLY_CUT_SLOW] += code == 4008;
    for (int session = 0; session < SESSIONS; session++)
        peer_remember(play, &peer->seats[session], session);
    conn_vanish(play->scene, peer->conn);
    peer->conn = NULL;
}

void
peer_read(struct play *play, struct peer *peer)
{
    struct span message;

    while (peer->conn && (message = conn_next(peer->conn)).at)
        take(play, peer, message);
    if (peer->conn && peer->conn->close_code)
        take_close(play, peer);
}

void
play_read_all(struct play *play)
{
    for (int i = 0; i < PEERS; i++)
        peer_read(play, &play->peers[i]);
    for (int i = 0; i < REQUESTS; i++) {
        struct request *request = &play->requests[i];

        if (request->is_sent && request->answer.is_answered)
            play_take_answer(play, request);
    }
}
