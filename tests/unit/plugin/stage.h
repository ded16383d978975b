/*
 * A stage: the hub's scene (a real hub over a real store) with a folder of world scripts, in which
 * a test writes one, `world`, and a clock for their timers.
 */
#ifndef HD1_TESTS_STAGE_H
#define HD1_TESTS_STAGE_H

#include "hub/scene.h"

#include <stdbool.h>
#include <stdint.h>

struct scripts;

#define WORLD                                                                                      \
    "-- A world.\n"                                                                                \
    "world{ size = 10, title = 'x' }\n"                                                            \
    "object{ name = 'a', type = 'cube' }\n"                                                        \
    "object{ name = 'b', type = 'sphere', x = 1, tags = {} }\n"                                    \
    "camera{ position = { x = 0, y = 1, z = 2 }, target = { x = 0, y = 0, z = 0 } }\n"
#define SPIN                                                                                       \
    "object{ name = 'a', type = 'cube' }\nlocal n = 0\n"                                           \
    "every(0.1, function() n = n + 1 session.move('a', { x = n, y = 0, z = 0 }) end)\n"

struct stage {
    void *scene_state;
    struct scene *scene;
    char path[64];
    struct scripts *scripts;
    int64_t mono_ms;
};

int stage_setup(void **state);
int stage_teardown(void **state);
/* Starts the scene again, and the scripts with it. */
void stage_restart(struct stage *stage);

/* Writes world.lua. */
void stage_write(struct stage *stage, const char *text);

/* What came of a run. */
struct ran {
    bool is_answered;
    char code[48];
    int64_t first_seq, last_seq;
};

/* Runs world.lua in session `demo`; the refusal's code, "" if accepted. */
const char *stage_run(struct stage *stage, struct ran *ran);
/* Time goes by; the timers that are due then are run, and all that follows from it. */
void stage_pass(struct stage *stage, int ms);

#endif
