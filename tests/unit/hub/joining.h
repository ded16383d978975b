/* Words for how a client gets into a session, and back into it. */
#ifndef HD1_TEST_HUB_JOINING_H
#define HD1_TEST_HUB_JOINING_H

#include "scene.h"

#define CREATE(name)                                                                               \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"" name "\",\"type\":\"cube\"}}" \
    "}"
#define JOIN(session) "{\"type\":\"join\",\"id\":%d,\"data\":{\"session_id\":\"" session "\"}}"
#define RESUME "{\"type\":\"join\",\"data\":{\"session_id\":\"s\",\"since\":%lld,\"epoch\":\"%s\"}}"
#define LEAVE "{\"type\":\"leave\",\"data\":{\"session_id\":\"s\"}}"

/* Creates count objects o<first>... by arrays of 500. */
void scene_create_objects(struct scene *scene, const char *session, int first, int count);
/* A session `s` whose head is at seq. */
void scene_create_history(struct scene *scene, int64_t seq);
/* Of a message that tells it. */
void message_copy_epoch(struct span message, char epoch[24]);
/* Joins, notes the epoch, leaves again. */
void scene_find_epoch(struct scene *scene, char epoch[24]);
/* Joins `s` by since and epoch, and says nothing of who comes and goes. */
struct conn *conn_resume(struct scene *scene, int64_t since, const char *epoch);
/* session_resumed, every event in (since, to], and nothing else. */
void conn_expect_resumed(struct conn *conn, int64_t since, int64_t to);
/* Reads a whole snapshot; how many objects. */
size_t conn_expect_snapshot(struct conn *conn, const char *reason, int64_t seq);

#endif
