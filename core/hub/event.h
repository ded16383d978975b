/*
 * An event on its way through the hub, and the registry of event types. One vocabulary: an event
 * has the same type and data whether a client sends it, REST causes it, a script emits it, the log
 * keeps it or a client receives it.
 */
#ifndef HD1_HUB_EVENT_H
#define HD1_HUB_EVENT_H

#include "buf.h"
#include "hub/refusal.h"
#include "idgen.h"
#include "span.h"
#include "table.h"

#include <stdbool.h>
#include <stdint.h>

struct client;
struct session;
struct event;

enum lane {
    LANE_DURABLE,  /* has a seq, is stored, reaches everyone in order */
    LANE_VOLATILE, /* no seq, not stored, newest wins, not echoed to its sender */
};

/* Where an event came from: event.source in Lua is "ws", "rest", "script" or "plugin". */
enum source { SOURCE_WS, SOURCE_REST, SOURCE_SCRIPT, SOURCE_PLUGIN };
const char *source_text(enum source source);

/*
 * Checks the event against the session's state and changes it (the core's own types), or fills in
 * refusal and changes nothing. Custom types have none.
 */
typedef int (*event_apply_fn)(struct event *event, struct refusal *refusal);

struct event_type {
    char name[ID_SIZE]; /* [a-z][a-z0-9_]{0,63} */
    enum lane lane;
    bool is_sendable;     /* may come from outside; else only its owner emits it */
    event_apply_fn apply; /* NULL: nothing but log and delivery */
    char *doc;            /* one sentence */
    char *schema;         /* JSON Schema text of data (what a sender may put in), or NULL */
    char *owner;          /* "core" or the plugin's name */
    bool is_declared;     /* by a plugin: a reload may change or retire it */
    int64_t accepted, refused, dropped; /* how often it came in; see metrics.c */
    void *hooks;                        /* the plugin layer's, resolved once at load; may be NULL */
};

struct event {
    const struct event_type *type;
    enum source source;
    struct client *client;   /* who caused it; never NULL */
    struct session *session; /* NULL only for session_created before it is applied */
    struct span data;        /* JSON object, strictly checked, session_id in it; lent */
    struct buf scratch;      /* holds data once something was spliced or replaced */
    int64_t id;              /* the client's own, 0: none */
    int64_t time_ms;         /* client's until applied (0: not given), then the server's */
    int64_t seq;             /* 0 until applied, and for volatile events */
    int64_t if_version;      /* -1: not given */
    struct span if_epoch;    /* the epoch of an ETag, or SPAN_NONE */
    int depth;               /* of cause: 0 from outside, 1 emitted because of such, ... */
    struct span object_name; /* of object events, once applied; else SPAN_NONE */
};

/* The event's data becomes a copy of this checked JSON object. */
void event_set_data(struct event *event, struct span data);
/*
 * Splices members (a checked JSON object) into data: top-level members replace or add; a member
 * `object` that is an object merges into data.object.
 */
void event_patch(struct event *event, struct span members);

/*
 * The registry; the hub has one. A type stays at its address as long as the registry: events on
 * their way point to it, whatever a reload makes of it. A retired one is found and listed no more,
 * so nobody can send it; what the log holds of it stays readable.
 */
struct event_types {
    struct table by_name; /* name -> struct event_type * */
    struct table retired; /* the same; declared once, and perhaps again */
};

void event_types_init(struct event_types *types);
void event_types_fini(struct event_types *types);
/* Copies *type. 0, HD1_EEXIST, or HD1_EINVAL for a malformed name. */
int event_types_add(struct event_types *types, const struct event_type *type);
/* NULL if there is none, or it is retired. */
struct event_type *event_types_find(const struct event_types *types, struct span name);
/* The name that somebody meant who wrote this one, lent; NULL if none is near. */
const char *event_types_nearest(const struct event_types *types, struct span name);
/* May it come in from there? client: who sends it, of a plugin its own. */
bool event_type_may_come(const struct event_type *type, enum source source,
                         const struct client *client);

/*
 * A new generation of plugins declares its types beside those in force. stage: a new registry with
 * copies of what is not declared by plugins, to add to; give it to commit or to fini.
 */
void event_types_stage(struct event_types *stage, const struct event_types *live);
/*
 * What the stage declares comes into force in place of all that plugins declared before: types of
 * the same name are changed where they are and go on counting, new ones are added, the others
 * retired. Leaves the stage empty. Between two events, for the lane may change.
 */
void event_types_commit(struct event_types *live, struct event_types *stage);

/* --- encoding --- */

/* What the wire, the ring and history show of an event. */
struct event_facts {
    struct span type;
    struct span data;
    int64_t time_ms;
    int64_t seq;           /* 0: left out */
    struct span client_id; /* empty: left out */
    int64_t id;            /* 0: left out */
};

/* Appends {"type":T,"data":D,"timestamp":U,"time_ms":M,"seq":N,"client_id":C,"id":N}. */
void event_encode(struct buf *out, const struct event_facts *facts);

#endif
