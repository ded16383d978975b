/* Words for hooks: events to be judged by them. */
#ifndef HD1_TEST_PLUGIN_HOOKING_H
#define HD1_TEST_PLUGIN_HOOKING_H

#include "hub/rest.h"
#include "plugin/play.h"

#define OBJECT                                                                                     \
    "{\"type\":\"object_created\",\"id\":7,\"data\":{\"session_id\":\"demo\",\"object\":{"         \
    "\"name\":\"a\",\"type\":\"cube\",\"x\":1}}}"
#define NEW_OBJECT                                                                                 \
    "{\"type\":\"object_created\",\"data\":{\"session_id\":\"demo\",\"object\":{"                  \
    "\"name\":\"a\",\"type\":\"cube\"}}}"
#define REST_OBJECT(name)                                                                          \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"" name "\",\"type\":\"cube\"}}" \
    "}"

/* Sends one event to session demo over REST; its refusal's code, "" if accepted. */
const char *play_post(struct play *play, const char *text, struct rest_answer *answer);
void play_expect_event(struct play *play, const char *text, const char *code);

#endif
