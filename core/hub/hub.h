/*
 * The hub: clients, sessions, and the one way in. It knows neither sockets nor Lua: it calls both
 * through the tables of hooks.h. It runs on one thread; nothing here blocks.
 *
 * The life of one event, in this directory:
 *   receive.c   hub_receive(): the message is decoded, before_message charges it
 *   dispatch.c  its session is found, loaded or made; meanwhile the message is parked
 *   process.c   event by event: before_event, then
 *   apply_*.c   what its type does to the session; undo.c takes it back if a later one is refused
 *   journal.c   into the open batch, with the next seq; the batch goes to the writer
 *   commit.c    the batch is back: each event is encoded and framed once, into
 *   ring.c      the session's ring; hold.c lets answers go that waited for the disk
 *   flush.c     at the end of the round, or of one soon after, each member is written what it has
 *               not got yet
 *   catch_up.c  ... pages, history or ring, whichever it is at
 *   answer.c    what the sender is told
 * A volatile event goes from apply straight to volatile.c and volatile_flush.c.
 *
 * The invariants, cited by number where they are kept, asserted in debug builds (invariants.h):
 *   1. seq is dense per session, from 1, assigned at apply, visible only after commit.
 *   2. A live client has received exactly the durable events up to its cursor, each once, in order.
 *   3. The memory state of a session = its committed state + its pending events applied in order; a
 *      message is applied whole or not at all.
 *   4. Nothing held for a state leaves before that state is committed.
 *   5. Before an append, what a live client was offered and has not taken is within queue_bytes and
 * queue_messages, what libwebsockets holds included; one flush may exceed it. Who is catching up is
 * exempt.
 *   6. Events not yet on disk are within pending_bytes, in the whole server; so is what waits for
 * sessions to be read.
 */
#ifndef HD1_HUB_HUB_H
#define HD1_HUB_HUB_H

#include "hub/client.h"
#include "hub/event.h"
#include "hub/hooks.h"
#include "hub/refusal.h"
#include "hub/session.h"
#include "store/store.h"
#include "watch.h"

struct hub;

struct hub_limits {
    size_t message_bytes;      /* longest WebSocket message from a client (65536) */
    size_t body_bytes;         /* longest REST body (1048576) */
    size_t events_per_request; /* longest array (1000) */
    size_t queue_messages;     /* a live client may be behind by so many (256) */
    size_t queue_bytes;        /* ... and so many bytes (1048576) */
    size_t pending_bytes;      /* of events not yet committed, in the server (64 MiB); as much
                                * again of input that waits for sessions to be read */
    size_t ring_bytes;         /* of ring blocks kept for resumers, in the server (64 MiB) */
    int stall_ms;              /* a client that takes no byte for so long is cut (10000) */
    int idle_ms;               /* a session nobody uses is evicted after so long (60000) */
};
void hub_limits_default(struct hub_limits *limits);

struct hub_options {
    struct store *store; /* borrowed; its `committed` callback must call hub_committed() */
    struct hub_limits limits;
    const struct hub_port *port;   /* borrowed; how to reach WebSocket clients */
    int64_t (*unix_ms)(void *ctx); /* clocks; NULL: clock.h's */
    int64_t (*mono_us)(void *ctx);
    /* Please call hub_round_end() again within so many ms, even if nothing happens (one at a time;
     * a later call replaces an earlier one). May be NULL in tests. */
    void (*wake_in)(void *ctx, int ms);
    void *ctx;       /* of the three above */
    int trace_every; /* log the way of one durable event in so many; 0: none */
    int heartbeat_s; /* told to clients in welcome */
    bool is_eager;   /* each round sends all there is: no pace, for clocks that stand still */
};

struct hub *hub_new(const struct hub_options *options);
/* All connections must be gone. Does not close the store. NULL ok. */
void hub_free(struct hub *hub);
/* Set once before the network starts; borrowed. */
void hub_set_hooks(struct hub *hub, const struct hub_hooks *hooks);
void hub_set_scripts(struct hub *hub, const struct hub_scripts *scripts);
struct event_types *hub_types(struct hub *hub);
const struct hub_limits *hub_limits(const struct hub *hub);
/* The clock that events are stamped with. */
int64_t hub_unix_ms(const struct hub *hub);

/* --- rounds of the loop --- */

/* At the end of each round of the loop (uv_prepare): hands a batch over, flushes what members have
 * not got, runs after-hooks, sweeps what died. */
void hub_round_end(struct hub *hub);
/* About once a second: stalled clients, idle sessions, lazy writes. */
void hub_tick(struct hub *hub);
/* store_options.committed: a batch came back. */
void hub_committed(void *hub, struct batch *batch);

/* --- stopping --- */

