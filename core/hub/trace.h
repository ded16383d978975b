/*
 * The trace switch: one durable event in N is followed from its receipt to the end of the flush
 * that delivers it, and logged with the time of each stage; the stages sum to the whole. One that
 * is not stored in the end is logged as such, up to where it got. Private to hub/.
 */
#ifndef HD1_HUB_TRACE_H
#define HD1_HUB_TRACE_H

#include "idgen.h"

#include <stdint.h>

struct event;
struct hub;
struct session;
struct trace;

/* Traces that are under way, by where their events are. */
struct traces {
    int every;            /* one event in so many; 0: none */
    int64_t count;        /* events seen */
    int64_t received_us;  /* when the message being processed came in */
    int64_t started_us;   /* when its session was there */
    struct trace *open;   /* in the open batch */
    struct trace *flight; /* at the writer */
    struct trace *done;   /* committed, to be flushed */
};

void traces_fini(struct hub *hub);
/* When a message comes in, for traces_start(). Cheap if nothing is traced. */
int64_t traces_receive(const struct hub *hub);
/* A message that came in then has its session now; its events follow. */
void traces_start(struct hub *hub, int64_t received_us);
/* An event was accepted and put into the open batch; followed if it is its turn. */
void traces_accept(struct hub *hub, const struct event *event);
/* The open batch went to the writer. */
void traces_hand_over(struct hub *hub);
/* The batch is back; what of it failed follows. */
void traces_commit(struct hub *hub);
/* What is pending of the session was not stored, or (HD1_EOUTCOME) it is not known whether it was.
 */
void traces_fail(struct hub *hub, const struct session *session, int status);
/* What is in the open batch of the session was taken back: it never was accepted. */
void traces_forget(struct hub *hub, const struct session *session);
/* At the end of a round's flush: logs what is complete. */
void traces_flush(struct hub *hub);

#endif
