/* What a call was made with, as the parts of a case file; for plugin_case.c and those who know a
 * part that nobody else does. */
#ifndef HD1_PLUGIN_CASE_CASE_PARTS_H
#define HD1_PLUGIN_CASE_CASE_PARTS_H

#include "buf.h"

#include <lua.h>

struct plugin;
struct hook_call;
struct case_reads;
struct client;
struct event;
struct session;

/* A part: appends its value, or nothing if the call has none of it. */
struct case_part {
    const char *name;
    void (*append)(struct buf *out, const struct plugin *plugin, const struct hook_call *now);
};
/* Those of the call's arguments; the last one's name is NULL. */
extern const struct case_part case_arguments[];
/* One client. */
void case_append_client(struct buf *out, const struct client *client);

#define CASE_BODY_MAX (128 * 1024) /* bytes of a request's body; a longer one is left out */

/* The parts that say what was there; what they had no room for is noted in left_out. Sessions: that
 * the call may have looked into, each with world, objects and members. */
void case_append_sessions(struct buf *out, struct buf *left_out, const struct plugin *plugin,
                          const struct hook_call *now);
void case_append_store(struct buf *out, struct buf *left_out, const struct plugin *plugin,
                       const struct hook_call *now);
void case_append_types(struct buf *out, struct buf *left_out, const struct plugin *plugin,
                       const struct hook_call *now);
/* The member "objects" of a session. event: of the call, or NULL. */
void case_append_objects(struct buf *out, struct buf *left_out, const struct session *session,
                         const struct event *event, const struct case_reads *reads);

/* moment_socket.c, api_timer.c, api_session.c: what only they know of such a call. */
void case_append_socket(struct buf *out, const struct plugin *plugin, const struct hook_call *now);
void case_append_timer(struct buf *out, const struct plugin *plugin, const struct hook_call *now);
void case_append_open(struct buf *out, const struct plugin *plugin, const struct hook_call *now);

/*
 * Whence a function comes that is called later (a timer's, hd1.open()'s): where it is written and
 * the call that handed it over, if it was not setup, as JSON; for the owner to keep and to free.
 * The function is at index, inside of Lua. [-0, +0]
 */

char *case_origin(lua_State *L, struct plugin *plugin, int index);
#define CASE_ORIGIN_MAX 4096 /* bytes of it; the call is left out if it would be more */

#endif
