/* What a call of a plugin's function is about. Private to plugin/. */
#ifndef HD1_PLUGIN_HOOK_CALL_H
#define HD1_PLUGIN_HOOK_CALL_H

#include "plugin/moment.h"

#include <lua.h>
#include <stdbool.h>

struct client;
struct event;
struct handover;
struct message_facts;
struct plugin;
struct session;
struct tick;
struct web_answer;
struct web_match;
struct web_request;

/* One call of a plugin's function: which, with what. Boxes handed to Lua read it while it runs;
 * zeroed when it is over. */
struct hook_call {
    enum moment moment;
    int ref;          /* of the function */
    const char *what; /* more precisely: the event's type, say; for log and watchdog; or NULL */
    /* Inside Lua: pushes the arguments and returns how many [-0, +n]. */
    int (*push)(lua_State *L, struct plugin *plugin);
    /* Inside Lua: takes the result off the top, may raise [-1, +0]. NULL: no answer is
     * taken (api_answer_take_none()). */
    void (*take)(lua_State *L, struct plugin *plugin);
    int more;  /* results that take gets besides the first, nil where there are none */
    void *ctx; /* of push and take */
    /* What it is about, as far as it applies; `session` and `event` say where emits go. */
    const struct event *event;
    struct client *client;
    struct session *session;
    const struct message_facts *facts;
    const struct tick *tick;
    struct handover *handover; /* of save and restore */
    const struct web_request *request;
    const struct web_match *match; /* of a route */
    struct web_answer *answer;     /* of a route */
    /* What is just being read into the plugin's memory, "event" or "body", else NULL: should the
     * call fail now, it was too large, which is the client's fault. */
    const char *reading;
    bool is_clients_fault; /* see plugin_blame_client() */
    bool has_data;         /* event.data was touched: its table is kept with the box */
    int looks;             /* at the event's bytes, without that */
};

#endif