/* Nothing new is accepted (503 stopping); what is pending is committed. */
void hub_stop_accepting(struct hub *hub);
/* Does nothing wait for the store (no event, no load, no page of history), nor volatile frames for
 * their time? */
bool hub_is_settled(const struct hub *hub);
/* Is everything committed and delivered (or failed)? */
bool hub_is_drained(const struct hub *hub);
/* Writes dirty objects and cameras of all sessions into the open batch. Before the last commit. */
void hub_write_behind(struct hub *hub);
/* Sends goodbye to each WebSocket client and closes it with 1001. */
void hub_close_clients(struct hub *hub);

/* --- connections --- */

struct hub_connection {
    enum client_kind kind;
    const char
        *address;   /* text, or the script's or plugin's name for CLIENT_LOCAL (becomes its id) */
    const char *id; /* its id, if it is not to get a new one; NULL; not CLIENT_LOCAL */
    struct span path_session; /* /ws/{session_id}: joined at once; else SPAN_NONE */
    struct span identity;     /* what a plugin answered in before_connect, JSON; else SPAN_NONE */
    void *conn;               /* for the port; NULL unless CLIENT_WS */
};

/* A new client; a WebSocket one gets its welcome. The caller's reference, until hub_disconnect().
 */
struct client *hub_connect(struct hub *hub, const struct hub_connection *connection);
/* The connection is gone. The client leaves its sessions. Must not be used by the caller
 * afterwards. */
void hub_disconnect(struct hub *hub, struct client *client);
/* The port said want_writable, and now it is. */
void hub_writable(struct hub *hub, struct client *client);

/* --- the one way in --- */

struct outcome;
typedef void (*hub_reply_fn)(void *ctx, const struct outcome *outcome);

/*
 * A message: one envelope {"type":T,"data":{...},"id":N,"time_ms":M} as bytes, whoever sends it.
 */
struct message {
    struct client *client;
    enum source source;
    struct span text;      /* as it came: nothing has been checked but its length */
    bool is_array_allowed; /* an array of envelopes, all or nothing, in one session */
    struct span
        session_id;     /* the path's; data may leave it out and must not contradict. Else NONE */
    int64_t if_version; /* from If-Match; -1: none */
    struct span if_epoch;
    int depth; /* of cause; 0 from outside */
    /* A refusal is told at once, though it may show what is not on disk yet: the caller does not
     * let it out before that is. */
    bool is_told_at_once;
    /* NULL for WebSocket: accepted events come back as themselves, refusals as `error`. Else called
     * exactly once, at once or later, when the outcome is committed (or failed, or refused; a
     * refusal that depends on uncommitted state waits for it). */
    hub_reply_fn reply;
    void *reply_ctx;
};

/* What became of a message. Lent during the call. */
struct outcome {
    const struct refusal *refusal; /* NULL: accepted, and durable events are on disk */
    size_t refused_index;          /* which of an array's events, if refused */
    struct span session_id;
    int64_t first_seq, last_seq; /* 0 if nothing durable */
    int64_t version;             /* of the object or world in `result`; 0: none */
    struct span epoch;           /* that version was written in */
    struct span result; /* the thing after the change, JSON: an object with version; the world; the
                         * session's detail; the event itself for custom types. NONE for arrays */
};

/* Takes nothing: all bytes are copied if they must outlive the call. */
void hub_receive(struct hub *hub, const struct message *message);
/*
 * Charges what comes in by another way than hub_receive(): a route of a plugin, a socket of its.
 * May it go on? False: refusal says why not (before_message refused it, or the server stops).
 */
bool hub_charge(struct hub *hub, struct client *client, const struct message_facts *facts,
                struct refusal *refusal);
/* A WebSocket client sent a binary message of so many bytes: charged, and answered by an error. */
void hub_receive_binary(struct hub *hub, struct client *client, size_t bytes);

/*
 * A plugin or script emits an event (one envelope). During a before_event hook it waits until that
 * event is accepted and is dropped with it; otherwise it takes the way in at the end of the round.
 * 0, or HD1_EFULL (64 per event; 32 MiB waiting in the server) or HD1_EINVAL (deeper than 8:
 * `loop`). Copies text.
 */
int hub_emit(struct hub *hub, struct client *client, enum source source, struct span session_id,
             struct span text);
/*
 * Takes back what was emitted since the mark: for a hook, tick or timer that failed, or a reload
 * that is refused. Only within the same one: between mark and take-back the hub takes nothing in
 * and nothing out, but what hub_emit() adds and takes back inside. The mark needs no freeing.
 */
