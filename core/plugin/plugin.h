/*
 * Plugins: Lua files of the operator, each in a Lua state of its own, called by the hub at its
 * moments (hub/hooks.h) in the order of the configuration. Hub thread.
 *
 * A plugin that fails, loops or eats memory is stopped, named in the log with a traceback, and
 * costs its own verdict, never the server.
 */
#ifndef HD1_PLUGIN_PLUGIN_H
#define HD1_PLUGIN_PLUGIN_H

#include "buf.h"
#include "hub/hub.h"
#include "hub/web.h"
#include "span.h"

struct plugins;

struct plugin_entry {
    const char *name;
    struct span options; /* its part of the configuration, a JSON object */
    const char *where;   /* "hd1.lua:12", for messages */
};

/* A call of a plugin's function that failed. Lent while it is told. */
struct plugin_failure {
    const struct plugin *of;
    const char *plugin; /* its name */
    const char *moment; /* "before_event", ... */
    const char *error;  /* FILE:LINE: what, and below it the traceback */
    int64_t file_hash;  /* of the plugin's file, as plugins_is_file() takes it */
};

/* How many more a session has than there are: when a call is played again, not all of them are. */
struct plugins_absent {
    size_t objects, clients;
};

struct plugins_options {
    const char *shipped;    /* searched for what `path` does not have; NULL: nothing */
    const char *path;       /* folder of NAME.lua; PATH/lib holds what they require */
    const char *path_where; /* who says so, "hd1.lua:3", for messages; NULL: nobody */
    const struct plugin_entry *entries;
    size_t entry_count;
    bool *is_faulty; /* by entry: filled in, does this one not load? NULL ok */
    /* For plugins whose own options do not say (plugin_limits.c); 0: the default. */
    size_t memory_bytes;  /* cap of each state (16 MiB) */
    int64_t instructions; /* budget of one call (1,000,000) */
    /* What hd1.mono_ms(), breakers, timers, ticks and the time of calls go by; NULL: clock.h's. */
    int64_t (*mono_ms)(void *ctx);
    void *clock_ctx;
    /* Told of each failure, before it is logged; may append to file the name of the file it wrote
     * about it, or why it did not, which is logged along. NULL ok. */
    void (*failed)(void *ctx, const struct plugin_failure *failure, struct buf *file);
    void *failed_ctx;
    /* For testing/replay.c; NULL: nobody is absent. */
    struct plugins_absent (*absent)(void *ctx, const struct session *session);
    void *absent_ctx;
};

/*
 * Loads all plugins and calls their setup; event types they declare go into types (a clash
 * refuses), which is borrowed. On failure *plugins is NULL, nothing has changed, and why holds one
 * line per fault with FILE:LINE and what to do. hub may be NULL (`hd1 check`): then nothing can be
 * emitted.
 */
int plugins_load(struct plugins **plugins, const struct plugins_options *options,
                 struct event_types *types, struct hub *hub, struct buf *why);
/* NULL ok. Before hub_free(): plugins hold clients. Not inside a hook. Their WebSockets, if any are
 * open still, are closed with 1012 (come back); what web_hooks gave for them stays good until
 * `closed`. */
void plugins_free(struct plugins *plugins);

/*
 * Before a reload: is what these plugins keep in memory? 0; HD1_EBUSY: it is being read, ask again
 * in a later round; HD1_EIO: it cannot be read (or is_late, and is not), why says of which.
 */
int plugins_ask_stores(struct hub *hub, const struct plugins_options *options, bool is_late,
                       struct buf *why);
/*
 * A reload, in two steps within one round of the loop, when no hook is on the stack:
 * prepare loads a new generation beside the one that runs, as plugins_load() does, and changes
 * nothing; its owner gives *next to replace, or to plugins_free() to abandon it.
 */
int plugins_prepare(struct plugins *plugins, struct plugins **next,
                    const struct plugins_options *options, struct buf *why);
/*
 * Hands the state over by save and restore (unless it is to be discarded), then puts the new
 * generation in the place of the old one, which is freed: `plugins`, plugins_hooks() and
 * plugins_web() stay where they are, each plugin goes on as the same client and counts on. Timers
 * and ticks of the old one end, those of the new one begin; breakers and shares of CPU start anew.
 * Takes next in either case. 0, or HD1_EINVAL: a save or restore failed, why says which, and the
 * old generation goes on as it was.
 */
int plugins_replace(struct plugins *plugins, struct plugins *next, bool is_state_kept,
                    struct buf *why);
/* 1 after plugins_load(), one more after each reload. */
int64_t plugins_generation(const struct plugins *plugins);
/* Appends a JSON array for the answer to a reload: name, version, restored. */
void plugins_append_summary(const struct plugins *plugins, struct buf *out);

/* For hub_set_hooks(); valid as long as plugins. */
const struct hub_hooks *plugins_hooks(struct plugins *plugins);
/* For the network and REST: before_connect, routes, sockets; valid as long as plugins. What has no
 * plugin that wants it is NULL. */
const struct web_hooks *plugins_web(struct plugins *plugins);
/* Does one of them say who somebody is: has it before_connect? */
bool plugins_authenticate(const struct plugins *plugins);
/*
 * Ticks and timers. due: when the next one is to be run, in monotonic ms (as options.mono_ms says),
 * perhaps in the past; INT64_MAX: none. Cheap; hooks, joins and timers change it, so ask again at
 * the end of each round of the loop. run_due runs what is due, each plugin for some ms; what is
 * left is due at once, so that a round stays short. Never inside a hook.
 */
int64_t plugins_due_ms(struct plugins *plugins);
void plugins_run_due(struct plugins *plugins);
/* Once a second, never inside a hook: what plugins do not need any more is given back though
 * nothing runs in them. */
void plugins_tidy(struct plugins *plugins);
/* Appends a JSON object of the plugins that are not "running": name: "resting" | "throttled". */
void plugins_append_states(const struct plugins *plugins, struct buf *out);
/* Appends a JSON array: name, version, generation, state, on_error, bounds and what is used of
 * them, calls, errors, rejections, skipped, hooks, routes, sockets, events, config. */
void plugins_describe(const struct plugins *plugins, struct buf *out);

/* Appends a case file about the failure, a JSON object (plugin_case.c): what `hd1 test FILE` needs
 * to make the same call again, as far as it fits into bytes_max. */
void plugin_failure_append_case(const struct plugin_failure *failure, size_t bytes_max,
                                struct buf *out);
/* Is the file of the one plugin that is loaded the one that a case file names by this hash? */
bool plugins_is_file(const struct plugins *plugins, int64_t hash);
/* Makes such calls again, which no hub makes: on_tick for that session; */
void plugins_play_tick(struct plugins *plugins, struct session *session, int64_t number,
                       double dt_s);
/* ... timers whose function is written at that place, "x.lua:12" (SPAN_NONE: all), each at once.
 * How many; */
size_t plugins_play_timers(struct plugins *plugins, struct span place);
/* ... resume, for all sockets that are open; how many; */
size_t plugins_play_resume(struct plugins *plugins);
/* ... restore with that state (JSON), or save if state.at is NULL. Negative if it failed. */
int plugins_play_handover(struct plugins *plugins, struct span state, const char *old_version,
                          struct buf *why);

/* Appends the plugins' figures for /metrics, in Prometheus' text format. */
void plugins_append_metrics(const struct plugins *plugins, struct buf *out);

#endif
