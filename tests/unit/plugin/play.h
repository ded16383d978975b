/*
 * A play: the hub's scene (a real hub over a real store) with plugins that a test writes as text.
 * Each plugin is its own file in a temporary folder.
 */
#ifndef HD1_TESTS_PLAY_H
#define HD1_TESTS_PLAY_H

#include "hub/scene.h"

#include "plugin/plugin.h"

struct peer;

struct play {
    void *scene_state;
    struct peer *peers; /* that are open */
    struct scene *scene;
    char path[64];
    struct plugin_entry entries[8];
    size_t entry_count;
    size_t memory_bytes;
    int64_t instructions;
    int64_t mono_ms; /* what plugins go by: hd1.mono_ms(), breakers, timers, the time of calls */
    int64_t step_ms; /* it advances by so much whenever it is read: then calls take time */
    struct plugins *plugins;
    struct buf why;
};

int play_setup(void **state);
int play_teardown(void **state);

/* Writes NAME.lua and puts it on the list; options is a JSON object or NULL. */
void play_add(struct play *play, const char *name, const char *options, const char *text);
/* The same for a plugin with that setup function's body alone: hd1 and config are in reach. */
void play_add_setup(struct play *play, const char *name, const char *body);
/* plugins_load(); hooks are set in the hub. The result. */
int play_load(struct play *play);
/* What it loads with. */
struct plugins_options play_options(struct play *play);
/* Puts a new generation in place of the one that runs: plugins_prepare(), plugins_replace(). */
int play_reload(struct play *play);
/* Must load. */
void play_start(struct play *play);
/* Time goes by; what is due then is run, and all that follows from it. */
void play_pass(struct play *play, int ms);
/* Is this text in what GET /api/plugins, or /metrics, shows? Fails with the text if not. */
void play_expect_described(struct play *play, const char *part);
void play_expect_metric(struct play *play, const char *line);
/* Must not; the reason must have this text in it. */
void play_expect_refusal(struct play *play, const char *part);

#define NONE "" /* a `made` that does nothing */

/* A plugin `a` whose body is run at each object_created, as before_event(event, client); `made` is
 * what runs once in setup. `fails(part, fn, ...)` is there: the call must raise an error with that
 * text and a.lua:LINE in it. */
void play_add_hook(struct play *play, const char *made, const char *body);
/* Posts an object of that name to session demo; its refusal must have that code ("": none). */
void play_expect_post(struct play *play, const char *name, const char *code);

#endif
