/*
 * A plugin that counts the objects made in what it keeps: whatever fails, its count is the number
 * of object_created events on disk. It has one scene, with sessions `s1` and `s2`.
 */
#ifndef HD1_TEST_HUB_COUNTER_H
#define HD1_TEST_HUB_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

struct client;
struct kv_space;
struct scene;

#define CREATE(name)                                                                               \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"" name "\",\"type\":\"cube\"}}" \
    "}"
#define BYTES_MAX 4096 /* of all that it keeps */

/* What it is to do, and what it saw. */
struct counter {
    struct scene *scene;
    struct kv_space *space;
    struct client *plugin;
    bool refuses, reads_only, writes_after, drops_creations;
    int64_t count_seen;
    int held, dropped;
};

extern struct counter counter; /* of the test that runs */

int counter_setup(void **state);
int counter_teardown(void **state);
/* Opens what it keeps, in the hub that runs now. */
void counter_open(void);

/* What is kept there; 0 if nothing is. */
int64_t counter_count(struct kv_space *space);
/* Keeps that count; what kv_put() returns. */
int counter_put(int64_t count);

/* Posts an object of that name; its refusal must have that code ("": none). */
void counter_expect_post(const char *session, const char *name, const char *code);
void counter_expect(int64_t count);
/* The same, as a fresh start finds it. */
void counter_expect_on_disk(int64_t count);

#endif
