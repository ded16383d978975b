/* Shared by the store's tests. Nothing here looks behind the store's headers. */
#include "scene.h"

#include "clock.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
wake(void *ctx)
{
    struct scene *scene = ctx;

    atomic_fetch_add(&scene->wakes, 1);
}

static void
committed(void *ctx, struct batch *batch)
{
    struct scene *scene = ctx;

    scene->returned = batch;
    scene->returned_count++;
}

static int
fault(void *ctx, enum store_point point)
{
    struct scene *scene = ctx;
    int code = 0;

    pthread_mutex_lock(&scene->lock);
    while (scene->blocked_point == (int)point)
        pthread_cond_wait(&scene->unblocked, &scene->lock);
    for (int i = 0; i < SCENE_FAULTS; i++) {
        struct fault *one = &scene->faults[i];

        if (one->code && one->point == point) {
            unsigned call = one->passed++;

            if (one->calls == EVERY_CALL || (call < 32 && (one->calls & CALL(call))))
                code = one->code;
        }
    }
    pthread_mutex_unlock(&scene->lock);
    return code;
}

int
scene_setup(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    strcpy(scene->dir, "/tmp/hd1-store-XXXXXX");
    if (!mkdtemp(scene->dir))
        return -1;
    pthread_mutex_init(&scene->lock, NULL);
    pthread_cond_init(&scene->unblocked, NULL);
    scene->blocked_point = -1;
    scene->options = (struct store_options){
        .dir = scene->dir,
        .durability = STORE_FULL,
        .wake = wake,
        .wake_ctx = scene,
        .committed = committed,
        .committed_ctx = scene,
        .fault = fault,
        .fault_ctx = scene,
    };
    *state = scene;
    scene_open(scene);
    return 0;
}

static void
remove_files(struct scene *scene)
{
    static const char *const names[] = {"hd1.db", "hd1.db-wal", "hd1.db-shm", "hd1.lock", "filler"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(scene_path(scene, names[i]));
    rmdir(scene->dir);
}

int
scene_teardown(void **state)
{
    struct scene *scene = *state;

    scene_unblock(scene);
    scene_heal(scene);
    scene_close(scene);
    remove_files(scene);
    pthread_cond_destroy(&scene->unblocked);
    pthread_mutex_destroy(&scene->lock);
    free(scene);
    return 0;
}

void
scene_open(struct scene *scene)
{
    struct buf why = BUF_INIT;
    int err = store_open(&scene->store, &scene->options, &why);

    if (err)
        fail_msg("store_open: %d, %s", err, buf_cstr(&why));
    assert_int_equal(why.len, 0);
    buf_fini(&why);
}

void
scene_refuse(struct scene *scene, int err, const char *a, const char *b, const char *c)
{
    const char *const texts[] = {a, b, c};
    struct buf why = BUF_INIT;

    assert_int_equal(store_open(&scene->store, &scene->options, &why), err);
    assert_null(scene->store);
    for (int i = 0; i < 3; i++)
        if (texts[i] && !strstr(buf_cstr(&why), texts[i]))
            fail_msg("\"%s\" does not say \"%s\"", buf_cstr(&why), texts[i]);
    buf_fini(&why);
}

void
scene_close(struct scene *scene)
{
    store_close(scene->store);
    scene->store = NULL;
}

const char *
scene_path(const struct scene *scene, const char *name)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/%s", scene->dir, name);
    return path;
}

void
scene_fail(struct scene *scene, enum store_point point, int code, unsigned calls)
{
    int i = 0;

    pthread_mutex_lock(&scene->lock);
    while (scene->faults[i].code)
        i++;
    assert_true(i < SCENE_FAULTS);
    scene->faults[i] = (struct fault){point, code, calls, 0};
    pthread_mutex_unlock(&scene->lock);
}

void
scene_heal(struct scene *scene)
{
    pthread_mutex_lock(&scene->lock);
    memset(scene->faults, 0, sizeof(scene->faults));
    pthread_mutex_unlock(&scene->lock);
}

static unsigned
calls_of(struct scene *scene, enum store_point point)
{
    unsigned calls = 0;

    pthread_mutex_lock(&scene->lock);
    for (int i = 0; i < SCENE_FAULTS; i++)
        if (scene->faults[i].code && scene->faults[i].point == point)
            calls = scene->faults[i].passed;
    pthread_mutex_unlock(&scene->lock);
    return calls;
}

void
scene_await_calls(struct scene *scene, enum store_point point, unsigned calls)
{
    int64_t deadline_ms = clock_mono_ms() + SCENE_WAIT_MS;

    while (calls_of(scene, point) < calls && clock_mono_ms() < deadline_ms)
        store_wait(scene->store, 10);
    assert_true(calls_of(scene, point) >= calls);
}

