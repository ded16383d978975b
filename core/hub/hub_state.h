/*
 * What the files of hub/ share: the hub, its sessions (session_state.h), its clients
 * (client_state.h), and the members, each a client in a session (member_state.h). Private to hub/.
 * One owner each:
 *
 *   hub owns sessions (by id, by key) and clients; a session owns its objects, ring, snapshot,
 * members, held answers and waiting input; a client owns its private buffer. A member belongs to
 * its session and is listed by its client.
 *
 * When things go: a frame goes with its ring block, once the rings are over ring_bytes and no live
 * member needs it (rings_trim). A member goes with member_leave(); a client with its last
 * reference, at the end of the round (client_sweep), its connection at most 5 s after the close
 * frame (net/ws.c). A session goes when it has been idle (hub_tick) or, deleted, with its last
 * reference (session_unref).
 */
#ifndef HD1_HUB_HUB_STATE_H
#define HD1_HUB_HUB_STATE_H

#include "hub/client_state.h"
#include "hub/gather.h"
#include "hub/hub.h"
#include "hub/member_state.h"
#include "hub/session_state.h"
#include "hub/trace.h"
#include "idgen.h"
#include "intern.h"
#include "metric.h"
#include "table.h"

#define FLUSH_BYTES ((size_t)64 * 1024) /* of ring or newest frames to one client in one write */

/* An event emitted by a plugin or script, on its own way in; or what is to be done then. */
struct emit_hold;
struct emit {
    struct emit *next;
    struct emit_hold *hold; /* who waits for it, emit_hold.c; or NULL */
    struct client *client;  /* a reference */
    hub_defer_fn fn;        /* NULL: an event */
    void *ctx;              /* of fn */
    bool is_held;           /* fn waits for the session's state to be on disk */
    enum source source;
    int depth;
    const struct session *cause; /* whose event, perhaps not on disk yet, it goes with; or NULL */
    char session_id[ID_SIZE];    /* "" if the data says; of fn: of the cause */
    size_t len;                  /* of text, or what ctx keeps */
    char text[];
};
/* emit_hold.c: what became of one that it waits for. */
void emit_hold_told(struct emit_hold *hold, const struct outcome *outcome);
/* It will not be sent. */
void emit_hold_drop(struct emit *emit);

struct emit_list {
    struct emit *first, *last;
    size_t count;
};

/* What owners of kv spaces have written and the disk does not hold yet; see kv_journal.c. */
struct kv {
    struct table spaces; /* owner -> struct kv_space */
    struct kv_change *staged, *open, *flight;
    size_t staged_count;
    size_t waiting_bytes; /* of staged and open */
    struct hold_list open_holds, flight_holds;
    bool was_seen; /* hooks of the current message looked at what is not on disk */
};

/* What the hub remembers of an event in a batch; in the batch's arena, batch_event.owner. */
struct pending {
    const struct event_type *type;
    struct client *client; /* a reference */
    struct span object_name;
    enum source source;
    int depth;
};

/* What applying changed, to be taken back if the message is refused after all. */
enum undo_kind { UNDO_CREATED, UNDO_UPDATED, UNDO_DELETED, UNDO_WORLD };
struct undo_entry {
    enum undo_kind kind;
    int64_t seq; /* of the event */
    struct object *object;
    struct object *old; /* body, version, time, writer before; owned; NULL if created */
    char *world;        /* owned */
    size_t world_len;
    int64_t world_version;
};

/* A volatile event whose after-hooks run at the end of the round; in hub->after_arena. */
struct after_event {
    struct after_event *next;
    struct pending pending;
    struct session *session; /* holds a ref */
    struct span data;
    int64_t time_ms;
};

struct hub {
    struct hub_options options;
    const struct hub_hooks *hooks;
    const struct hub_scripts *scripts;
    struct event_types types;
    uint64_t join_count;
    struct table sessions; /* id -> session */
    struct client *ready;  /* with something in their private buffer */
    struct list lagging;   /* blocked WebSocket clients */
    struct client **dead;  /* unreferenced; freed at the end of the round */
    size_t dead_count, dead_cap;
    struct client **lobby; /* WebSocket clients joined to nothing */
    size_t lobby_count, lobby_cap;
    struct intern addresses; /* each held by the clients from there */
    struct session **joined; /* sessions with a client in them, see joined.c */
    size_t joined_count, joined_cap;
    uint64_t joined_total;      /* times that a session got its first */
    struct list flush_sessions; /* their rings got something */
    struct list round_sessions; /* they have volatile frames of this round */
    int64_t round_us;           /* when rounds were flushed last */
    struct gather gather;
    struct list dirty_sessions;  /* they have rows to be written once these are quiet */
    struct list prompt_sessions; /* whose rows go with the next batch */
    struct list ring_sessions;   /* their rings hold something; the first was used least recently */
    struct batch *open;          /* being filled */
    struct batch *spare;         /* empty, for reuse */
    struct batch *done;          /* came back; its after-hooks are still to run */
    struct batch *in_flight;     /* at the writer; the store's */
    int64_t flush_mean_us; /* how long a flush takes of late, and a commit; see flush_pace_us() */
    int64_t commit_mean_us;
    int64_t handed_over_us;
    int64_t wake_at_us; /* the earliest wish of this round; 0: none */
    size_t ring_bytes;
    size_t waiting_bytes; /* of input for sessions that are being read */
    bool is_stopping;
    bool is_paused_any;
    /* During hub_receive: */
    struct event *current;   /* in a before-hook */
    int current_depth;       /* of the event that a hook is running for */
    struct emit_list staged; /* by hooks of the current message, until it is accepted */
    struct emit_list emits;  /* to take the way in */
    size_t current_emits;
    size_t emit_bytes;      /* of staged, emits and what waits for its cause */
    int64_t emits_logged_s; /* see emit.c */
    int emits_logged;
    struct kv kv;
    size_t reads;                  /* loads and pages of history asked of the store */
    struct presence *presence_due; /* changes that wait for their 100 ms */
    struct arena after_arena;      /* volatile events for after-hooks of this round */
    struct after_event *after_first, *after_last;
    struct undo_entry *undo; /* of the message being applied */
    size_t undo_count, undo_cap;
    struct buf scratch, scratch2;
    struct hub_stats stats;
    struct histogram batch_events, commit_us;
    struct traces traces;
    struct watch watch; /* of this round */
#ifdef HD1_INVARIANTS
    struct invariants *invariants;
#endif
};

