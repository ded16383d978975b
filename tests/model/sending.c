/* What is sent, and what becomes of it. */
#include "hub/message.h"
#include "hub/rest.h"
#include "play.h"

#include <stdio.h>

void
play_say(const struct play *play, int peer, const char *how, struct span text)
{
    if (play->is_loud) {
        fprintf(stderr, "%s %d %s %.*s\n", peer < 0 ? "REST" : "peer", peer < 0 ? 0 : peer, how,
                (int)text.len, text.at);
    }
}

int64_t
play_note_sending(struct play *play, int peer, int session, int64_t id)
{
    if (play->sending_count + 1 >= play->sending_cap) {
        play->sending_cap = play->sending_cap ? play->sending_cap * 2 : 256;
        play->sendings = mem_realloc(play->sendings, play->sending_cap * sizeof(*play->sendings));
    }
    play->sendings[++play->sending_count] = (struct sending){
        .peer = peer,
        .connection = peer >= 0 ? play->peers[peer].connection : 0,
        .id = id,
        .session = session,
    };
    return (int64_t)play->sending_count;
}

/* It happened, at that seq, for ever. */
static void
note_seen(struct play *play, int64_t v, int64_t seq)
{
    struct sending *sending = &play->sendings[v];

    if (sending->fate == FATE_SEEN) {
        assert_int_equal(sending->seq, seq);
        return;
    }
    sending->fate = FATE_SEEN;
    sending->seq = seq;
    play->tally->count[sending->kind]++;
    play->tally->count[TALLY_VERSION_RIGHT] += sending->has_version;
    if (sending->kind == TALLY_SESSION_CREATED) {
        assert_int_equal(seq, 1);
        (void)play_life(play, sending->session, v);
    }
}

void
play_note_seen(struct play *play, int session, struct span event)
{
    int64_t v = message_int(event, "data.v");

    assert_in_range(v, 1, play->sending_count);
    struct sending *sending = &play->sendings[v];

    if (sending->fate == FATE_REFUSED)
        fail_msg("shown though refused: %.*s", (int)event.len, event.at);
    assert_int_equal(sending->session, session);
    if (sending->peer >= 0)
        assert_int_equal(message_int(event, "id"), sending->id);
    note_seen(play, v, message_int(event, "seq"));
}

void
play_note_event(struct play *play, struct life *life, struct span event)
{
    int64_t seq = message_int(event, "seq");

    if (!event_log_note(&life->log, seq, event)) {
        fail_msg("two are shown seq %lld differently: %.*s", (long long)seq, (int)event.len,
                 event.at);
    }
    play_note_seen(play, life->session, event);
    assert_ptr_equal(play_life_of(play, life->session, message_int(event, "data.v")), life);
}

static void
note_refused(struct play *play, const struct request *request)
{
    const char *code = request->answer.code;
    bool is_unknown = strcmp(code, "outcome_unknown") == 0;

    for (int i = 0; i < request->count; i++) {
        struct sending *sending = &play->sendings[request->first_v + i];

        if (is_unknown) {
            sending->fate = sending->fate == FATE_SEEN ? FATE_SEEN : FATE_UNKNOWN;
        } else {
            assert_int_not_equal(sending->fate, FATE_SEEN);
            sending->fate = FATE_REFUSED;
        }
    }
    play->tally->count[TALLY_OUTCOME_UNKNOWN] += is_unknown;
    play->tally->count[TALLY_VERSION_WRONG] += strcmp(code, "version_mismatch") == 0;
    play->tally->count[TALLY_NO_ROOM] += strcmp(code, "busy") == 0;
    play->tally->count[TALLY_ARRAY_REFUSED] += request->answer.index > 0;
}

void
play_take_answer(struct play *play, struct request *request)
{
    const struct rest_answer *answer = &request->answer;

    play_say(play, -1, "hears", span_of(answer->code[0] ? answer->code : "accepted"));
    if (answer->code[0]) {
        note_refused(play, request);
    } else {
        assert_int_equal(answer->last_seq, answer->first_seq + request->count - 1);
        for (int i = 0; i < request->count; i++)
            note_seen(play, request->first_v + i, answer->first_seq + i);
        play->tally->count[TALLY_ARRAY_ACCEPTED] += request->count > 1;
    }
    if (answer->client)
        hub_disconnect(play->scene->hub, answer->client);
    rest_fini(&request->answer);
    request->is_sent = false;
}
