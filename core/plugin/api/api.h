/*
 * The tables that plugins get, one file each. All functions are for use inside vm_call(); misuse
 * raises, the world's failures return nil, message, code.
 */
#ifndef HD1_PLUGIN_API_API_H
#define HD1_PLUGIN_API_API_H

#include "span.h"

#include <lua.h>
#include <stdbool.h>

struct answer;
struct buf;
struct plugin;

/* Pushes the table `hd1` that setup gets [-0, +1]. */
void api_hd1_push(lua_State *L, struct plugin *plugin);
/* hd1.log: debug, info, warn, error. [-0, +1] */
void api_log_push(lua_State *L);
/* hd1.json: encode, decode, null, array, is_array. [-0, +1] */
void api_json_push(lua_State *L);
/* Adds reject, patch, replace, drop to the table on top. [-0, +0] */
void api_answer_open(lua_State *L);
/* Adds identity. [-0, +0] */
void api_identity_open(lua_State *L);
/* Makes an answer of that kind, which keeps the JSON text on top of the stack, if any.
 * [-has_text, +1] */
struct answer *api_answer_push(lua_State *L, int kind, bool has_text);
/* Raises an error that argument arg names an event type that is not there. */
void api_fail_type(lua_State *L, int arg, struct span name) __attribute__((noreturn));
/* Is that an answer? */
bool api_is_answer(lua_State *L, int index);
/* Raises an error that names where the running hook is written: it answered with `what`, though it
 * may return only `may`. */
void api_fail_answer(lua_State *L, const struct plugin *plugin, const char *what, const char *may)
    __attribute__((noreturn));
/* Pushes the table of headers at index as "name: value\r\n" each. Raises if one of them is none, or
 * the server's to say. [-0, +1] */
void api_headers_push(lua_State *L, int index);
/* Takes a before-hook's result off the top into plugin->answer; raises if it is no answer. [-1, +0]
 */
void api_answer_take(lua_State *L, struct plugin *plugin);
/* Takes the result of a function that only observes; raises if it is an answer, which nobody waits
 * for, and ignores the rest. [-1, +0] */
void api_answer_take_none(lua_State *L, struct plugin *plugin);
/* Adds emit to the table on top. [-0, +0] */
void api_emit_open(lua_State *L);
/* Emits what the table at 1 says, into that session unless id is SPAN_NONE: then it says which, or
 * the current one. Pushes true, or nil, message, code; returns how many. */
int api_emit_table(lua_State *L, struct span id);
/* Before each thing that is queued in the hub on the call's account: what a failed call queued is
 * dropped. */
void api_note_queued(struct plugin *plugin);
/* A plugin is not to fill the hub's hands for more than its part of each second. */
bool api_may_queue(struct plugin *plugin);
/* Adds session, open to the table on top. [-0, +0] */
void api_session_open(lua_State *L);
/* Adds random, random_bytes, uuid to the table on top. [-0, +0] */
void api_random_open(lua_State *L);
/* Adds sha256, hmac_sha256, equal to the table on top. [-0, +0] */
void api_crypto_open(lua_State *L);
/* Adds checker to the table on top. [-0, +0] */
void api_checker_open(lua_State *L);
/* Frees what it compiled; the VM is gone. */
void api_checker_free(struct plugin *plugin);
/* hd1.base64url: encode, decode. [-0, +1] */
void api_base64url_push(lua_State *L);
/* hd1.metrics: counter, gauge, histogram. [-0, +1] */
void api_metrics_push(lua_State *L);
/* hd1.store. [-0, +1] */
void api_store_push(lua_State *L);
/* The call that wrote to it is over: what it wrote goes on, or is taken back. Outside of Lua. */
void api_store_settle(struct plugin *plugin, bool is_kept);

/* Makes the metatable of timers. Once per plugin. [-0, +0] */
void api_timer_open(lua_State *L);
/* Adds after and every to the table on top. [-0, +0] */
void api_timer_add(lua_State *L);
/* The call that set timers is over: they stay, or end. Outside of Lua. */
void api_timer_settle(struct plugin *plugin, bool is_kept);

/* Raises if the table at arg has a key that is not in known (NULL-terminated). [-0, +0] */
void api_check_keys(lua_State *L, int arg, const char *const *known);
/* The string or integer at key of the table at arg; raises if it is something else. What is lent
 * lives in the table. NULL, or fallback, if absent. [-0, +0] */
const char *api_string_field(lua_State *L, int arg, const char *key, size_t *len);
lua_Integer api_integer_field(lua_State *L, int arg, const char *key, lua_Integer fallback);
/* Like them: a finite number; raises if it is absent. */
lua_Number api_number_field(lua_State *L, int arg, const char *key);
/* `limit` of the options at arg: 1 to 1000, 100 if absent. */
size_t api_limit_field(lua_State *L, int arg);

#endif