struct hub_emit_mark {
    void *staged, *queued; /* the last before it */
    size_t of_event;
};
void hub_emit_mark(const struct hub *hub, struct hub_emit_mark *mark);
void hub_emit_take_back(struct hub *hub, const struct hub_emit_mark *mark);
/*
 * Calls fn when what was emitted outside of events since the mark is on disk, delivered if it is
 * volatile, or refused by a hook or a check (perhaps at once): is_kept true; or false if any of it
 * was lost, for it could not be stored or taken in. Good where take_back is; two may wait for the
 * same.
 */
typedef void (*hub_hold_fn)(void *ctx, bool is_kept);
void hub_hold_emitted(struct hub *hub, const struct hub_emit_mark *mark, hub_hold_fn fn, void *ctx);
/* How many emitted events wait for the end of the round. */
size_t hub_emit_count(const struct hub *hub);

/*
 * Calls fn at the end of the round, outside of any hook: is_done true. During a before_event hook
 * it waits until that event is accepted, like what is emitted, and is dropped with it: is_done
 * false. fn frees ctx. client: on whose behalf.
 */
typedef void (*hub_defer_fn)(void *ctx, bool is_done);
int hub_defer(struct hub *hub, struct client *client, size_t bytes, hub_defer_fn fn, void *ctx);
/*
 * In a before_event hook: calls fn at the end of the round if that event is accepted, with is_kept
 * true, or with false when it is refused, or lost before that. is_on_disk: not before what it
 * changed in its session is on disk; false also if that fails.
 */
void hub_hold_accepted(struct hub *hub, struct client *client, bool is_on_disk, hub_hold_fn fn,
                       void *ctx);
/* Bytes that somebody keeps until what he waits for is on disk; they count with those of emitted
 * events. 0, or HD1_EFULL. Each is given back. */
int hub_reserve(struct hub *hub, size_t bytes);
void hub_give_back(struct hub *hub, size_t bytes);

/* --- what plugins tell and do to one client; see act.c --- */

#define HUB_PRESENCE_BYTES_MAX                                                                     \
    4096 /* of what a client says of itself, and of what is put over it */

struct hub_act {
    struct client *plugin; /* on whose behalf */
    struct session *session;
    struct client *client; /* a member of it */
    const char *type;      /* a message of this type */
    struct span data;      /* ... with this, a checked JSON object; copied */
    bool is_presence;      /* instead: data is put over what it says of itself in the session */
    int close_code;        /* 0, or: the connection is closed with it */
    const char *reason;    /* ... and this, at most 123 bytes; copied */
    bool is_leaving;       /* it leaves the session */
};
/*
 * At the end of the round, held until the session's state then, and what the plugin keeps, is
 * committed; dropped if that fails, or if the client has left the session meanwhile. In this order:
 * the message or presence, leaving, closing. 0, or HD1_EFULL like hub_defer().
 */
int hub_act(struct hub *hub, const struct hub_act *act);

/* --- reading --- */

/* The session if it is loaded and no change of it is under way that it might not survive; else
 * NULL. */
struct session *hub_session(struct hub *hub, struct span id);

/*
 * Calls fn with the session once it is loaded (perhaps at once), or with session NULL and a refusal
 * (404, 503). Not for change: read by session.h inside fn, then hub_hold() what was read.
 */
typedef void (*hub_open_fn)(void *ctx, struct session *session, const struct refusal *refusal);
void hub_open(struct hub *hub, struct span session_id, hub_open_fn fn, void *ctx);
/*
 * Calls fn when everything applied to the session so far is committed (perhaps at once): is_kept
 * true; or false if it failed: then what was read must be thrown away and read again.
 */
void hub_hold(struct session *session, hub_hold_fn fn, void *ctx);

/* Events since < seq <= committed as wire JSON, comma-separated without brackets, from ring or
 * store. */
typedef void (*hub_history_fn)(void *ctx, const struct refusal *refusal, struct span events,
                               size_t count, int64_t last_seq, bool is_more);
void hub_history(struct session *session, int64_t since, size_t limit, hub_history_fn fn,
                 void *ctx);

/* Runs a world script in an existing session; reply like hub_receive's. */
void hub_run_script(struct hub *hub, struct client *client, struct span session_id,
                    struct span script, hub_reply_fn reply, void *ctx);

/* Where steps that may be slow note their time; reset each round by the server's watchdog. */
struct watch *hub_watch(struct hub *hub);

/* Appends the hub's figures for /metrics, in Prometheus' text format. */
void hub_append_metrics(const struct hub *hub, struct buf *out);

/* Figures for tests and the log. */
struct hub_stats {
    int64_t clients, sessions, events_durable, events_volatile, refused, deliveries, bytes_out;
    int64_t slow_cut, batches, pending_bytes, waiting_bytes, ring_bytes, storage_failures;
    int64_t reads;                       /* under way: loads and pages of history */
    int64_t resumed_ring, resumed_store; /* where what was missed came from */
};
void hub_stats(const struct hub *hub, struct hub_stats *stats);

#endif
