/*
 * What the files of this directory share about plugins; private to it. One struct plugin per file
 * in the configuration's list, one struct plugins for all.
 */
#ifndef HD1_PLUGIN_PLUGIN_STATE_H
#define HD1_PLUGIN_PLUGIN_STATE_H

#include "clock.h"
#include "hub/basis.h"
#include "metric.h"
#include "plugin/breaker.h"
#include "plugin/case/case_reads.h"
#include "plugin/hook_call.h"
#include "plugin/moment.h"
#include "plugin/outbox.h"
#include "plugin/plugin.h"
#include "plugin/route_pattern.h"
#include "plugin/tick.h"
#include "plugin/timers.h"
#include "plugin/vm/cpu_share.h"
#include "plugin/vm/vm.h"
#include "json/json_schema.h"

#define NS_PER_MS 1000000

struct plugin;

/* What a before-hook answered, taken out of Lua. */
enum answer_kind {
    ANSWER_PASS,
    ANSWER_REJECT,
    ANSWER_PATCH,
    ANSWER_REPLACE,
    ANSWER_DROP,
    ANSWER_IDENTITY
};

struct answer {
    enum answer_kind kind;
    int status;
    char code[48];
    char message[256];
    int64_t retry_after_ms;
};

/* What save and restore hand over. */
struct handover {
    struct buf state; /* JSON; empty: none */
    const char *old_version;
};

#define HOOK_TIME_BUCKETS 10 /* that are shown: 1 us, 4 us, ... 262 ms, everything */

/* Why a call was not made. */
enum skip_reason {
    SKIP_RESTING,   /* the breaker */
    SKIP_CPU_SHARE, /* its share of the second was used up */
    SKIP_LATE,      /* a tick whose time was over before the one before it was done */
    SKIP_COUNT
};

struct hook_stats {
    struct histogram time_us; /* of each call; its count is the number of calls */
    int64_t ns;               /* of all, exactly */
    int64_t instructions;     /* of all; counted by 250, so exact only in the sum of many calls */
    int64_t errors, rejections;
    int64_t skipped[SKIP_COUNT];
};

/* The core's own options of each plugin, see plugin_limits.c. */
struct plugin_limits {
    bool is_open_on_error;
    double cpu_share;
    int64_t memory_bytes, instructions, emits_per_second, store_bytes;
};

/* A function for events: of one type, of all that begin with pattern (it ended in *), "" for all.
 */
struct event_hook {
    char pattern[ID_SIZE];
    bool is_prefix;
    int ref;
};

struct event_hooks {
    struct event_hook *items;
    size_t count;
};

/* A REST endpoint: sorted, so that the first that matches is the one. */
struct route {
    struct plugin *plugin;
    struct route_pattern pattern;
    int ref;
};

/* A WebSocket endpoint; LUA_NOREF: no function. */
struct endpoint {
    char *path;
    char *subprotocol; /* or NULL */
    int connect_ref, resume_ref, message_ref, close_ref;
    size_t open_count;
};

/* One connection to it. Lives until web_hooks.closed, whatever becomes of the plugin. */
struct plugin_socket {
    struct plugin *plugin; /* NULL: it is gone, and so is all but port and conn */
    struct endpoint *endpoint;
    struct client *client; /* borrowed */
    const struct web_port *port;
    void *conn;
    bool awaits_resume; /* taken over by a reload, and its plugin was not told yet */
    bool is_ending;     /* by the server: the plugin hears no more of it but its end */
    struct outbox outbox;
    struct socket_box *box; /* what Lua holds of it; NULL: nothing yet */
    struct plugin_socket *prev, *next;
};

/* The boxes of clients; box_client.c. */
struct client_boxes {
    int all_ref;                   /* a weak table, client -> box */
    int seen_ref, seen_before_ref; /* arrays of the boxes that hooks got in this turn, the last */
    size_t seen, seen_before;      /* how many */
    size_t made;                   /* since the table was made anew */
    uint64_t turn;
    int64_t turned_ms;
};