/* --- shared by the files of hub/; each file's part with its name --- */

/* emit.c */
void emit_accept(struct hub *hub, struct session *session);
void emit_drop_staged(struct hub *hub);
void emit_fini(struct hub *hub);
void emit_drop_caused(struct hub *hub, const struct session *session);
void emit_drop_of(struct hub *hub, struct span client_id);
void emit_drain(struct hub *hub);

/* hub.c */
int64_t hub_mono_us(const struct hub *hub);
int64_t hub_mono_ms(const struct hub *hub);
void hub_wake_in_us(struct hub *hub, int64_t us);
void hub_wake_in(struct hub *hub, int ms);

/* write_behind.c */
void write_behind_some(struct hub *hub, int64_t now);
bool write_behind_is_due(const struct hub *hub, int64_t now);

/* journal.c, commit.c, after.c */
void session_say_last_words(struct session *session);
void journal_release(struct batch_part *part);
struct batch_part *journal_part(struct session *session);
void journal_event(struct event *event);
void journal_handover(struct hub *hub, bool is_urgent);
bool journal_has_after_hooks(const struct hub *hub, const struct batch_part *part);
void journal_after_hooks(struct hub *hub);
size_t journal_pending_bytes(const struct hub *hub);
void journal_pressure(struct hub *hub, struct client *sender, size_t bytes);
bool journal_is_relieved(const struct hub *hub);

/* kv_journal.c */
void kv_begin(struct hub *hub);
void kv_accept(struct hub *hub, struct session *session, const struct message *message);
void kv_refuse(struct hub *hub, struct session *session);
bool kv_has_open(const struct hub *hub);
void kv_hand_over(struct hub *hub, struct batch *batch);
void kv_fail_open(struct hub *hub, int status);
void kv_committed(struct hub *hub, const struct batch *batch);
void kv_tick(struct hub *hub);
void kv_fini(struct hub *hub);

/* flush.c */
void flush_session_later(struct session *session);
void flush_session(struct session *session);
void flush_sessions(struct hub *hub);
void flush_all_sessions(struct hub *hub);
void flush_took(struct hub *hub, int64_t us);
int64_t flush_pace_us(const struct hub *hub);
void flush_clients(struct hub *hub);
void flush_check_lagging(struct hub *hub);
void flush_check_stalled(struct hub *hub);

/* rings.c */
void rings_append(struct session *session, int64_t seq, struct span payload);
void rings_reset(struct session *session, int64_t head_seq);
void rings_trim(struct hub *hub);

/* volatile.c, volatile_flush.c */
void volatile_event(struct event *event);
void volatile_emit(struct session *session, struct client *sender, const char *type,
                   struct span data);
void volatile_clear(struct session *session);
void volatile_rest(struct session *session, int64_t now_ms);
void volatile_after_hooks(struct hub *hub);
void volatile_catch_up(struct member *member);
void volatile_flush(struct hub *hub);

/* hub.c: of a hook that guards a message or a join, which can only pass or refuse. */
bool verdict_passes(enum verdict verdict, struct refusal *refusal);

/* control.c */
void join_request_free(struct join_request *request);
void control_join_again(struct hub *hub, struct join_request *request, const char *session_id);
void control_join_path(struct hub *hub, struct client *client, struct span session_id);
bool control_receive(struct hub *hub, struct client *client, struct span type, struct span data,
                     int64_t id);

/* undo.c */
void undo_object(struct session *session, enum undo_kind kind, struct object *object, int64_t seq);
void undo_world(struct session *session);
void undo_forget(struct hub *hub);
void undo_all(struct hub *hub, struct session *session);

/* apply.c, apply_object.c, apply_world.c, apply_session.c */
int apply_event(struct event *event, struct refusal *refusal);
void apply_volatile(struct event *event);
void apply_committed(struct session *session, const struct batch_event *event,
                     struct span object_name);
void apply_replay(struct session *session, const struct store_event *event);
void apply_register(struct event_types *types);
void apply_register_objects(struct event_types *types);
void apply_register_world(struct event_types *types);
void apply_register_session(struct event_types *types);
void apply_add_type(struct event_types *types, const char *name, enum lane lane, bool is_sendable,
                    event_apply_fn apply, const char *doc);
int apply_check_version(const struct event *event, int64_t version, struct span current,
                        const char *what, struct refusal *refusal);
void apply_committed_object(struct session *session, const struct batch_event *event,
                            struct span name);
void apply_committed_camera(struct session *session, const struct batch_event *event);
void apply_replay_object(struct session *session, const struct store_event *event);
void apply_replay_world(struct session *session, const struct store_event *event);

#endif
