/*
 * REST between two fakes: requests that are structs, and a hub with one session "demo" that does
 * what the test tells it. What rest*.c said to the hub and answered is there to be looked at.
 */
#ifndef HD1_TEST_REST_SCENE_H
#define HD1_TEST_REST_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/hub.h"
#include "net/rest/rest.h"
#include "store/store.h"

#define SCENE_MAX 8

struct object {
    char name[16];
    char body[128];
    int64_t version;
};

struct session {
    struct object objects[SCENE_MAX];
    size_t object_count;
    const char *world;
    const char *camera;
};

/* What came to hub_receive(), hub_run_script(), store_list() or hub_history(), as text. */
struct scene {
    struct rest *rest;
    struct session session;
    struct event_types types;
    struct watch watch;
    char said[SCENE_MAX][1024];
    size_t said_count;
    bool was_array;
    /* What the fake hub does. */
    enum refusal_code refusals[SCENE_MAX]; /* REFUSE_COUNT: accepts */
    size_t refusal_count;
    const char *result; /* of what is accepted */
    int64_t version;
    bool is_shut; /* nobody is admitted */
    struct web_hooks web;
    int lost_holds; /* so many hub_hold() end in false */
    /* The last answer. */
    int status;
    char body[8192];
    char headers[1024]; /* "name: value\n" each */
    int answers;
};

extern struct scene *scene;

int scene_setup(void **state);
int scene_teardown(void **state);

/* One request, e.g. ask(METHOD_GET, "/healthz", NULL); headers are name, value pairs closed by
 * NULL. */
void ask(enum method method, const char *target, const char *body);
void ask_with(const char *header, const char *value, enum method method, const char *target,
              const char *body);
void assert_answer(int status, const char *body_part);
void assert_header(const char *line);
void assert_said(size_t index, const char *text);
void add_object(const char *name, const char *body, int64_t version);

#endif
