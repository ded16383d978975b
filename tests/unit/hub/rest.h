/* Words for REST: requests to the hub, each by a client of its own, and their answers. */
#ifndef HD1_TESTS_HUB_REST_H
#define HD1_TESTS_HUB_REST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "hub/hub.h"

struct scene;

struct rest_answer {
    struct client *client; /* while it is awaited */
    bool is_answered;
    char code[48];
    char session_id[65];
    int64_t first_seq, last_seq, version;
    size_t index;
    struct buf result;
};

/* Sends and settles; the outcome's refusal code ("" if accepted). answer: NULL if only that is
 * wanted. */
const char *scene_post(struct scene *scene, const char *session_id, struct rest_answer *answer,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The two halves of scene_post(): send it (an answer may be there at once), wait for the answer. */
void rest_send(struct scene *scene, const char *session_id, struct rest_answer *answer,
               const char *format, ...) __attribute__((format(printf, 4, 5)));
const char *rest_await(struct scene *scene, struct rest_answer *answer);
void rest_fini(struct rest_answer *answer);
/* Makes a session. */
void scene_create(struct scene *scene, const char *session_id);

#endif
