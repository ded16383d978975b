/* See scene.h. */
#include "scene.h"

#include "conn.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS_MAX 5000
#define CATCH_UP_MAX 1000 /* deliveries */
#define CATCH_UP_MS 10000 /* for one of them */

/* --- what hub and store ask of it --- */

static int64_t
scene_unix_ms(void *ctx)
{
    return ((struct scene *)ctx)->unix_ms;
}

static int64_t
scene_mono_us(void *ctx)
{
    struct scene *scene = ctx;

    scene->mono_ms += scene->hurry_ms;
    return scene->mono_ms * 1000;
}

static int
fault(void *ctx, enum store_point point)
{
    struct scene *scene = ctx;

    while ((point == STORE_POINT_BEGIN && scene->is_store_held) ||
           (point == STORE_POINT_READ && scene->is_reader_held))
        usleep(100);
    if (scene->faults[point].count > 0) {
        scene->faults[point].count--;
        scene->failed[point][scene->faults[point].code]++;
        return scene->faults[point].code;
    }
    return 0;
}

static void
wake(void *ctx)
{
    (void)ctx;
}

static void
committed(void *ctx, struct batch *batch)
{
    hub_committed(((struct scene *)ctx)->hub, batch);
}

/* --- its life --- */

void
scene_start(struct scene *scene)
{
    struct buf why = BUF_INIT;
    struct store_options store = scene->store_options;

    store.dir = scene->dir;
    store.wake = wake;
    store.committed = committed;
    store.committed_ctx = scene;
    store.fault = fault;
    store.fault_ctx = scene;

    if (store_open(&scene->store, &store, &why) != 0)
        fail_msg("store: %s", buf_cstr(&why));
    buf_fini(&why);
    scene->options.store = scene->store;
    scene->hub = hub_new(&scene->options);
    hub_set_hooks(scene->hub, &scene->hooks);
}

struct scene *
scene_make(void)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    snprintf(scene->dir, sizeof(scene->dir), "%s/hd1-hub-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(scene->dir));
    scene->store_options.durability = STORE_PROCESS;
    scene->unix_ms = 1700000000000;
    scene->mono_ms = 1000000;
    scene->options = (struct hub_options){.port = &conn_port,
                                          .unix_ms = scene_unix_ms,
                                          .mono_us = scene_mono_us,
                                          .ctx = scene,
                                          .heartbeat_s = 25};
    hub_limits_default(&scene->options.limits);
    return scene;
}

int
scene_setup(void **state)
{
    struct scene *scene = scene_make();

    scene_start(scene);
    *state = scene;
    return 0;
}

static void
remove_dir(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char name[512];

    while (dir && (entry = readdir(dir))) {
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(name);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

int
scene_teardown(void **state)
{
    struct scene *scene = *state;

    for (int point = 0; point <= STORE_POINT_READ; point++)
        scene->faults[point].count = 0;
    scene->is_store_held = scene->is_reader_held = 0;
    while (scene->conns) /* a failed test's */
        conn_vanish(scene, scene->conns);
    scene_settle(scene);
    store_close(scene->store);
    hub_free(scene->hub);
    remove_dir(scene->dir);
    free(scene);
    return 0;
}

void
scene_restart(struct scene *scene)
{
    scene_settle(scene);
    scene_crash(scene);
}

void
scene_crash(struct scene *scene)
{
    store_close(scene->store);
    hub_free(scene->hub);
    scene_start(scene);
}

/* --- rounds and time --- */

void
scene_round(struct scene *scene)
{
    scene->mono_ms++;
    store_poll(scene->store);
    hub_round_end(scene->hub);
}

void
scene_turn(struct scene *scene)
{
    scene->mono_ms++;
    hub_round_end(scene->hub);
}

static bool
is_store_working(const struct scene *scene)
{
    struct hub_stats stats;

    hub_stats(scene->hub, &stats);
    return (!store_is_idle(scene->store) && !scene->is_store_held) ||
           (stats.reads > 0 && !scene->is_reader_held);
}

void
scene_catch_up(struct scene *scene)
{
    store_poll(scene->store);
    for (int i = 0; i < CATCH_UP_MAX && is_store_working(scene); i++)
        store_wait(scene->store, CATCH_UP_MS);
    assert_false(is_store_working(scene));
}

void
scene_deliver(struct scene *scene, int timeout_ms)
{
    store_wait(scene->store, timeout_ms);
}

void
scene_pass(struct scene *scene, int ms)
{
    scene->mono_ms += ms;
    scene->unix_ms += ms;
}

void
scene_settle(struct scene *scene)
{
    int quiet = 0;

    for (int i = 0; i < ROUNDS_MAX && quiet < 4; i++) {
        scene->mono_ms += 2; /* the pace of handing over */
        hub_round_end(scene->hub);
        quiet = hub_is_settled(scene->hub) ? quiet + 1 : 0;
        scene_catch_up(scene);
    }
    assert_int_equal(quiet, 4);
}

/* --- faults --- */

void
scene_fail(struct scene *scene, enum store_point point, int code, int count)
{
    scene->faults[point].code = code;
    scene->faults[point].count = count;
}

bool
scene_has_failed(const struct scene *scene, enum store_point point)
{
    return scene->faults[point].count == 0;
}

/* --- state --- */

#define OBJECTS_MAX 1000

static void
append_state(void *ctx, struct session *session, const struct refusal *refusal)
{
    const struct object *objects[OBJECTS_MAX];
    struct buf *out = ctx;

    if (!session) {
        buf_append_str(out, refusal->code);
        return;
    }
    buf_appendf(out, "%lld ", (long long)session_seq(session));
    buf_append_span(out, session_world(session));
    size_t count = session_objects_after(session, SPAN_NONE, OBJECTS_MAX, objects);

    for (size_t i = 0; i < count; i++) {
        buf_append_char(out, '\n');
        object_append(out, objects[i]);
    }
}

void
scene_state(struct scene *scene, const char *session_id, struct buf *out)
{
    size_t len = out->len;

    hub_open(scene->hub, span_of(session_id), append_state, out);
    scene_settle(scene);
    assert_true(out->len > len);
}
