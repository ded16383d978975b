/*
 * World scripts: Lua files that set up and animate a world: world{...}, object{...}, camera{...},
 * every(seconds, fn), after(seconds, fn), random, session. One capped Lua state per running
 * session. Setting up is one atomic array of events, so that running a script twice changes
 * nothing; timers run while anyone is joined. Hub thread.
 */
#ifndef HD1_PLUGIN_SCRIPT_SCRIPT_H
#define HD1_PLUGIN_SCRIPT_SCRIPT_H

#include "buf.h"
#include "hub/hub.h"

struct scripts;

/* path: folder of NAME.lua. hub may be NULL (check only). */
struct scripts *scripts_new(const char *path, struct hub *hub);
/* NULL ok. Before hub_free(): scripts hold clients. */
void scripts_free(struct scripts *scripts);
/* Scripts that are set up from here on are read from that folder; copied. */
void scripts_set_path(struct scripts *scripts, const char *path);
/* What timers go by; NULL: clock.h's. For tests. */
void scripts_set_clock(struct scripts *scripts, int64_t (*mono_ms)(void *ctx), void *ctx);
/* Told of each script that failed, its file or a timer; error: text and traceback. For tests. */
void scripts_set_failed(struct scripts *scripts,
                        void (*failed)(void *ctx, const char *script, const char *error),
                        void *ctx);
/* For hub_set_scripts(). */
const struct hub_scripts *scripts_hooks(struct scripts *scripts);
/* When the next timer is due, in monotonic ms; INT64_MAX: none. Cheap; timers set meanwhile make it
 * earlier. */
int64_t scripts_due_ms(const struct scripts *scripts);
/* Runs the timers that are due. */
void scripts_run_timers(struct scripts *scripts);
/* Loads every script dry (its setup runs, its events go nowhere); a line per fault to why.
 * HD1_ENOENT, without a line: there is no such folder. */
int scripts_check(struct scripts *scripts, struct buf *why);
/* Loads one script dry. 0, HD1_ENOENT or HD1_ESCRIPT with a line to why. */
int scripts_check_one(struct scripts *scripts, const char *name, struct buf *why);
/* Appends the figures of each script for /metrics, in Prometheus' text format. */
void scripts_append_metrics(struct scripts *scripts, struct buf *out);
/* Appends a JSON array of {"name":..,"doc":..}. */
void scripts_describe(const struct scripts *scripts, struct buf *out);

#endif
