/*
 * A stage: the real hub, store, plugins, world scripts and REST, with no socket in front and clocks
 * that stand still until they are told to go on. `hd1 test` plays its cases on stages, one after
 * the other, over one store; what one left in it is deleted before the next begins.
 *
 * Whatever is sent is settled before the function returns: committed, delivered, hooks run.
 */
#ifndef HD1_TESTING_STAGE_H
#define HD1_TESTING_STAGE_H

#include "buf.h"
#include "hub/hub.h"
#include "plugin/plugin.h"
#include "span.h"

struct stage;
struct stage_store;
struct stage_client;
struct stage_socket;

/* A store in a temporary folder, for all stages of a run. 0, or negative with why filled in. */
int stage_store_open(struct stage_store **store, struct buf *why);
/* Closes it and removes the folder. NULL ok. All stages must be gone. */
void stage_store_close(struct stage_store *store);

struct stage_options {
    const char *plugin_path, *plugin_shipped; /* like plugins_options' */
    const struct plugin_entry *plugins;
    size_t plugin_count;
    bool *is_faulty; /* plugins_options' */
    const char *script_path;
    /* Called before the plugins load: may add event types that they rely on, make sessions and
     * connect clients, and no plugin sees it. Negative with why filled in if that cannot be done:
     * then there is no stage. NULL ok. */
    int (*prepare)(void *ctx, struct stage *stage, struct buf *why);
    void *prepare_ctx;
    struct plugins_absent (*absent)(void *ctx,
                                    const struct session *session); /* plugins_options' */
    void *absent_ctx;
    int64_t unix_ms; /* what the clock shows at first; 0: STAGE_BEGINS_MS */
};

#define STAGE_BEGINS_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

/* One stage at a time on a store. NULL if a plugin does not load: why then says so, line by line.
 */
struct stage *stage_new(struct stage_store *store, const struct stage_options *options,
                        struct buf *why);
/* Deletes all sessions, past all hooks, and what plugins kept. NULL ok. */
void stage_free(struct stage *stage);

struct hub *stage_hub(struct stage *stage);
struct plugins *stage_plugins(struct stage *stage);

/* Runs rounds until nothing is under way. False: it does not come to rest. */
bool stage_settle(struct stage *stage);
/* Lets time go by: timers and ticks that fall due run at their time, one after the other; also with
 * 0 ms, those that are due already. Nothing else runs them: while the clock stands still, none
 * comes. False: it does not come to rest. */
bool stage_advance(struct stage *stage, int64_t ms);
int64_t stage_unix_ms(const struct stage *stage);

/* Makes a session as the configuration does at the server's start: session_created with this data,
 * past before_message. 0, or negative with refusal filled in. */
int stage_make_session(struct stage *stage, struct span data, struct refusal *refusal);

/* What went wrong in plugins and scripts, a text with traceback each; as they came. */
size_t stage_failure_count(const struct stage *stage);
const char *stage_failure(const struct stage *stage, size_t index);

/* --- who comes; see stage_visit.c --- */

/* Where a request or handshake comes from. Borrowed. */
struct stage_visit {
    struct span path, headers; /* of a handshake: "/ws", "name: value\r\n" each */
    const char *address;
    struct span identity; /* who that is, JSON, as if a plugin had said so; or SPAN_NONE */
};

struct stage_answer {
    int status; /* 0: none came */
    struct buf headers, body;
};
void stage_answer_fini(struct stage_answer *answer);

/* One request, "POST /api/sessions HTTP/1.1\r\n..." as request_local_new() takes it, asked by who
 * the visit says (no path or headers). Negative if it is none. */
int stage_request(struct stage *stage, const struct stage_visit *visit, struct span head,
                  struct span body, struct stage_answer *answer);

/* --- clients; see stage_client.c --- */

/* A WebSocket client of that id. Owned by the stage. NULL: its handshake was refused, with this
 * answer (status 0: it is none). */
struct stage_client *stage_connect(struct stage *stage, const char *id,
                                   const struct stage_visit *visit, struct stage_answer *refused);
/* It hangs up; gone with its unread messages. */
void stage_disconnect(struct stage *stage, struct stage_client *client);
/* One text message. */
void stage_send(struct stage *stage, struct stage_client *client, struct span text);
/* As the hub has it. */
struct client *stage_client_of(struct stage_client *client);
/* The next message it received; false if there is none. Lent until the next call. */
bool stage_next_message(struct stage_client *client, struct span *text);
/* The code it was closed with; 0: it is connected. */
int stage_close_code(const struct stage_client *client);

/* --- WebSockets of plugins; see stage_socket.c --- */

/* Like stage_connect(); the visit's path is the endpoint's. Owned by the stage until it is gone. */
struct stage_socket *stage_socket_open(struct stage *stage, const struct stage_visit *visit,
                                       struct stage_answer *refused);
/* What was echoed, or NULL. */
const char *stage_socket_subprotocol(const struct stage_socket *socket);
void stage_socket_send(struct stage *stage, struct stage_socket *socket, struct span bytes,
                       bool is_binary);
/* The next message the plugin sent; false if there is none. Lent until the next call. */
bool stage_socket_next(struct stage_socket *socket, struct span *bytes, bool *is_binary);
void stage_socket_close(struct stage *stage, struct stage_socket *socket, int code);
/* The code it ended with, whoever closed it; 0: it is open. */
int stage_socket_close_code(const struct stage_socket *socket);

#endif