struct plugin {
    struct plugins *all; /* borrowed */
    struct plugin *old;  /* while staged: of that name in the generation that runs; lends client */
    struct vm *vm;
    struct client *client; /* its own, for what it emits; NULL without a hub */
    char *name, *version, *path, *where;
    bool is_faulty;    /* something was wrong while it was loaded */
    bool is_open;      /* its file ran, and setup can be called: its options are complete */
    bool is_shipped;   /* its file is of the folder that ships */
    int64_t file_hash; /* of the file that was loaded */
    bool is_restored;  /* it got the state of the generation before */
    bool has_read_schemas;
    struct plugin_limits limits;
    int64_t load_left;         /* of what a reload gives its loading, in instructions */
    struct kv_space *store;    /* the hub's; NULL without a hub */
    struct buf faults;         /* found while loading, a line each */
    struct buf config;         /* the effective options as JSON, secrets left out */
    int config_ref, setup_ref; /* between the phases of loading */
    char **types;              /* names of the event types it declares */
    size_t type_count;
    int hook_refs[MOMENT_COUNT]; /* LUA_NOREF: none; not for events */
    struct event_hooks before_event, after_event;
    struct route *routes;
    size_t route_count;
    struct endpoint *endpoints;
    size_t endpoint_count;
    struct plugin_socket *sockets;  /* that are open */
    struct plugin_socket *resuming; /* the first of them that may await its resume; NULL: none */
    int64_t resume_due_ms;          /* not before */
    struct breaker breaker;
    struct cpu_share share;
    struct hook_stats stats[MOMENT_COUNT];
    int64_t ended_ns;             /* when the last call did */
    int64_t share_logged_ms;      /* when it was last said that the share is used up */
    int64_t share_skipped;        /* calls since */
    enum skip_reason skipped_for; /* why plugin_may_run() last said no */
    struct timers timers;
    struct new_timers *new_timers; /* that depend on an event, api_timer.c */
    struct ticker ticker;
    /* while a hook runs */
    struct hook_call now;
    int emits;                               /* of this call */
    int acts;                                /* ... messages to single clients and kicks */
    bool has_queued;                         /* any of these, or a session to be opened: */
    struct hub_emit_mark emit_mark;          /* before the first of them */
    bool has_written;                        /* to hd1.store: */
    size_t store_mark;                       /* where that began */
    struct outgoing *sent_first, *sent_last; /* to sockets */
    uint64_t timer_mark;                     /* the last timer before the call */
    struct basis basis;      /* what it read, wrote and emitted; good until the next call */
    struct case_reads reads; /* what it looked up, for case files */
    uint64_t call_count;     /* numbers the calls: a session's box is good for one */
    int64_t emit_second;     /* the second that is counted in */
    int64_t emits_of_second, emits_sent, emits_refused;
    struct answer answer;
    struct buf answer_json;    /* details, members, data or identity */
    struct buf answer_headers; /* of a refusal: "name: value\r\n" each */
    /* the boxes and their caches, see box.h */
    struct opening *openings; /* calls of hd1.open that wait */
    int opening_count;
    struct plugin_metric *metrics; /* own_metrics.h; the newest first */
    size_t metric_count;
    struct json_schema **schemas; /* of hd1.checker */
    size_t schema_count, schema_cap, schema_bytes;
    struct json_schema_fault schema_fault; /* of the last check */
    unsigned char random[256];             /* drawn from the system, api_random.c */
    size_t random_left;
    int event_box, message_box, sessions_ref, sockets_ref;
    const void *event_box_at; /* what event_box refers to */
    size_t session_count, world_bytes;
    struct client_boxes client_boxes;
    /* of log lines, see api_log.c */
    int64_t log_second;
    int log_lines, log_suppressed;
};

/* Who is called for events of one type, in order; hangs on event_type.hooks. */
struct type_hook {
    struct plugin *plugin;
    int ref;
};
struct type_hooks {
    size_t before_count, after_count;
    struct type_hook items[]; /* the befores, then the afters */
};

/* A generation, and what stays when another takes its place (plugin_reload.c). */
struct plugins {
    struct plugin **items;
    size_t count;
    struct plugins_options options; /* good only while loading, but for what it calls */
    int64_t generation;             /* 1, 2, ... */
    struct event_types *types;      /* what plugins see: the stage while loading, then the hub's */
    struct event_types *hub_types;  /* borrowed */
    struct event_types stage;       /* the core's and what this generation declares */
    struct plugins *old; /* while staged: the generation that runs; NULL: there is none */
    bool is_staged;      /* nothing of it is in force yet */
    struct hub_emit_mark emit_mark; /* before its setups */
    struct hub *hub;
    struct hub_hooks hooks;
    struct web_hooks web;
};

