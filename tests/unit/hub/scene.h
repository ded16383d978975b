/*
 * A scene for tests of the hub: a real store in a directory of its own, a hub, and clients whose
 * connections are buffers in memory that a test can block, fail and read. No socket, no Lua.
 */
#ifndef HD1_TESTS_HUB_SCENE_H
#define HD1_TESTS_HUB_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "buf.h"
#include "hub/hub.h"
#include "json/json.h"

#include <stdatomic.h>

/* SQLite's result codes, for scene_fail(). */
enum {
    FAULT_BUSY = 5,
    FAULT_IOERR = 10,
    FAULT_CORRUPT = 11,
    FAULT_FULL = 13,
    FAULT_CONSTRAINT = 19,
    FAULT_CODES
};

/* The other end of a WebSocket. */
struct conn {
    struct conn *next; /* in scene->conns */
    struct client *client;
    struct buf in;   /* frames received and not yet read by the test */
    size_t messages; /* read so far by conn_next() */
    bool is_blocked; /* what is written now goes in, but no more after it: as when lws holds a rest
                      */
    bool block_after_write; /* blocks itself with the next write */
    bool is_dead;           /* writes fail */
    bool ignores_presence;  /* conn_next() passes over who came and went */
    bool wants_writable;
    bool is_paused;
    int close_code;   /* 0: not closed */
    struct span last; /* the message that conn_next() gave */
    struct buf last_text;
};

struct scene {
    struct conn *conns; /* all that are open */
    char dir[64];
    struct store *store;
    struct hub *hub;
    struct hub_options options;
    struct store_options store_options; /* durability and keep_*, before a restart */
    struct hub_hooks hooks;
    int64_t unix_ms, mono_ms; /* the scene's clocks; mono advances by itself 1 ms per round */
    struct {
        _Atomic int code;  /* SQLite result code */
        _Atomic int count; /* how often it still fails */
    } faults[STORE_POINT_READ + 1];
    _Atomic int failed[STORE_POINT_READ + 1][FAULT_CODES]; /* how often it did, by code */
    _Atomic int is_store_held;  /* the writer waits at BEGIN as long as this is set */
    _Atomic int is_reader_held; /* so does the reader */
};

/* A scene whose options may still be changed; then start it. */
struct scene *scene_make(void);
void scene_start(struct scene *scene);
int scene_setup(void **state); /* both */
int scene_teardown(void **state);
/* Stops hub and store without a goodbye, and starts both again on the same directory. */
void scene_restart(struct scene *scene);
/* The same amid everything: what was not handed to the store is lost. All connections must be gone.
 */
void scene_crash(struct scene *scene);

/* Runs rounds until nothing waits for the store any more, and what that caused is written
 * (bounded). */
void scene_settle(struct scene *scene);
/* One round, without waiting for the store. */
void scene_round(struct scene *scene);
/* A round that does not look whether the store has finished something. */
void scene_turn(struct scene *scene);
/* Waits until the store's threads have done all that they may (not held), and delivers it, without
 * a round. With scene_turn() alone between, what happens does not depend on the threads' pace. */
void scene_catch_up(struct scene *scene);
/* Waits for what the store delivers next, but not longer than that; without a round. */
void scene_deliver(struct scene *scene, int timeout_ms);
/* Time goes by, without a round. */
void scene_pass(struct scene *scene, int ms);
/* Fails with this SQLite result code at this point, so many times. */
void scene_fail(struct scene *scene, enum store_point point, int code, int count);
/* Has it failed as often as it was to? */
bool scene_has_failed(const struct scene *scene, enum store_point point);

struct conn *conn_open(struct scene *scene);
/* Opens and reads the welcome. */
struct conn *conn_greet(struct scene *scene);
/* As by /ws/{session_id}. */
struct conn *conn_open_path(struct scene *scene, const char *session_id);
void conn_close(struct scene *scene, struct conn *conn);  /* the client hangs up; frees conn */
void conn_vanish(struct scene *scene, struct conn *conn); /* the same, and nothing settles */
void conn_send(struct scene *scene, struct conn *conn, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The next message, or SPAN_NONE. Lent until the next call. */
struct span conn_next(struct conn *conn);
/* The next message, which must be of this type; others before it fail the test. */
struct span conn_expect(struct conn *conn, const char *type);
/* Skips to the next message of this type; fails if there is none. */
struct span conn_skip_to(struct conn *conn, const char *type);
/* Nothing more has come. */
void conn_expect_nothing(struct conn *conn);
/* Lets go on what was blocked. */
void conn_unblock(struct scene *scene, struct conn *conn);
/* Opens, reads the welcome, joins and reads the snapshot up to its last page. */
struct conn *conn_join(struct scene *scene, const char *session_id);

/* The same; and who comes and goes is passed over from then on. */
struct conn *conn_join_quietly(struct scene *scene, const char *session_id);
/* The next message is of this type and has this seq. */
void conn_expect_seq(struct conn *conn, const char *type, int64_t seq);

/* REST: sends and settles; the outcome's refusal code ("" if accepted). */
struct rest_answer {
    struct client *client; /* while it is awaited */
    bool is_answered;
    char code[48];
    char session_id[65];
    int64_t first_seq, last_seq, version;
    size_t index;
    struct buf result;
};
const char *scene_post(struct scene *scene, const char *session_id, struct rest_answer *answer,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The two halves of scene_post(): send it (an answer may be there at once), wait for the answer. */
void rest_send(struct scene *scene, const char *session_id, struct rest_answer *answer,
               const char *format, ...) __attribute__((format(printf, 4, 5)));
const char *rest_await(struct scene *scene, struct rest_answer *answer);
void rest_fini(struct rest_answer *answer);
void scene_create(struct scene *scene, const char *session_id);
/* Appends the state in memory: seq, world, and the objects in the order of their names, one a line.
 */
void scene_state(struct scene *scene, const char *session_id, struct buf *out);

/* Members by path "data.object.x"; fail if absent. */
int64_t message_int(struct span message, const char *path);
bool message_is(struct span message, const char *path, const char *text);
bool message_has(struct span message, const char *path);
/* Its text; SPAN_NONE if absent. */
struct span message_get(struct span message, const char *path);

#endif
