/*
 * A play: one seed's random sequence of operations by several clients on two sessions, over a real
 * hub and a real store that fails now and then. Nothing in it depends on the pace of the store's
 * threads (scene_turn, scene_catch_up), so that a seed is the same play each time.
 *
 * Sessions are deleted and made again: each making is a life. Everything durable that is sent
 * carries a number `v` of its own in its data; a life is known by the v of its creation, which its
 * world shows as `life`. Since what is sent to a session happens in the order of sending, v belongs
 * to the newest life not newer than itself.
 */
#ifndef HD1_TESTS_MODEL_PLAY_H
#define HD1_TESTS_MODEL_PLAY_H

#include "hub/rest.h"
#include "hub/scene.h"
#include "reference.h"
#include "tally.h"

#define SESSIONS 2
#define PEERS 4
#define REQUESTS 8
#define MEMORIES 6
#define LIVES_MAX 128

/* What became of something sent. */
enum fate { FATE_OPEN, FATE_REFUSED, FATE_UNKNOWN, FATE_SEEN };
struct sending {
    enum fate fate;
    enum happening kind; /* TALLY_CREATED .. TALLY_SESSION_DELETED */
    bool has_version;    /* if_version */
    int peer;            /* who; -1: REST */
    int64_t connection;  /* which of the peer's connections */
    int64_t id;
    int session;
    int64_t seq;   /* if seen */
    int64_t array; /* v of the first of its array; 0: none */
};

struct life {
    int64_t v;
    int session;
    bool is_over;
    struct event_log log;
    struct fold fold; /* at the last check */
};

/* A peer in a session. */
struct seat {
    int64_t join_id; /* of the join under way; 0: none */
    bool is_resume;
    bool is_member; /* it has a state */
    bool is_in_pages;
    bool is_ambiguous; /* left while joining, or while the session was read: what it was sent before
                          it had left shows only at rest */
    int64_t page;
    char epoch[24];
    struct fold fold;
    int64_t moved[PEERS][THINGS]; /* the newest of the volatile events by their senders' count */
};

struct peer {
    struct conn *conn; /* NULL: not connected */
    int64_t connection;
    int64_t last_id;
    struct seat seats[SESSIONS];
};

/* What somebody knew who hung up: to go on from. */
struct memory {
    bool is_kept;
    int session;
    char epoch[24];
    struct fold fold;
};

struct request {
    struct rest_answer answer;
    bool is_sent;
    int session;
    int64_t first_v;
    int count;
};

struct play {
    struct scene *scene;
    struct tally *tally;
    uint64_t random;
    bool is_loud; /* says who sends and hears what */
    bool has_read_faults;
    bool is_tight; /* little may be pending: senders are paused and refused (invariant 6) */
    struct peer peers[PEERS];
    struct memory memories[MEMORIES];
    struct request requests[REQUESTS];
    struct sending *sendings; /* by v */
    size_t sending_count, sending_cap;
    struct life lives[LIVES_MAX];
    size_t life_count;
    int64_t connections, moves, opened; /* counters */
};

/* --- random.c --- */
uint32_t play_random(struct play *play, uint32_t below);
bool play_chance(struct play *play, uint32_t percent);

/* --- sending.c --- */
/* Says it if loud: "peer 2 < TEXT". */
void play_say(const struct play *play, int peer, const char *how, struct span text);
/* A new number, noted with who sends it. */
int64_t play_note_sending(struct play *play, int peer, int session, int64_t id);
/* Somebody was shown this event of that life: noted, compared with what others were shown. */
void play_note_event(struct play *play, struct life *life, struct span event);
/* Somebody was shown it who need not know of which life it is. */
void play_note_seen(struct play *play, int session, struct span event);
/* The answer to a REST request came: noted, the slot is free. */
void play_take_answer(struct play *play, struct request *request);

/* --- life.c --- */
/* The life that this creation began; entered if it is new. */
struct life *play_life(struct play *play, int session, int64_t v);
/* The one that v belongs to; NULL: none. */
struct life *play_life_of(struct play *play, int session, int64_t v);
/* At rest the session is in this life (0: there is no such session). Returns it. */
struct life *play_settle_lives(struct play *play, int session, int64_t v);
/* The session's life at the last check; NULL: there was none. */
struct life *play_current_life(struct play *play, int session);

/* --- change.c --- */
/* A random change as an envelope; it gets a new v. */
void play_append_change(struct play *play, struct buf *out, int session, int peer, int64_t id);
/* A world_updated, which is always accepted where there is a session; over REST. */
void play_append_world(struct play *play, struct buf *out, int session);
/* A session_created or session_deleted. */
void play_append_lifecycle(struct play *play, struct buf *out, int session, int peer, int64_t id,
                           bool is_creation);

/* --- request.c --- */
/* REST: one event, or an array of them. */
void play_request(struct play *play);
/* Makes the session, which is not there. */
void play_create(struct play *play, int session);
/* A request whose outcome the reference foretells. */
void play_foretell(struct play *play);

/* --- trouble.c --- */
/* Things that go wrong, or take their time. */
void play_disturb(struct play *play, uint32_t what);
void play_release(struct play *play);
/* Notes what this hub and store have met; before they go. */
void play_collect(struct play *play);

/* --- peer.c --- */
const char *play_session_id(int session);
void peer_connect(struct play *play, struct peer *peer);
/* It hangs up; what it knows is kept as a memory. */
void peer_hang_up(struct play *play, struct peer *peer);
void peer_remember(struct play *play, const struct seat *seat, int session);
void peer_change(struct play *play, struct peer *peer, int session);
void peer_move(struct play *play, struct peer *peer, int session);
void peer_join(struct play *play, struct peer *peer, int session);
void peer_resume(struct play *play, struct peer *peer, struct memory *memory);
void peer_leave(struct play *play, struct peer *peer, int session);

/* --- hearing.c --- */
/* Reads all that came. */
void peer_read(struct play *play, struct peer *peer);
void play_read_all(struct play *play);

/* --- check.c --- */
/* Lets everything come to rest, then compares all with all. */
void play_check(struct play *play);

#endif
