/*
 * The trace switch: one durable event in N is followed from its receipt to the end of the flush
 * that delivers it, and logged with the time of each stage; the stages sum to the whole. Private to
 * hub/.
 */
#ifndef HD1_HUB_TRACE_H
#define HD1_HUB_TRACE_H

#include "idgen.h"

#include <stdint.h>

struct event;
struct trace;

/* Traces that are under way, by where their events are. */
struct traces {
    int every;            /* one event in so many; 0: none */
    int64_t count;        /* events seen */
    int64_t received_us;  /* when the message being received came in */
    struct trace *open;   /* in the open batch */
    struct trace *flight; /* at the writer */
    struct trace *done;   /* committed, to be flushed in this round */
};

void traces_fini(struct traces *traces);
/* A message came in. Cheap if nothing is traced. */
void traces_receive(struct traces *traces);
/* An event was accepted and put into the open batch; followed if it is its turn. */
void traces_accept(struct traces *traces, const struct event *event);
/* The open batch went to the writer. */
void traces_hand_over(struct traces *traces);
/* The batch is back; what failed is told by the journal. */
void traces_commit(struct traces *traces);
/* The round was flushed: logs what is complete. */
void traces_flush(struct traces *traces);

#endif
