/* A member: a client in a session, from its join to its leave. Private to hub/. */
#ifndef HD1_HUB_MEMBER_STATE_H
#define HD1_HUB_MEMBER_STATE_H

#include "hub/refusal.h"
#include "hub/snapshot.h"
#include "span.h"

#include <stdbool.h>
#include <stdint.h>

struct client;
struct hub;
struct session;

enum member_state {
    MEMBER_JOINING,     /* waits until its answer may leave (epoch and state on disk) */
    MEMBER_SNAPSHOT,    /* gets pages */
    MEMBER_CATCHING_UP, /* gets history from store or ring, up to the head */
    MEMBER_LIVE,
};

/* What a join asked for; kept until it is answered, for it may have to be made again. */
struct join_request {
    struct client *client; /* a reference */
    int64_t id;
    int64_t since; /* -1: a fresh join */
    char epoch[24];
    int tries; /* commits that failed under it */
};

/* The way from its join to live. */
struct arrival {
    struct join_request *asked; /* until it is answered; owned */
    struct snapshot *snapshot;  /* it gets, or is to get; a reference; or NULL */
    const char *reason;         /* why a snapshot and not a resume: static text or NULL */
    uint64_t number;            /* tells it from others of the same client */
    uint64_t volatile_joined;   /* the session's counter of volatile events when it was answered */
    uint32_t page;              /* next page of the snapshot */
    bool is_reading_history;    /* a page is on its way from the store */
};

/* What it says of itself, and plugins of it; presence.c. */
struct presence {
    char *said;     /* by `presence`, a JSON object; or NULL */
    char *put_over; /* what plugins put over that, likewise */
    char *seen;     /* both, as others see it, likewise */
    int64_t sent_ms;
    struct member *member;
    struct presence *due_prev, *due_next; /* in hub->presence_due */
    bool is_due;                          /* a change waits there for its 100 ms */
    bool owes_info, owes_seen;            /* what has changed: the client's info, `seen` */
};

/* There is one for each client at rest: 72 bytes and the allocator's 8. */
struct member {
    struct client *client;
    struct session *session;
    struct member *next_of_client;
    int64_t cursor;            /* last durable event sent */
    uint64_t volatile_seen;    /* counter of the newest volatile event it was given */
    struct arrival *arrival;   /* until it is live and up to date; then NULL */
    struct presence *presence; /* NULL: nothing was said */
    int64_t joined_ms;
    uint32_t index;       /* in session->members */
    uint8_t state;        /* enum member_state */
    bool is_round_sender; /* while a round is flushed: some of it is its own */
#ifdef HD1_INVARIANTS
    int64_t told; /* what the cursor must be: see invariants.c */
#endif
};

/* The snapshot it gets, or is to get, or NULL. */
static inline struct snapshot *
member_snapshot(const struct member *member)
{
    return member->arrival ? member->arrival->snapshot : NULL;
}

/* What a member waits for. It may leave meanwhile, and even join again: that is another member. */
struct join {
    struct client *client;   /* a reference */
    struct session *session; /* a reference */
    uint64_t number;         /* of its arrival */
    int64_t id;
};

/* member.c, catch_up.c */
struct join *join_new(const struct member *member, int64_t id);
void join_free(struct join *join);
struct member *join_member(const struct join *join);
void join_refuse(const struct join *join, struct member *member, int err);
void member_answer(struct member *member);
void member_answered(struct member *member);
void member_expire(struct member *member, int64_t id);
void catch_up_begin(struct member *member, int64_t id);
void member_join(struct session *session, struct join_request *request);
void member_leave(struct member *member);
void member_dismiss_all(struct session *session, const struct refusal *refusal);
void member_pump(struct member *member);
void member_restart(struct member *member);
void member_settle(struct member *member);
bool member_is_at_head(const struct member *member);

/* presence.c */
void presence_joined(struct member *member);
void presence_left(struct session *session, struct client *client);
void presence_info(struct client *client, struct span info);
void presence_update(struct member *member, struct span presence);
void presence_put_over(struct member *member, struct span members);
struct span presence_seen(const struct member *member);
void presence_free(struct member *member);
void presence_flush(struct hub *hub);

#endif
