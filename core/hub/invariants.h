/*
 * The invariants 1 to 6 of hub.h, asserted where they could be broken first. In debug builds only
 * (HD1_INVARIANTS, defined for CMake's build type Debug): to check them costs about as much as to
 * keep them. Private to hub/.
 */
#ifndef HD1_HUB_INVARIANTS_H
#define HD1_HUB_INVARIANTS_H

#include "hub/hub_state.h"

#ifdef HD1_INVARIANTS

/* 1: an applied event is about to enter the open batch. */
void invariants_at_journal(const struct event *event);
/* 1: a committed event, encoded, is about to enter the ring. */
void invariants_at_append(const struct session *session, const struct batch_event *event,
                          struct span payload);
/* 2: the member, answered now, has everything up to its cursor. */
void invariants_at_begin(struct member *member);
/* 2: bytes of its session's ring, up to the event `last`, are about to be written to the member. */
void invariants_at_write(struct member *member, struct span bytes, int64_t last);
/* 2: so are these events from the store. */
void invariants_at_history(struct member *member, const struct store_event *events, size_t count);
/* 3: the state as a number, before a message is applied (0: too large to look at). */
uint64_t invariants_before(const struct session *session);
/* 3: the message was refused: nothing has changed. */
void invariants_at_refusal(const struct session *session, uint64_t before);
/* 3: a session is about to be evicted, everything of it on disk. */
void invariants_at_eviction(const struct session *session);
/* 3: it was loaded: the same as it was then, if nothing happened to it since. */
void invariants_at_load(const struct session *session);
/* 1, 3, 6: the batch is about to be handed over. */
void invariants_at_handover(const struct hub *hub, const struct batch *batch);
/* 4: something that rests on the session's state up to that seq is about to leave. */
void invariants_at_release(const struct session *session, int64_t seq);
/* 5: a batch came back, nothing of it was appended yet. */
void invariants_at_commit(struct hub *hub);
/* 6: a message was accepted. */
void invariants_at_acceptance(const struct hub *hub);
/* What the hub remembers for all this. */
void invariants_fini(struct hub *hub);

#else

#define invariants_at_journal(event) ((void)0)
#define invariants_at_append(session, event, payload) ((void)(payload))
#define invariants_at_begin(member) ((void)0)
#define invariants_at_write(member, bytes, last) ((void)0)
#define invariants_at_history(member, events, count) ((void)0)
#define invariants_before(session) UINT64_C(0)
#define invariants_at_refusal(session, before) ((void)(before))
#define invariants_at_eviction(session) ((void)0)
#define invariants_at_load(session) ((void)0)
#define invariants_at_handover(hub, batch) ((void)0)
#define invariants_at_release(session, seq) ((void)0)
#define invariants_at_commit(hub) ((void)0)
#define invariants_at_acceptance(hub) ((void)0)
#define invariants_fini(hub) ((void)0)

#endif

#endif
