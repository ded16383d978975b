/* The inside of struct session, and what waits in one. Private to hub/. */
#ifndef HD1_HUB_SESSION_STATE_H
#define HD1_HUB_SESSION_STATE_H

#include "buf.h"
#include "hub/hub.h"
#include "hub/newest.h"
#include "hub/object.h"
#include "hub/ring.h"
#include "idgen.h"
#include "list.h"
#include "table.h"
#include "watch.h"

struct batch_part;
struct member;
struct snapshot;

/* --- held answers and waiting input --- */

struct hold {
    struct hold *next;
    hub_hold_fn fn;
    void *ctx;
    const struct session *session;
    int64_t seq; /* what it waits for */
};
struct hold_list {
    struct hold *first, *last;
};

/* Something that waits until a session is loaded. fn frees ctx. session NULL: refusal says why. */
struct waiting {
    struct waiting *next;
    hub_open_fn fn;
    void *ctx;
    size_t bytes;
};

/* --- session --- */

enum session_state {
    SESSION_LOADING, /* first load: nothing is known */
    SESSION_READY,
    SESSION_RELOADING, /* a commit failed: the state is being read again */
    SESSION_DELETING,  /* session_deleted is applied, not yet committed */
    SESSION_ENDED,     /* deleted, or never was: goes with its last reference */
};

struct session_volatile {
    struct client *sender;
    size_t len; /* of its frame in round */
};

struct session {
    struct hub *hub;
    int64_t key;
    enum session_state state;
    char id[ID_SIZE];
    char epoch[24];
    bool is_epoch_kept; /* the epoch is in a batch or on disk */
    bool is_camera_dirty;
    int64_t camera_dirty_ms;    /* since when, monotonic */
    bool is_world_timed;        /* "conflict":"timestamp" */
    bool is_load_asked;         /* a load is under way */
    struct store_epoch *epochs; /* all known, by first_seq; the last is the current one */
    size_t epoch_count;
    int64_t created_ms;
    int64_t seq;          /* last applied */
    int64_t committed;    /* last on disk */
    int64_t oldest_seq;   /* of the events still in the log; 1 unless pruned */
    int64_t last_time_ms; /* the last stamp given, see session_stamp() */
    int64_t world_version;
    struct buf world, camera, script; /* JSON object; JSON object or empty; name or empty */
    struct table objects;             /* name -> struct object */
    struct object *dirty_first, *dirty_last;
    size_t dirty_count;
    int64_t rows_seq; /* objects_seq as it is on disk, or in a batch */
    struct ring ring;
    struct snapshot *snapshot; /* the newest, cached; or NULL */
    struct newest newest;
    struct buf round; /* volatile frames of this round */
    struct session_volatile *round_events;
    size_t round_count, round_cap;
    uint64_t round_start;   /* newest.counter before this round's first */
    int64_t round_us;       /* when one was flushed last */
    bool is_round_skipped;  /* by some live member */
    bool is_awaited;        /* its last events were, by holds or hooks: see flush_awaited() */
    bool is_round_presence; /* it holds nothing but news of presence */
    struct member **members;
    size_t member_count, member_cap;
    size_t in_count;                /* of the members: whose join was answered */
    struct batch_part *open_part;   /* in hub->open */
    struct batch_part *flight_part; /* in the batch at the writer */
    struct hold_list open_holds;    /* until open_part is on disk */
    struct hold_list flight_holds;
    struct waiting *waiting, *last_waiting;
    size_t waiting_bytes;
    size_t joined_place; /* in hub->joined, from 1; 0: nobody is joined */
    uint64_t joined_number;
    int refs;        /* requests to the store that will come back to this session */
    int64_t used_ms; /* monotonic: last use, for eviction */
    struct list in_flush, in_round, in_dirty, in_prompt, in_rings; /* the hub's lists */

    int64_t flush_since_us; /* when it came into in_flush */
    int64_t offered;        /* seq up to which its live members were offered all, see flush.c */

    int64_t retry_load_ms;
    struct buf last_words; /* frame of a session_deleted of unknown outcome, until it is known */
    int failure;           /* why the holds that run now are not kept */
};

/* session.c */
struct session *session_find(struct hub *hub, struct span id);
struct session *session_new(struct hub *hub, struct span id, int64_t key);
void session_free(struct session *session);
void session_unref(struct session *session);
void session_end(struct session *session);
bool session_is_idle(const struct session *session);
void session_forget_state(struct session *session);
void session_mark_dirty(struct session *session, struct object *object, int64_t seq);
void session_mark_camera(struct session *session);
void session_mark_event(struct session *session);
void session_set_world(struct session *session, struct span world);
int64_t session_stamp(struct session *session);
void session_wait(struct session *session, hub_open_fn fn, void *ctx, size_t bytes);
void session_run_waiting(struct session *session, struct session *ready,
                         const struct refusal *refusal);
/* For the watchdog: a step that was about this session is over. */
void session_watched(const struct session *session, const struct watch_step *step,
                     enum watch_cause cause);
void session_new_epoch(struct session *session);
int session_failure(const struct session *session);

/* load.c */
void session_load(struct session *session);
void session_reload(struct session *session);

/* open.c */
void open_session(struct hub *hub, struct span id, struct client *sender, size_t bytes,
                  hub_open_fn fn, void *ctx);
bool open_must_wait(const struct session *session);

/* joined.c: the first client is in; the last one has left. */
void joined_add(struct session *session);
void joined_remove(struct session *session);

/* hold.c */
void hold_list_add(struct hold_list *list, const struct session *session, hub_hold_fn fn,
                   void *ctx);
void hold_list_run(struct hold_list *list, bool is_kept);

#endif
