/*
 * The hooks of a plugin that does what the test tells it, and notes what it is asked and told. They
 * have one scene, with a session `s`.
 */
#ifndef HD1_TEST_HUB_HOOK_H
#define HD1_TEST_HUB_HOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hub/hooks.h"

struct client;
struct conn;
struct scene;

#define CREATE(name)                                                                               \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"" name "\",\"type\":\"cube\"}}" \
    "}"
#define WS_CREATE(name)                                                                            \
    "{\"type\":\"object_created\",\"id\":%d,\"data\":{\"session_id\":\"s\",\"object\":{\"name\":"  \
    "\"" name "\",\"type\":\"cube\"}}}"

struct hook {
    struct scene *scene;
    /* before_message */
    int messages;
    size_t count, bytes;
    char types[256], sessions[256];
    bool refuses;
    /* before_event */
    enum verdict verdict;
    const char *patch, *replacement;
    int emits, emit_errors, refused_error;
    const char *emit_text, *emit_session;
    int max_depth;
    /* after_event */
    char after[512];
    int64_t after_seq;
    size_t seen_by_conn;
    struct conn *watched;
    /* join */
    int joined, left;
    bool refuses_join, drops_join;
};

extern struct hook hook; /* of the test that runs */

/* With scene_teardown(). */
int hook_setup(void **state);
/* Emits emit_text as often as `emits` says. */
void hook_emit(struct client *client);

#endif