static void
set_blocked(struct scene *scene, int point)
{
    pthread_mutex_lock(&scene->lock);
    scene->blocked_point = point;
    pthread_cond_broadcast(&scene->unblocked);
    pthread_mutex_unlock(&scene->lock);
}

void
scene_block(struct scene *scene, enum store_point point)
{
    set_blocked(scene, (int)point);
}

void
scene_unblock(struct scene *scene)
{
    set_blocked(scene, -1);
}

void
scene_commit(struct scene *scene, struct batch *batch)
{
    int64_t deadline_ms = clock_mono_ms() + SCENE_WAIT_MS;

    assert_true(store_is_idle(scene->store));
    scene->returned = NULL;
    store_submit(scene->store, batch);
    assert_false(store_is_idle(scene->store));
    while (!scene->returned && clock_mono_ms() < deadline_ms)
        store_wait(scene->store, 100);
    assert_ptr_equal(scene->returned, batch);
    assert_true(store_is_idle(scene->store));
}

void
scene_await_ready(struct scene *scene, bool is_ready)
{
    int64_t deadline_ms = clock_mono_ms() + SCENE_WAIT_MS;

    while (store_is_ready(scene->store) != is_ready && clock_mono_ms() < deadline_ms)
        store_wait(scene->store, 10);
    assert_int_equal(store_is_ready(scene->store), is_ready);
}

struct batch *
scene_creation(int64_t key, const char *id)
{
    struct batch *batch = batch_new();
    struct batch_part *part = batch_add_part(batch, key, NULL);
    struct batch_create create = {span_of(id), 1000, SPAN("{\"size\":25}"), SPAN_NONE};

    batch_set_create(batch, part, &create);
    return batch;
}

int64_t
scene_create(struct scene *scene, const char *id)
{
    int64_t key = store_next_key(scene->store);
    struct batch *batch = scene_creation(key, id);

    scene_commit(scene, batch);
    assert_int_equal(batch->parts->status, 0);
    batch_free(batch);
    return key;
}

void
scene_add_event(struct batch *batch, struct batch_part *part, int64_t seq)
{
    char body[64];
    struct batch_event event = {
        .seq = seq,
        .time_ms = 1000 + seq,
        .type = SPAN("object_updated"),
        .client_id = SPAN("client-abcdefgh"),
        .client_msg_id = seq % 2 ? seq * 10 : 0,
        .body = {body, (size_t)snprintf(body, sizeof(body), "{\"n\":%lld}", (long long)seq)},
    };

    batch_add_event(batch, part, &event);
}

void
scene_add_object(struct batch *batch, struct batch_part *part, const char *name, int64_t version,
                 const char *body)
{
    struct batch_object object = {.name = span_of(name),
                                  .body = span_of(body),
                                  .version = version,
                                  .time_ms = 1000 + version};

    batch_add_object(batch, part, &object);
}

void
scene_append(struct scene *scene, int64_t key, int64_t from, int64_t to)
{
    struct batch *batch = batch_new();
    struct batch_part *part = batch_add_part(batch, key, NULL);

    for (int64_t seq = from; seq <= to; seq++)
        scene_add_event(batch, part, seq);
    scene_commit(scene, batch);
    assert_int_equal(part->status, 0);
    batch_free(batch);
}

int64_t
scene_sql(const struct scene *scene, const char *sql, int64_t key)
{
    sqlite3 *handle;
    sqlite3_stmt *stmt;
    int64_t number;

    assert_int_equal(sqlite3_open(scene_path(scene, "hd1.db"), &handle), SQLITE_OK);
    sqlite3_busy_timeout(handle, SCENE_WAIT_MS);
    if (sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
    if (sqlite3_bind_parameter_count(stmt))
        sqlite3_bind_int64(stmt, 1, key);
    number = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : -1;
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    sqlite3_close(handle);
    return number;
}

void
scene_await_sql(struct scene *scene, const char *sql, int64_t key, int64_t wanted)
{
    int64_t deadline_ms = clock_mono_ms() + SCENE_WAIT_MS;

    while (scene_sql(scene, sql, key) != wanted && clock_mono_ms() < deadline_ms)
        store_wait(scene->store, 20);
    assert_int_equal(scene_sql(scene, sql, key), wanted);
}

void
assert_span(struct span span, const char *text)
{
    if (!text) {
        assert_null(span.at);
        return;
    }
    assert_non_null(span.at);
    assert_int_equal(span.len, strlen(text));
    assert_memory_equal(span.at, text, span.len);
}
