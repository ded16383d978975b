/* The lives of a session: it is made, deleted, made again under the same id. */
#include "play.h"

struct life *
play_life(struct play *play, int session, int64_t v)
{
    for (size_t i = 0; i < play->life_count; i++) {
        if (play->lives[i].v == v) {
            assert_int_equal(play->lives[i].session, session);
            return &play->lives[i];
        }
    }
    assert_in_range(v, 1, play->sending_count);
    assert_int_equal(play->sendings[v].kind, TALLY_SESSION_CREATED);
    assert_int_equal(play->sendings[v].session, session);
    assert_int_not_equal(play->sendings[v].fate, FATE_REFUSED);
    assert_in_range(play->life_count, 0, LIVES_MAX - 1);
    play->lives[play->life_count] = (struct life){.v = v, .session = session};
    return &play->lives[play->life_count++];
}

struct life *
play_life_of(struct play *play, int session, int64_t v)
{
    struct life *newest = NULL;

    for (size_t i = 0; i < play->life_count; i++) {
        struct life *life = &play->lives[i];

        if (life->session == session && life->v <= v && (!newest || life->v > newest->v))
            newest = life;
    }
    return newest;
}

struct life *
play_current_life(struct play *play, int session)
{
    struct life *life = play_life_of(play, session, INT64_MAX);

    return life && !life->is_over ? life : NULL;
}

/* Was something sent that may have ended this life? Or (is_sure) something that did? */
static bool
has_deletion(const struct play *play, const struct life *life, bool is_sure)
{
    for (size_t v = (size_t)life->v; v <= play->sending_count; v++) {
        const struct sending *sending = &play->sendings[v];

        if (sending->kind == TALLY_SESSION_DELETED && sending->session == life->session &&
            (is_sure ? sending->fate == FATE_SEEN : sending->fate != FATE_REFUSED))
            return true;
    }
    return false;
}

struct life *
play_settle_lives(struct play *play, int session, int64_t v)
{
    struct life *now = v ? play_life(play, session, v) : NULL;

    for (size_t i = 0; i < play->life_count; i++) {
        struct life *life = &play->lives[i];

        if (life->session != session || life == now || life->is_over)
            continue;
        if (!has_deletion(play, life, false)) {
            fail_msg("session %s of creation %lld is lost", play_session_id(session),
                     (long long)life->v);
        }
        life->is_over = true;
    }
    if (now && (now->is_over || has_deletion(play, now, true))) {
        fail_msg("session %s of creation %lld is there, though it was deleted",
                 play_session_id(session), (long long)v);
    }
    return now;
}
