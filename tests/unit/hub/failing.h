/* Words for commits that fail: every class of failure at every point. */
#ifndef HD1_TEST_HUB_FAILING_H
#define HD1_TEST_HUB_FAILING_H

#include "scene.h"

#define CREATE(name)                                                                               \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"" name "\",\"type\":\"cube\"}}" \
    "}"
#define UPDATE "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"a\",\"x\":%d}}}"
#define WS_UPDATE                                                                                  \
    "{\"type\":\"object_updated\",\"id\":%d,\"data\":{\"session_id\":\"%s\",\"object\":"           \
    "{\"name\":\"a\",\"x\":%d}}}"
#define WS_CREATE                                                                                  \
    "{\"type\":\"object_created\",\"id\":%d,\"data\":{\"session_id\":\"%s\",\"object\":"           \
    "{\"name\":\"%s\",\"type\":\"cube\"}}}"
#define WS_JOIN "{\"type\":\"join\",\"id\":%d,\"data\":{\"session_id\":\"%s\"}}"

/* What may go wrong, and what senders are told of it. */
struct failure_class {
    int code;
    const char *refusal;
};

#define FAILURE_CLASSES 5
extern const struct failure_class failure_classes[FAILURE_CLASSES];

struct failure {
    enum store_point point;
    int code;
    const char *refusal; /* what senders are told */
};

#define POINT(name) (1u << STORE_POINT_##name)
#define ALL_POINTS (POINT(BEGIN) | POINT(EVENT) | POINT(OBJECT) | POINT(SESSION) | POINT(COMMIT))

typedef void (*failure_fn)(struct scene *scene, const struct failure *failure, const char *session);

/* A session of its own for each, with one object `a` whose row is due to be written 2 s later. */
void failure_for_each(struct scene *scene, unsigned points, failure_fn fn);
/* The next message is the error, of 503, that answers id. */
void conn_expect_error(struct conn *conn, int64_t id, const char *code);
/* What scene_state() appends. */
void scene_expect_state(struct scene *scene, const char *session, const char *expected);

#endif
