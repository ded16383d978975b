/*
 * What the files about world scripts share; private to this directory. One struct script per
 * session that has one.
 */
#ifndef HD1_PLUGIN_SCRIPT_SCRIPT_STATE_H
#define HD1_PLUGIN_SCRIPT_SCRIPT_STATE_H

#include "hub/hub.h"
#include "idgen.h"
#include "plugin/script/script.h"
#include "plugin/timers.h"
#include "plugin/vm/vm.h"
#include "table.h"

#define SCRIPT_TIMERS_MAX 64
#define SCRIPT_SETUP_INSTRUCTIONS 10000000
#define SCRIPT_TIME_BUCKETS 10 /* that are shown: 1 us, 4 us, ... 262 ms, everything */

/* What running the file asked for. */
struct script_object {
    char name[ID_SIZE];
    int line;        /* of the call */
    struct buf body; /* JSON object */
};
struct script_plan {
    struct buf world, camera; /* JSON objects; empty: not said */
    int world_line, camera_line;
    int *lines; /* by event of the message that is sent: the call it comes from */
    size_t event_count;
    struct script_object **objects;
    size_t object_count;
    struct table by_name; /* the same ones */
    size_t bytes;
};

struct script {
    struct scripts *all; /* borrowed */
    char session_id[ID_SIZE];
    char name[ID_SIZE];
    struct session *session; /* NULL when only checked; else until forget() */
    struct vm *vm;           /* NULL: it has no timer, nothing is left to run */
    struct client *client;   /* for what it emits; NULL without a hub */
    bool is_setting_up;      /* world, object and camera are allowed */
    bool is_paused;
    struct script_plan plan; /* while setting up */
    struct timers timers;
    int emits;             /* of this call */
    int64_t not_before_ms; /* pause after a costly timer */
    uint64_t random;
};

struct scripts {
    char *path;
    struct hub *hub;         /* NULL: check only */
    struct table by_session; /* struct script by session_id */
    struct table stats;      /* struct script_stats by the script's name; owned */
    struct hub_scripts hooks;
    int64_t (*mono_ms)(void *ctx);
    void *clock_ctx;
    int64_t due_ms; /* no script's timer is due before */
    void (*failed)(void *ctx, const char *script, const char *error); /* NULL ok */
    void *failed_ctx;
    int64_t log_second;
    int log_lines;
};

int64_t scripts_mono_ms(const struct scripts *scripts);
/* May another line about a script be logged? Clients may cause them. */
bool scripts_may_log(struct scripts *scripts);
/* Tells whoever wants to know that its Lua just failed. */
void scripts_tell_failed(const struct script *script);
/* The file of that name; the caller frees. */
char *scripts_file(const struct scripts *scripts, const char *name);

/* script_run.c. A state for it, its file run: plan and timers are filled in. NULL if that failed:
 * then a line of FILE:LINE: what is appended to why (NULL ok), and it is logged. session NULL: a
 * check, of which nothing is logged. */
struct script *script_new(struct scripts *scripts, struct session *session, struct span name,
                          struct buf *why);
void script_free(struct script *script);
/* Forgets the plan; and the Lua state too, if no timer is left. */
void script_settle(struct script *script);
/* script_stats.c. vm_call() of its state, counted. */
int script_call(struct script *script, vm_body_fn body, void *ctx);
void scripts_stats_fini(struct scripts *scripts);
/* script_plan.c. Sends the plan to the session as one message. 0, or refusal filled in. */
int script_plan_send(struct script *script, struct refusal *refusal);
void script_plan_fini(struct script_plan *plan);

/* script_timers.c. Adds one for the function at index; raises if there are too many. [-0, +0] */
void script_timer_add(lua_State *L, struct script *script, int index, double seconds,
                      bool is_repeated);
/* All start anew from now. */
void script_timers_restart(struct script *script);
/* Runs what is due; returns when the next one is, INT64_MAX if there is none. */
int64_t script_timers_run(struct script *script, int64_t now_ms);

/* The globals of a script, inside vm_call(). [-0, +0] */
void script_api_open(lua_State *L);     /* world, object, camera, every, after, random */
void script_session_open(lua_State *L); /* session */

#endif
