/* What the files of the server share. Private to server*.c. */
#ifndef HD1_SERVER_STATE_H
#define HD1_SERVER_STATE_H

#include "config/config.h"
#include "hub/hub.h"
#include "metric.h"
#include "net/net.h"
#include "net/rest/rest.h"
#include "plugin/plugin.h"
#include "plugin/script/script.h"
#include "server/case_files.h"
#include "store/store.h"
#include "table.h"

#include <uv.h>

/* Stopping goes through these in order; each is left when its condition holds (server_stop.c). */
enum server_phase {
    SERVER_RUNNING,
    SERVER_DRAINING, /* nothing new comes in; until what is pending is committed and delivered */
    SERVER_WRITING,  /* dirty objects and cameras; until they are committed */
    SERVER_CLOSING,  /* goodbye was said; until the connections are closed */
    SERVER_STOPPED,
};

struct server {
    struct config *config;            /* borrowed; a reload changes it */
    const struct config_flags *flags; /* borrowed */
    uv_loop_t loop;
    uv_async_t store_wake; /* a store thread has something for us */
    uv_prepare_t round;    /* the end of each round */
    uv_timer_t wake;       /* the hub wants another round by then */
    uv_timer_t tick;       /* once a second */
    uv_timer_t due;        /* ticks and timers of plugins and world scripts */
    int64_t due_ms;        /* when that goes off; 0: it is not set */
    uv_timer_t stop;       /* looks whether stopping gets on */
    uv_poll_t signals;
    int signal_fd;
    bool has_loop;
    uint64_t round_end_ns, idle_ns; /* at the end of the last round, see server_watchdog.c */
    struct histogram round_us;
    int64_t long_rounds[WATCH_CAUSES];
    struct table long_steps;    /* what is counted of them by its labels, see there */
    struct buf last_long_round; /* labels of the last long one */
    int64_t last_long_round_ns; /* 0: there was none */
    uint64_t long_round_logged_ns;

    struct store *store;
    struct hub *hub;
    struct plugins *plugins;
    struct case_files cases;
    struct scripts *scripts;
    struct rest *rest;
    struct net *net;

    struct reload_waiter *reload_waiters; /* who asked for a reload, in no order; owned */
    bool is_reload_wanted, is_state_discarded;
    int64_t reload_by_ms; /* monotonic: until then a reload waits for what plugins keep; 0: none */
    int64_t reloads_ok, reloads_failed;

    enum server_phase phase;
    int64_t stop_by_ms;      /* monotonic */
    bool is_abandoned;       /* the disk did not answer in time: its threads cannot be waited for */
    size_t heap_connections; /* at the last tick; for how many ticks so many: rest_heap() */
    int heap_ticks;
    int exit_code;
};

/* server_build.c: makes all parts. 0 or an exit code; what is made by then is to be taken down. */
int server_build(struct server *server);

/* server_loop.c: the loop and its handles; start arms what serving needs. */
int server_loop_init(struct server *server);
void server_loop_start(struct server *server);
void server_loop_fini(struct server *server);
/* One end of a round: the hub, and what REST put off. */
void server_round(struct server *server);
/* For store_options and hub_options; ctx is the server. */
void server_store_wake(void *ctx);
void server_hub_wake_in(void *ctx, int ms);

/* server_signals.c: SIGTERM and SIGINT stop the server, SIGHUP reloads; read by the loop from start
 * on. Hand back: from now on the handler gets SIGTERM and SIGINT at once; then the loop may end. */
int server_signals_init(struct server *server);
void server_signals_start(struct server *server);
void server_signals_hand_back(void (*handler)(int number));
void server_signals_fini(struct server *server);

/* server_due.c: sets the timer for what plugins and scripts have next; each round. */
void server_due_arm(struct server *server);

/* server_stop.c */
void server_stop_begin(struct server *server);
void server_stop_step(struct server *server);

/* server_reload.c: a reload takes place at the end of the round (step); whoever asks before it
 * begins shares its outcome, so there is never more than one. ctx is the server; done may be NULL,
 * and is not called if the server stops before. */
void server_reload_ask(void *ctx, bool is_state_kept, rest_reload_fn done, void *done_ctx);
void server_reload_step(struct server *server);
void server_reload_fini(struct server *server);

/* server_scripts.c: runs all world scripts dry. Faults: of those that a configured session names,
 * then HD1_ESCRIPT; warnings: of the others. A line each. */
int server_scripts_check(const struct config *config, struct buf *faults, struct buf *warnings);

/* server_lines.c: takes the next line that is not empty off the front of text. */
bool server_next_line(struct span *text, struct span *line);

/* server_sessions.c: makes the configured sessions that do not exist. 0 or an exit code. */
int server_sessions_make(struct server *server);

/* server_metrics.c: GET /metrics; ctx is the server. */
void server_append_metrics(void *ctx, struct buf *out);

/* server_watchdog.c: a round is over; what /metrics says of rounds. */
void server_note_round(struct server *server);
void server_append_rounds(struct server *server, struct buf *out);
void server_watchdog_fini(struct server *server);

/* server_limits.c: raises the descriptor limit; how many of these connections it allows. */
size_t server_limits_raise(size_t connections);

#endif
