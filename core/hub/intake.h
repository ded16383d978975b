/*
 * A message on its way through hub_receive(), as the files of that way share it: receive.c (the
 * whole message), dispatch.c (its session), process.c (its events), answer.c (what its sender is
 * told). Private to hub/.
 */
#ifndef HD1_HUB_INTAKE_H
#define HD1_HUB_INTAKE_H

#include "hub/envelope.h"
#include "hub/hub_state.h"

/* A message being received; copied to the heap if it must wait for its session. */
struct intake {
    struct hub *hub;
    struct message message;
    struct span value;             /* the checked JSON: an envelope or an array of them */
    struct envelope first;         /* of its first event, as far as it could be read */
    const struct event_type *type; /* of that, for the watchdog; NULL: not known */
    size_t count;
    size_t bytes;             /* of its durable events so far */
    int64_t received_us;      /* see trace.h */
    struct buf text;          /* owns the bytes once parked */
    bool names_session;       /* its sender said for which session it is */
    char session_id[ID_SIZE]; /* "": none, or that is no id */
    char epoch[32];           /* of message.if_epoch, once parked */
    bool is_creation;         /* session_created: there must be none of that id */
};

/* --- receive.c --- */

/* For the watchdog: what began with step is over, and was about this message. */
void intake_watched(const struct intake *intake, const struct watch_step *step);

/* --- dispatch.c --- */

/* Finds the session that the message is for, and goes on with it there, or once it is loaded. */
void intake_dispatch(struct intake *intake);

/* --- process.c --- */

/* All events of the message, or none (invariant 3). The sender is answered. */
void intake_process(struct intake *intake, struct session *session);

/* --- answer.c --- */

/*
 * The sender is told that event `index` (with its own id, 0: none) is refused. Takes the refusal's
 * bytes. A refusal may show uncommitted state, so it waits for that; session NULL: it shows none.
 */
void intake_refuse(struct intake *intake, struct session *session, struct refusal *refusal,
                   int64_t id, size_t index);
void intake_refuse_as(struct intake *intake, struct session *session, enum refusal_code code,
                      const char *what);
void intake_refuse_copy(struct intake *intake, const struct refusal *refusal);
/* Nonsense and what is over a limit: told at a bounded rate, and logged seldom. Takes the bytes. */
void intake_refuse_nonsense(struct intake *intake, struct refusal *refusal);
/* The events were applied: the sender's reply, if it wants one, waits until they are on disk. */
void intake_accepted(struct intake *intake, struct session *session, const struct event *events,
                     size_t count);

#endif