int64_t plugins_mono_ms(const struct plugins *plugins);
/* What calls are timed by: the same clock, finer unless options.mono_ms stands in for it. */
static inline int64_t
plugins_mono_ns(const struct plugins *plugins)
{
    return plugins->options.mono_ms
               ? plugins->options.mono_ms(plugins->options.clock_ctx) * NS_PER_MS
               : clock_mono_ns();
}
/* How long the hub's thread has run; a clock that stands in says nothing of it. */
static inline int64_t
plugins_thread_ns(const struct plugins *plugins)
{
    return plugins->options.mono_ms ? CPU_SHARE_NO_THREAD : clock_thread_ns();
}
int64_t plugins_unix_ms(const struct plugins *plugins);

/* --- loading: each appends a line per fault to why and returns 0 or HD1_EINVAL --- */

#define PLUGIN_LOAD_FACTOR 10 /* at the start loading may take more than a hook */

/* plugin.c: loads a generation beside the one that runs (old; may be NULL). *out is NULL if that
 * failed. plugins_free() leaves no trace of a staged one. */
int plugins_stage(struct plugins **out, const struct plugins_options *options, struct plugins *old,
                  struct event_types *types, struct hub *hub, struct buf *why);
/* It is in force from here on: its event types are the hub's. */
void plugins_settle(struct plugins *plugins);

/* plugin_find.c: is the folder of plugins there, if there are to be any? */
int plugins_check_folder(const struct plugins *plugins, struct buf *why);
/* The operator's folder first, then what ships; if it is in neither, its path is of the former. */
void plugin_find_file(struct plugin *plugin);
/* Can it be read? If not, the nearest name that there is is told. */
int plugin_check_file(const struct plugin *plugin, struct buf *why);
/* plugin_file.c: makes the state, runs the file, checks the table it returns, declares its types.
 */
int plugin_open(struct plugin *plugin, struct span options, struct buf *why);
/* Calls setup and takes the hooks it returns. */
int plugin_setup(struct plugin *plugin, struct buf *why);
/* Calls of Lua for loading the plugin: its own, or a save of the one it takes the place of. While
 * others are served (a reload) all of them together get what one hook may use, at least
 * VM_INSTRUCTIONS_DEFAULT. */
void plugin_begin_loading(struct plugin *plugin, struct plugin *called);
void plugin_end_loading(struct plugin *plugin, struct plugin *called);
/* plugin_report.c: appends what its last call failed of, as FILE:LINE: ...; what setup refuses may
 * be an option, so the place of its entry in the configuration is told too. HD1_EINVAL. */
int plugin_report(const struct plugin *plugin, bool is_setting_up, struct buf *why);
/* schema_check.c: does each schema that a plugin declares compile, as validate would compile it?
 * What does not is forgotten. */
int plugins_check_schemas(struct plugins *plugins, struct buf *why);
/* These note faults; what is faulty is left out, so that others are found.
 * plugin_types.c, inside: registers the `events` of the table at index. [-0, +0] */
void plugin_declare_types(lua_State *L, struct plugin *plugin, int index);
/* plugin_config.c, inside: pushes the options, checked by the specs at index. False: some are
 * missing, so that setup cannot be called. [-0, +1] */
bool plugin_push_config(lua_State *L, struct plugin *plugin, int index, struct span options);
/* plugin_hooks.c, inside: takes what setup returned, on top. [-1, +0] */
void plugin_take_hooks(lua_State *L, struct plugin *plugin);
/* plugin_routes.c, plugin_sockets.c, inside: take what is keyed `routes`, `sockets`, on top. Raise.
 * [-1, +0] */
void plugin_take_routes(lua_State *L, struct plugin *plugin);
void plugin_take_sockets(lua_State *L, struct plugin *plugin);
void plugin_free_routes(struct plugin *plugin);
void plugin_free_sockets(struct plugin *plugin);
/* moment_resume.c: the open ones of plugin->old whose endpoint is still there are its own now. */
void plugin_take_over_sockets(struct plugin *plugin);
/* api_session.c: functions given to hd1.open() are not called any more. */
void plugin_forget_openings(struct plugin *plugin);
/* api_timer.c: whatever becomes of an event, its timers go with the plugin. */
void plugin_forget_new_timers(struct plugin *plugin);
/* Do all its patterns name an event type that exists? */
int plugin_check_patterns(const struct plugin *plugin, struct buf *why);

