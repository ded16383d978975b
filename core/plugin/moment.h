/*
 * The moments at which a plugin's functions are called: what setup's table may hold. Each says when
 * it is called and when not. before_* may refuse (api_answer.c); the others observe: an
 * answer from one of them is its failure.
 */
#ifndef HD1_PLUGIN_MOMENT_H
#define HD1_PLUGIN_MOMENT_H

#include <stdbool.h>

enum moment {
    /* before_message(client, message): whatever comes in: messages over WebSocket (control
     * messages, joins, nonsense and binary frames too), REST requests that change something; once
     * for an array. Not for REST reads, nor for what scripts and plugins emit. */
    BEFORE_MESSAGE,
    /* before_connect(request): somebody wants in: each WebSocket handshake, of /ws and of plugins'
     * own, before it is answered; each REST request, before anything else looks at it, reads too,
     * and whether or not there is something at its path. May answer hd1.identity{...}. Not for the
     * front page /, /healthz, /readyz and /metrics, nor for what a browser asks beforehand
     * (OPTIONS with Access-Control-Request-Method), nor for what is no valid request, nor where the
     * server is administered. */
    BEFORE_CONNECT,
    /* before_join(client, session): a WebSocket client asks to join a session that exists and is
     * loaded; for a resume too. Not when it is in already, nor for REST, scripts and plugins. */
    BEFORE_JOIN,
    /* before_event(event, client): each event, from wherever it comes, after the core's check of
     * type and session, before it is applied; event.session is nil for session_created. Not for
     * events that the server makes itself (client_connected, presence_updated, ...). */
    BEFORE_EVENT,
    /* after_connect(client): a WebSocket client (of /ws) is connected and its welcome is queued; it
     * is in no session yet. Not for REST, nor for the sockets of plugins. */
    AFTER_CONNECT,
    /* after_join(client, session): the client was answered, and client_connected went to the
     * others. Not for a join that was refused or failed. */
    AFTER_JOIN,
    /* after_event(event, client): a durable event was committed and flushed, or a volatile one
     * flushed. Not for one that was refused or dropped, or whose commit failed. */
    AFTER_EVENT,
    /* after_leave(client, session): it left, was cut, or its connection ended: once for each
     * after_join; after a reload also for those who joined before it. */
    AFTER_LEAVE,
    /* after_disconnect(client): its connection ended, however it did: once for each after_connect,
     * after the after_leave of its sessions. */
    AFTER_DISCONNECT,
    /* on_tick(session, tick), given as a function (10 Hz) or { hz = 1 to 60, fn = function }: again
     * and again for each loaded session in which a client is joined. tick.number counts from 1
     * while anybody is joined, tick.dt is the time since this session's last tick in seconds, as it
     * really passed, 1 at most. Not for sessions at rest. A tick that comes late, or not at all
     * because the plugin rests or its share of CPU is used up, is not made up for. A reload begins
     * anew, with number 1. */
    ON_TICK,
    /* The function given to hd1.after() or hd1.every(), without arguments, see api_timer.c. Not
     * named in setup's table. Those set in setup or restore begin when their generation is in
     * force, and all end with it. Not once it is cancelled, nor if it was set in a call that failed
     * or whose event was refused; not while the plugin rests or its share of CPU is used up: then
     * one of after() comes later, one of every() misses its turn. Not when the server stops. */
    ON_TIMER,
    /* routes["METHOD /api/x/PLUGIN/..."](request): a REST request of that method and path; HEAD
     * counts as GET. Not when before_connect or (unless it is GET or HEAD) before_message refused
     * it. */
    ROUTES,
    /* sockets["/ws/x/PLUGIN/..."]: connect(socket, request) once its handshake was answered;
     * message(socket, message, is_binary) for each whole message that before_message let pass;
     * close(socket, code) when the connection ended, however it did: once for each connect that did
     * not fail. At a reload the connection stays, and is the new generation's from then on, if the
     * plugin of that name has that path there, with the same subprotocol; else it ends with 1012,
     * and no close is called. The new generation gets a new socket of the same id, and is told of
     * it by resume(socket), if it has that: after its restore and before anything else (if there
     * are more than 50 ms suffice for, the others as soon as possible, and before anything else
     * that happens on them). connect is not called again, nor any close of the old generation. */
    SOCKETS,
    /* The function given to hd1.open(): called once with the session when it is loaded, or with
     * nil, message and code, see api_session.c. Not named in setup's table. Not if a reload ended
     * its generation meanwhile, nor if it was asked for in a call that failed or whose event was
     * refused, nor when the server stops. */
    ON_OPEN,
    /* save() -> state: a reload is about to put a new generation in this one's place; what it
     * returns (what hd1.json can encode, at most 1 MiB of it; nil: nothing) goes to restore() of
     * the plugin of the same name. Called in the old generation, once per attempt, when the new
     * one is loaded; the attempt may still fail, and then this one goes on. If save fails, the
     * reload is refused. Not when the server stops, nor if the operator discards the state, nor if
     * the plugin is not in the new configuration or has no restore there. */
    SAVE,
    /* restore(state, old_version): called in the new generation, after all setups and before any
     * other hook, if save of the old one returned something; old_version is its version. If it
     * fails, the reload is refused and the old generation goes on. Not at the server's start. */
    RESTORE,
    MOMENT_COUNT
};

/* "before_message", ... */
const char *moment_text(enum moment moment);

static inline bool
moment_may_refuse(enum moment moment)
{
    return moment <= BEFORE_EVENT;
}

/* May setup's table hold it? */
static inline bool
moment_is_key(enum moment moment)
{
    return moment != ON_TIMER && moment != ON_OPEN;
}

/* Those that the operator asks for: called though the plugin rests or is throttled; neither the
 * breaker nor its share of CPU counts them. */
static inline bool
moment_is_of_reload(enum moment moment)
{
    return moment == SAVE || moment == RESTORE;
}

#endif
