/* Following single events through the server, on request. */
#include "hub/hub_state.h"

#include "err.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>

enum stage { RECEIVED, STARTED, ACCEPTED, HANDED_OVER, COMMITTED, FLUSHED, STAGE_COUNT };

/* What a stage's time is logged as: since the stage before it. */
static const char *const stage_texts[] = {[STARTED] = "wait_us",
                                          [ACCEPTED] = "hooks_us",
                                          [HANDED_OVER] = "queue_us",
                                          [COMMITTED] = "commit_us",
                                          [FLUSHED] = "flush_us"};

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
traces_fini(struct hub *hub)
{
    free_list(&hub->traces.open);
    free_list(&hub->traces.flight);
    free_list(&hub->traces.done);
}

int64_t
traces_receive(const struct hub *hub)
{
    return hub->traces.every > 0 ? hub_mono_us(hub) : 0;
}

void
traces_start(struct hub *hub, int64_t received_us)
{
    if (hub->traces.every > 0) {
        hub->traces.received_us = received_us;
        hub->traces.started_us = hub_mono_us(hub);
    }
}

void
traces_accept(struct hub *hub, const struct event *event)
{
    if (hub->traces.every <= 0 || ++hub->traces.count % hub->traces.every != 0)
        return;
    struct trace *trace = mem_zalloc(sizeof(*trace));

    trace->us[RECEIVED] = hub->traces.received_us;
    trace->us[STARTED] = hub->traces.started_us;
    trace->us[ACCEPTED] = hub_mono_us(hub);
    trace->seq = event->seq;
    snprintf(trace->type, sizeof(trace->type), "%s", event->type->name);
    snprintf(trace->session, sizeof(trace->session), "%s", session_id(event->session));
    trace->next = hub->traces.open;
    hub->traces.open = trace;
}

/* All of one list reach a stage, and are on the next list then. */
static void
move(const struct hub *hub, struct trace **from, struct trace **to, enum stage stage)
{
    int64_t now = *from ? hub_mono_us(hub) : 0;

    while (*from) {
        struct trace *trace = *from;

        *from = trace->next;
        trace->us[stage] = now;
        trace->next = *to;
        *to = trace;
    }
}

void
traces_hand_over(struct hub *hub)
{
    move(hub, &hub->traces.open, &hub->traces.flight, HANDED_OVER);
}

void
traces_commit(struct hub *hub)
{
    move(hub, &hub->traces.flight, &hub->traces.done, COMMITTED);
}

/* last: the stage it got to. */
static void
log_trace(const struct trace *trace, const char *what, enum stage last)
{
    const int64_t *us = trace->us;
    struct log_field times[STAGE_COUNT];

    for (enum stage stage = STARTED; stage <= last; stage++)
        times[stage] = log_int(stage_texts[stage], us[stage] - us[stage - 1]);
    for (enum stage stage = last + 1; stage < STAGE_COUNT; stage++)
        times[stage] = LOG_END;
    log_info("trace", what, log_str("session", trace->session), log_int("seq", trace->seq),
             log_str("type", trace->type), log_int("total_us", us[last] - us[RECEIVED]),
             times[STARTED], times[ACCEPTED], times[HANDED_OVER], times[COMMITTED], times[FLUSHED]);
}

/* Takes what is pending of the session off the list. why: and logs it so, as being at that stage;
 * NULL: it does not. */
static void
drop(struct trace **list, const struct session *session, const char *why, enum stage stage)
{
    while (*list) {
        struct trace *trace = *list;

        if (strcmp(trace->session, session_id(session)) != 0 || trace->seq <= session->committed) {
            list = &trace->next;
            continue;
        }
        if (why)
            log_trace(trace, why, stage);
        *list = trace->next;
        free(trace);
    }
}

void
traces_fail(struct hub *hub, const struct session *session, int status)
{
    static const char lost[] = "event was not stored";

    drop(&hub->traces.done, session,
         status == HD1_EOUTCOME ? "event may not have been stored" : lost, COMMITTED);
    drop(&hub->traces.open, session, lost, ACCEPTED);
}

void
traces_forget(struct hub *hub, const struct session *session)
{
    drop(&hub->traces.open, session, NULL, ACCEPTED);
}

/* Not if a later round does that. */
static bool
is_flushed(struct hub *hub, const struct trace *trace)
{
    const struct session *session = session_find(hub, span_of(trace->session));

    return !session || !list_is_linked(&session->in_flush);
}

void
traces_flush(struct hub *hub)
{
    int64_t now = hub->traces.done ? hub_mono_us(hub) : 0;
    struct trace **at = &hub->traces.done;

    while (*at) {
        struct trace *trace = *at;

        if (!is_flushed(hub, trace)) {
            at = &trace->next;
            continue;
        }
        trace->us[FLUSHED] = now;
        log_trace(trace, "event", FLUSHED);
        *at = trace->next;
        free(trace);
    }
}