/* A number that tells one text of a file from another (FNV-1a). */
int64_t plugin_hash_file(const char *path);
/* Appends FILE:LINE of the first line of the plugin's file that has this word; FILE if none has. */
void plugin_append_where(const struct plugin *plugin, const char *word, struct buf *out);
/* Notes a fault of the plugin's file at that place, or of what the configuration says of it;
 * loading goes on, to find others, and fails in the end. For use inside and outside of Lua. */
void plugin_fault_at(struct plugin *plugin, const char *word, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void plugin_fault_configured(struct plugin *plugin, const char *what);
/* Raises an error that begins with that place, where nothing can go on. */
void plugin_fail_at(lua_State *L, const struct plugin *plugin, const char *word, const char *format,
                    ...) __attribute__((noreturn, format(printf, 4, 5)));

/* plugin_limits.c: takes the core's options out of the plugin's; what is left is appended to rest.
 */
int plugin_read_limits(struct plugin *plugin, struct span options, struct buf *rest,
                       struct buf *why);
/* Is this the name of such an option? */
bool plugin_limit_is(const char *name);
/* tick.c, inside: takes the value of on_tick, on top. Raises. [-1, +0] */
void plugin_take_tick(lua_State *L, struct plugin *plugin);

/* --- running --- */

/* plugin_call.c: calls a function that may refuse; what it answers becomes the verdict, its failure
 * too. event: of before_event, else NULL. */
enum verdict plugin_ask(struct plugin *plugin, const struct hook_call *call, struct event *event,
                        struct refusal *refusal);
/* Calls one that observes. 0; HD1_ECLOSED: it was not called (plugin_may_run()); else it failed. */
int plugin_tell(struct plugin *plugin, const struct hook_call *call);
/* The call fails because of what the client sent: he is refused so, and it is no failure of the
 * plugin's. */
void plugin_blame_client(struct plugin *plugin, enum refusal_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* moment_connect.c, moment_route.c, moment_socket.c: fill in their part of plugins->web. */
void moment_connect_init(struct plugins *plugins);
void moment_route_init(struct plugins *plugins);
void moment_socket_init(struct plugins *plugins);
/* plugin_skip.c: may it be called, as far as is known without a look at the clock? */
static inline bool
plugin_is_free(const struct plugin *plugin)
{
    return !plugin->breaker.is_tripped && !cpu_share_is_doubtful(&plugin->share);
}
/* May it be called now? If not, *wait_ms says for how long, and the call counts as skipped. */
bool plugin_may_run(struct plugin *plugin, enum moment moment, int64_t *wait_ms);
/* "running", "resting" (the breaker), "throttled" (its share of CPU is used up). */
const char *plugin_state_text(struct plugin *plugin);
const char *skip_reason_text(enum skip_reason reason);
/* api_timer.c, tick.c: calls what is due, until the plugins' clock says until_ns. */
void plugin_run_timers(struct plugin *plugin, int64_t now_ms, int64_t until_ns);
void plugin_run_ticks(struct plugin *plugin, int64_t now_ms, int64_t until_ns);
/* moment_resume.c: tells those that were taken over, like the two above; when it goes on. */
void plugin_run_resumes(struct plugin *plugin, int64_t now_ms, int64_t until_ns);
int64_t plugin_resume_due_ms(const struct plugin *plugin);
/* moment_socket.c: in its list; the one that goes out of it has to be in another, or to go. */
void plugin_list_socket(struct plugin_socket *socket, struct plugin *plugin,
                        struct endpoint *endpoint);
void plugin_unlist_socket(struct plugin_socket *socket);
/* ... calls its resume, if that is still awaited; ends it if that fails. */
void plugin_resume_socket(struct plugin_socket *socket);
/* When the next tick is; INT64_MAX: nobody is joined (then beats begin anew), or there is no
 * on_tick. */
int64_t plugin_tick_due_ms(struct plugin *plugin, int64_t now_ms);
/* hooks_resolve.c: who is called for this type; never NULL. */
const struct type_hooks *type_hooks_of(struct plugins *plugins, const struct event_type *type);
void type_hooks_forget(struct plugins *plugins);
/* hooks.c: fills in plugins->hooks. */
void hooks_init(struct plugins *plugins);

#endif
