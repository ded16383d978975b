/*
 * A scene for tests of the hub: a real store in a directory of its own, a hub, their clocks and
 * their faults. Its clients are in conn.h and rest.h. No socket, no Lua.
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
#include "store/store.h"

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

struct conn;

struct scene {
    struct conn *conns; /* all that are open */
    char dir[64];
    struct store *store;
    struct hub *hub;
    struct hub_options options;
    struct store_options store_options; /* durability and keep_*, before a restart */
    struct hub_hooks hooks;
    int64_t unix_ms, mono_ms; /* the scene's clocks; mono advances by itself 1 ms per round */
    int hurry_ms;             /* and by so much whenever the hub looks: it is short of time */
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

/* Appends the state in memory: seq, world, and the objects in the order of their names, one a line.
 */
void scene_state(struct scene *scene, const char *session_id, struct buf *out);

#endif
