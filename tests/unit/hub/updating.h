/* Words for many updates of one object, and for who is slow to take them. */
#ifndef HD1_TEST_HUB_UPDATING_H
#define HD1_TEST_HUB_UPDATING_H

#include <stddef.h>
#include <stdint.h>

struct conn;
struct scene;

#define UPDATE "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"a\",\"x\":%d}}}"
#define CREATE                                                                                     \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"a\",\"type\":\"cube\"}}}"
#define JOIN "{\"type\":\"join\",\"id\":1,\"data\":{\"session_id\":\"s\"}}"

/* A session `s` with one object, at seq 2. */
void scene_create_one(struct scene *scene);
/* Updates it so many times, in a request each. */
void scene_update(struct scene *scene, int count);
/* All in one request: one batch. Each has so many bytes of filler in it. */
void scene_update_at_once(struct scene *scene, int count, size_t filler);
/* The next messages are the updates first to last. */
void conn_expect_updates(struct conn *conn, int64_t first, int64_t last);
/* How many were cut for being slow. */
int64_t scene_slow_cut(struct scene *scene);

#endif
