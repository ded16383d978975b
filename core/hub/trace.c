/* Following single events through the server, on request. */
#include "hub/trace.h"

#include "buf.h"
#include "clock.h"
#include "hub/event.h"
#include "hub/session.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>

enum stage { RECEIVED, ACCEPTED, HANDED_OVER, COMMITTED, FLUSHED, STAGE_COUNT };

struct trace {
    struct trace *next;
    int64_t us[STAGE_COUNT]; /* when it got there, monotonic */
    int64_t seq;
    char type[ID_SIZE];
    char session[ID_SIZE];
};

static void
free_list(struct trace **list)
{
    while (*list) {
        struct trace *trace = *list;

        *list = trace->next;
        free(trace);
    }
}

void
traces_fini(struct traces *traces)
{
    free_list(&traces->open);
    free_list(&traces->flight);
    free_list(&traces->done);
}

void
traces_receive(struct traces *traces)
{
    if (traces->every > 0)
        traces->received_us = clock_mono_us();
}

void
traces_accept(struct traces *traces, const struct event *event)
{
    if (traces->every <= 0 || ++traces->count % traces->every != 0)
        return;
    struct trace *trace = mem_zalloc(sizeof(*trace));

    trace->us[RECEIVED] = traces->received_us;
    trace->us[ACCEPTED] = clock_mono_us();
    trace->seq = event->seq;
    snprintf(trace->type, sizeof(trace->type), "%s", event->type->name);
    snprintf(trace->session, sizeof(trace->session), "%s", session_id(event->session));
    trace->next = traces->open;
    traces->open = trace;
}

/* All of one list reach a stage, and are on the next list then. */
static void
move(struct trace **from, struct trace **to, enum stage stage)
{
    int64_t now = *from ? clock_mono_us() : 0;

    while (*from) {
        struct trace *trace = *from;

        *from = trace->next;
        trace->us[stage] = now;
        trace->next = *to;
        *to = trace;
    }
}

void
traces_hand_over(struct traces *traces)
{
    move(&traces->open, &traces->flight, HANDED_OVER);
}

void
traces_commit(struct traces *traces)
{
    move(&traces->flight, &traces->done, COMMITTED);
}

static void
log_trace(const struct trace *trace)
{
    const int64_t *us = trace->us;

    log_info("trace", "event", log_str("session", trace->session), log_int("seq", trace->seq),
             log_str("type", trace->type), log_int("hooks_us", us[ACCEPTED] - us[RECEIVED]),
             log_int("queue_us", us[HANDED_OVER] - us[ACCEPTED]),
             log_int("commit_us", us[COMMITTED] - us[HANDED_OVER]),
             log_int("flush_us", us[FLUSHED] - us[COMMITTED]),
             log_int("total_us", us[FLUSHED] - us[RECEIVED]));
}

void
traces_flush(struct traces *traces)
{
    struct trace *flushed = NULL;

    move(&traces->done, &flushed, FLUSHED);
    for (const struct trace *trace = flushed; trace; trace = trace->next)
        log_trace(trace);
    free_list(&flushed);
}
