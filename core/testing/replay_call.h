/* The parts of replay.c: the scene of a case file, and its call. */
#ifndef HD1_TESTING_REPLAY_CALL_H
#define HD1_TESTING_REPLAY_CALL_H

#include "arena.h"
#include "hub/hub.h"
#include "hub/web.h"
#include "idgen.h"
#include "testing/stage.h"

/* What a session has besides what is in the file. */
struct replay_absent {
    char session[ID_SIZE];
    struct plugins_absent counts;
};

struct replay {
    struct span value; /* the checked JSON */
    char plugin[ID_SIZE], moment[32];
    struct stage *stage;
    struct client *others[8]; /* clients that are none of the stage's */
    size_t other_count;
    struct replay_absent absents[16];
    size_t absent_count;
    void *socket; /* the plugin's, if one was opened */
    struct arena arena;
};

/* One call of the plugin. */
struct call {
    struct replay *replay;
    struct span value; /* what it was made with */
    char moment[32];
    const struct hub_hooks *hooks;
    const struct web_hooks *web;
    struct client *client;   /* NULL: it has none */
    struct session *session; /* NULL: the same */
    struct event event;
    struct message_facts facts;
    struct refusal refusal;
    char type[ID_SIZE], session_id[ID_SIZE];
    struct buf *report;
};

/* Copies a text member; negative if there is none, or it is too long. */
int replay_text(struct span object, const char *name, char *out, size_t size);
/* 0 if there is none. */
int64_t replay_integer(struct span object, const char *name);
/* What case_append_bytes() wrote; lent by the arena. SPAN_NONE if there is none. */
struct span replay_bytes(struct replay *replay, struct span object, const char *name);

/* replay_scene.c: makes event types, sessions with objects and members, and what the plugin kept;
 * a stage_options.prepare, whose ctx is the replay. */
int replay_prepare(void *ctx, struct stage *stage, struct buf *why);
/* replay_session.c: negative with why filled in if it cannot be made. */
int replay_make_session(struct replay *replay, struct stage *stage, struct span session,
                        struct buf *why);
/* A stage_options.absent, whose ctx is the replay. */
struct plugins_absent replay_absent(void *ctx, const struct session *session);
/* A WebSocket client as the file has it, connected if it is not yet. NULL: it is none. */
struct stage_client *replay_connect(struct stage *stage, struct span entry);
/* The client that the call is about (its "client"): a member of a session, or a new one; NULL: the
 * file has none. */
struct client *replay_client(struct replay *replay, struct span call);
/* Those that are none of the stage's go. */
void replay_disconnect(struct replay *replay);

/* replay_request.c: the request of the call, or, for a socket, one to its path. False: there is
 * none. All is lent by the arena. */
bool replay_request(struct replay *replay, struct span call, struct client *client,
                    struct web_request *request);

/* replay_web.c: these moments. False: the file lacks what is needed. */
bool replay_before_connect(struct call *call);
bool replay_route(struct call *call);
bool replay_socket(struct call *call);

/* Calls the plugin's function, and those before it that led to the call. Negative with why appended
 * to report if that cannot be done; what the plugin did is not our failure, but the stage's. */
int replay_call(struct replay *replay, struct buf *report);
/* What is left of it goes. */
void replay_end(struct replay *replay);

#endif
