/* Random changes, as envelopes. */
#include "play.h"

#define PAD 150 /* bytes */

static void
append_props(struct play *play, struct buf *out)
{
    static const char *const names[] = {"x", "p0", "p1", "p2"};

    for (size_t i = 0; i < 4; i++)
        if (play_chance(play, 30))
            buf_appendf(out, ",\"%s\":%d", names[i], (int)play_random(play, 1000));
        else if (play_chance(play, 10))
            buf_appendf(out, ",\"%s\":null", names[i]);
}

/* What somebody believes of the object; NULL: nobody was asked who is in the session. */
static const struct thing *
believed(struct play *play, int session, int thing)
{
    const struct seat *seat = &play->peers[play_random(play, PEERS)].seats[session];

    return seat->is_member ? &seat->fold.things[thing] : NULL;
}

static void
append_version(struct play *play, struct buf *out, int64_t v, int thing)
{
    struct sending *sending = &play->sendings[v];
    const struct thing *belief = believed(play, sending->session, thing);
    int64_t version =
        belief && play_chance(play, 80) ? belief->version : (int64_t)play_random(play, 30);

    sending->has_version = true;
    buf_appendf(out, ",\"if_version\":%lld", (long long)version);
}

static const char *
type_of(enum happening kind)
{
    static const char *const types[] = {
        [TALLY_CREATED] = "object_created",          [TALLY_UPDATED] = "object_updated",
        [TALLY_DELETED] = "object_deleted",          [TALLY_WORLD] = "world_updated",
        [TALLY_SESSION_CREATED] = "session_created", [TALLY_SESSION_DELETED] = "session_deleted",
    };

    return types[kind];
}

static void
begin(struct play *play, struct buf *out, int64_t v)
{
    const struct sending *sending = &play->sendings[v];

    buf_appendf(out, "{\"type\":\"%s\",\"data\":{\"session_id\":\"%s\",\"v\":%lld",
                type_of(sending->kind), play_session_id(sending->session), (long long)v);
    if (play->is_tight) /* so that a few events are much */
        buf_appendf(out, ",\"pad\":\"%0*d\"", PAD, 0);
}

static void
end(const struct play *play, struct buf *out, int64_t v)
{
    const struct sending *sending = &play->sendings[v];

    buf_append_char(out, '}');
    if (sending->id > 0)
        buf_appendf(out, ",\"id\":%lld", (long long)sending->id);
    buf_append_char(out, '}');
}

/* Mostly something that can be done. */
static enum happening
random_kind(struct play *play, int session, int thing)
{
    const struct thing *belief = believed(play, session, thing);
    uint32_t chance = play_random(play, 10);

    if (chance == 0)
        return TALLY_WORLD;
    if (belief && play_chance(play, 80))
        return !belief->exists ? TALLY_CREATED : chance < 8 ? TALLY_UPDATED : TALLY_DELETED;
    return chance < 4 ? TALLY_CREATED : chance < 8 ? TALLY_UPDATED : TALLY_DELETED;
}

static void
append(struct play *play, struct buf *out, int64_t v, int thing)
{
    enum happening kind = play->sendings[v].kind;

    begin(play, out, v);
    if (kind == TALLY_CREATED || kind == TALLY_UPDATED) {
        buf_appendf(out, ",\"object\":{\"name\":\"o%d\"%s", thing,
                    kind == TALLY_CREATED ? ",\"type\":\"t\"" : "");
        append_props(play, out);
        buf_append_char(out, '}');
    } else if (kind == TALLY_DELETED) {
        buf_appendf(out, ",\"name\":\"o%d\"", thing);
    } else {
        buf_appendf(out, ",\"world\":{\"w\":%d}", 1 + (int)play_random(play, 1000));
    }
    if ((kind == TALLY_UPDATED || kind == TALLY_DELETED) && play_chance(play, 20))
        append_version(play, out, v, thing);
    end(play, out, v);
}

void
play_append_change(struct play *play, struct buf *out, int session, int peer, int64_t id)
{
    int64_t v = play_note_sending(play, peer, session, id);
    int thing = (int)play_random(play, THINGS);

    play->sendings[v].kind = random_kind(play, session, thing);
    append(play, out, v, thing);
}

void
play_append_world(struct play *play, struct buf *out, int session)
{
    int64_t v = play_note_sending(play, -1, session, 0);

    play->sendings[v].kind = TALLY_WORLD;
    append(play, out, v, 0);
}

void
play_append_lifecycle(struct play *play, struct buf *out, int session, int peer, int64_t id,
                      bool is_creation)
{
    int64_t v = play_note_sending(play, peer, session, id);

    play->sendings[v].kind = is_creation ? TALLY_SESSION_CREATED : TALLY_SESSION_DELETED;
    begin(play, out, v);
    if (is_creation)
        buf_appendf(out, ",\"world\":{\"life\":%lld}", (long long)v);
    end(play, out, v);
}
