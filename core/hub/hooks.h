/*
 * How the hub calls what it does not know: the plugins (which moments, with what), the world
 * scripts, and the connections. The server fills these tables in; a test fills in its own.
 */
#ifndef HD1_HUB_HOOKS_H
#define HD1_HUB_HOOKS_H

#include "hub/event.h"
#include "hub/refusal.h"
#include "span.h"

#include <stdbool.h>
#include <stddef.h>

struct client;
struct session;

enum verdict {
    VERDICT_PASS,   /* go on; data may have been patched or replaced through event_*() */
    VERDICT_REJECT, /* refusal is filled in; the sender gets it; nothing changes */
    VERDICT_DROP,   /* accepted and forgotten: nothing changes, the sender is not told; for events
                     * only, elsewhere it refuses as forbidden */
};

/* What is known of a message before it is looked into. */
struct message_facts {
    struct span type;       /* SPAN_NONE if it has none (malformed, binary) */
    struct span session_id; /* SPAN_NONE if it names none */
    size_t bytes;
    size_t count; /* events in it: 1, or the length of an array */
    enum source source;
};

/*
 * The moments, but those of web.h. Any function may be NULL. All are called on the hub thread,
 * never nested in one another for the same event; a hook may call hub_emit(). before_* may refuse,
 * after_* observe.
 */
struct hub_hooks {
    void *ctx;
    /* For whatever comes in: messages over WebSocket (control messages, joins and nonsense too),
     * REST requests that change something. Not for what scripts and plugins emit. */
    enum verdict (*before_message)(void *ctx, struct client *client,
                                   const struct message_facts *facts, struct refusal *refusal);
    /* A WebSocket client asks to join a session that exists and is loaded. */
    enum verdict (*before_join)(void *ctx, struct client *client, struct session *session,
                                struct refusal *refusal);
    /* Each event, from wherever it comes, after the core's check of type and session, before it is
     * applied. event->session is NULL for session_created. */
    enum verdict (*before_event)(void *ctx, struct event *event, struct refusal *refusal);
    /* The client is in: it was answered, and client_connected went to the others. */
    void (*after_join)(void *ctx, struct client *client, struct session *session);
    /* A durable event was committed and flushed, or a volatile one flushed. */
    void (*after_event)(void *ctx, const struct event *event);
    /* The client has left or its connection ended; called before client and session may go. */
    void (*after_leave)(void *ctx, struct client *client, struct session *session);
    /* A WebSocket client is connected: its welcome is queued. */
    void (*after_connect)(void *ctx, struct client *client);
    /* Its connection ended, and it has left its sessions; called before it may go. */
    void (*after_disconnect)(void *ctx, struct client *client);
    /* Is after_event worth calling for this type? NULL: for all. */
    bool (*wants_after)(void *ctx, const struct event_type *type);
};

/* World scripts. Any function may be NULL. */
struct hub_scripts {
    void *ctx;
    /* May a session name this script? 0, or HD1_ENOENT / HD1_ESCRIPT with refusal filled in. */
    int (*check)(void *ctx, struct span name, struct refusal *refusal);
    /* The session was just made with a script, or is told to run one: set it up (one array of
     * events through hub_receive) and start its timers if somebody is joined. 0, or refusal filled
     * in: nothing was changed then, and a session that was being made is not made. */
    int (*setup)(void *ctx, struct session *session, struct span name, struct refusal *refusal);
    /* The first client joined a session that has a script: timers run. */
    void (*resume)(void *ctx, struct session *session);
    /* The last client left: timers stop. */
    void (*pause)(void *ctx, struct session *session);
    /* The session is deleted or evicted: its state goes. */
    void (*forget)(void *ctx, struct session *session);
};

/* One of many writes, each to another connection. */
struct hub_write {
    void *conn;
    struct span bytes; /* as in write() */
    int result;        /* what write() would return */
};

/*
 * A connection as the hub sees it. conn is what the connection's owner gave to hub_connect(). None
 * of these calls back into the hub.
 */
struct hub_port {
    /* Sends ready-made frames. All is taken: 0; or 1: and some of it waits below, for the kernel
     * does not take more; or negative: the connection is dead and hub_disconnect() will follow
     * later. Never called after close. */
    int (*write)(void *conn, const char *bytes, size_t len);
    /* The same for many connections at once; fills in the results. NULL: write() is called. */
    void (*write_many)(struct hub_write *writes, size_t count);
    /* Do earlier bytes still wait in the layer below? */
    bool (*is_blocked)(void *conn);
    /* Call hub_writable() once no bytes wait below. */
    void (*want_writable)(void *conn);
    /* Queues a close frame (RFC 6455, 7.4) behind what was written, then hangs up (within 5 s even
     * if the other side does not answer). hub_disconnect() will follow. */
    void (*close)(void *conn, int code, const char *reason);
    /* Stop (or go on) reading from it. */
    void (*pause_reading)(void *conn, bool is_paused);
};

#endif
