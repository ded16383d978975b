/* Everything at rest: what the server keeps, what the log says and what everybody believes are
 * compared. */
#include "hub/conn.h"
#include "hub/message.h"
#include "play.h"

#include "json/json.h"

/* --- rest --- */

static void
stop_troubles(struct play *play)
{
    struct scene *scene = play->scene;

    play_release(play);
    for (int point = 0; point <= STORE_POINT_READ; point++)
        scene_fail(scene, (enum store_point)point, 0, 0);
    for (int i = 0; i < PEERS; i++) {
        if (play->peers[i].conn) {
            play->peers[i].conn->block_after_write = false;
            conn_unblock(scene, play->peers[i].conn);
        }
    }
}

static void
come_to_rest(struct play *play)
{
    stop_troubles(play);
    for (int i = 0; i < 3; i++) { /* what could not be loaded is tried again each second */
        scene_settle(play->scene);
        scene_pass(play->scene, 1001);
        hub_tick(play->scene->hub);
    }
    scene_settle(play->scene);
    play_read_all(play);
}

/* --- the log --- */

struct looking {
    struct play *play;
    struct fold *fold; /* of the log so far */
    struct life *life;
    struct fold state; /* of the server's memory */
    bool is_there;
    bool is_more;
};

static void
take_history(struct looking *looking, struct span event)
{
    const char *problem = fold_event(looking->fold, event);

    if (problem)
        fail_msg("in the log: %s: %.*s", problem, (int)event.len, event.at);
    play_note_event(looking->play, looking->life, event);
}

static void
on_history(void *ctx, const struct refusal *refusal, struct span events, size_t count,
           int64_t last_seq, bool is_more)
{
    struct looking *looking = ctx;
    struct buf array = BUF_INIT;
    struct json_iter iter;
    struct span event;

    assert_null(refusal);
    buf_append_char(&array, '[');
    buf_append_span(&array, events);
    buf_append_char(&array, ']');
    for (json_iter_init(&iter, buf_span(&array)); json_next_element(&iter, &event); count--)
        take_history(looking, event);
    assert_int_equal(count, 0);
    assert_int_equal(last_seq, looking->fold->seq);
    looking->is_more = is_more;
    buf_fini(&array);
}

static void
ask_history(void *ctx, struct session *session, const struct refusal *refusal)
{
    struct looking *looking = ctx;

    assert_null(refusal);
    assert_int_equal(session_seq(session), session_committed(session));
    hub_history(session, looking->fold->seq, 50, on_history, looking);
}

static void
read_objects(struct fold *state, struct session *session)
{
    const struct object *objects[THINGS + 1];
    struct buf text = BUF_INIT;
    size_t count = session_objects_after(session, SPAN_NONE, THINGS + 1, objects);

    assert_in_range(count, 0, THINGS);
    for (size_t i = 0; i < count; i++) {
        buf_clear(&text);
        object_append(&text, objects[i]);
        fold_object(state, buf_span(&text));
    }
    buf_fini(&text);
}

static void
read_state(void *ctx, struct session *session, const struct refusal *refusal)
{
    struct looking *looking = ctx;

    if (!session) {
        assert_string_equal(refusal->code, "unknown_session");
        return;
    }
    looking->is_there = true;
    looking->state = (struct fold){.seq = session_seq(session)};
    fold_world(&looking->state, session_world(session));
    read_objects(&looking->state, session);
}

static void
expect_same(const struct fold *a, const struct fold *b, const char *whose)
{
    const char *difference = fold_compare(a, b);

    if (difference) {
        fail_msg("%s has %s: at %lld, the log is at %lld", whose, difference, (long long)a->seq,
                 (long long)b->seq);
    }
}

static void
check_session(struct play *play, int session)
{
    struct looking looking = {.play = play, .is_more = true};
    struct span id = span_of(play_session_id(session));

    hub_open(play->scene->hub, id, read_state, &looking);
    scene_settle(play->scene);
    looking.life = play_settle_lives(play, session, looking.state.life);
    assert_true(looking.is_there == (looking.life != NULL));
    if (!looking.life)
        return;
    looking.fold = &looking.life->fold;
    while (looking.is_more) {
        hub_open(play->scene->hub, id, ask_history, &looking);
        scene_settle(play->scene);
    }
    expect_same(&looking.state, looking.fold, "the server");
}

/* --- what was sent --- */

/* Acknowledged or seen is never lost. */
static void
check_seen(const struct sending *sending, const struct life *life, size_t v)
{
    assert_non_null(life);
    if (life->is_over) /* the log went with it */
        return;
    assert_in_range(sending->seq, 1, life->fold.seq);
    const struct log_entry *entry = &life->log.entries[sending->seq];

    assert_int_equal(message_int((struct span){entry->text, entry->len}, "data.v"), v);
}

/* All of an array happened, one behind the other, or nothing of it. */
static void
check_array(const struct play *play, size_t v)
{
    const struct sending *sending = &play->sendings[v], *first;

    if (sending->array == 0)
        return;
    first = &play->sendings[sending->array];
    assert_true((first->fate == FATE_SEEN) == (sending->fate == FATE_SEEN));
    if (sending->fate == FATE_SEEN)
        assert_int_equal(sending->seq - first->seq, (int64_t)v - sending->array);
}

static void
check_sending(struct play *play, size_t v)
{
    struct sending *sending = &play->sendings[v];
    const struct life *life = play_life_of(play, sending->session, (int64_t)v);
    bool is_over = life && life->is_over;
    bool is_there = sending->peer >= 0 && play->peers[sending->peer].conn &&
                    play->peers[sending->peer].connection == sending->connection;

    if (sending->fate == FATE_SEEN) {
        check_seen(sending, life, v);
    } else if (sending->fate != FATE_REFUSED) { /* everybody is answered who is there */
        assert_false(sending->fate == FATE_OPEN && is_there && !is_over);
        sending->fate = FATE_REFUSED; /* not there now: never */
    }
    if (!is_over)
        check_array(play, v);
}

static void
check_peer(struct play *play, struct peer *peer)
{
    if (peer->conn)
        assert_false(peer->conn->is_paused); /* nothing is pending any more */
    for (int session = 0; peer->conn && session < SESSIONS; session++) {
        const struct life *life = play_current_life(play, session);
        struct seat *seat = &peer->seats[session];

        assert_int_equal(seat->join_id, 0);
        seat->is_ambiguous = false;
        if (seat->is_member) {
            assert_false(seat->is_in_pages);
            assert_non_null(life);
            expect_same(&seat->fold, &life->fold, "a client");
        }
    }
}

void
play_check(struct play *play)
{
    come_to_rest(play);
    for (int i = 0; i < REQUESTS; i++)
        assert_false(play->requests[i].is_sent);
    for (int session = 0; session < SESSIONS; session++)
        check_session(play, session);
    for (size_t v = 1; v <= play->sending_count; v++)
        check_sending(play, v);
    for (int i = 0; i < PEERS; i++)
        check_peer(play, &play->peers[i]);
}
