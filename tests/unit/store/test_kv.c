/*
 * What plugins keep: written by the transaction of the events that it belongs to, whatever fails.
 * Three sessions in one batch, the first two coupled to the kv; after it kv, coupled parts and rows
 * must agree.
 */
#include "scene.h"

#include <sqlite3.h>

#define SESSIONS 3

static const char count_events[] = "SELECT count(*) FROM events WHERE session = ?1";
static const char count_rows[] = "SELECT count(*) FROM plugin_kv WHERE session = 0";

static void
add(struct batch *batch, const char *owner, const char *key, const char *value)
{
    struct batch_kv kv = {span_of(owner), span_of(key), span_of(value), NULL};

    batch_add_kv(batch, &kv);
}

/* Writes it by itself. */
static void
keep(struct scene *scene, const char *owner, const char *key, const char *value)
{
    struct batch *batch = batch_new();

    add(batch, owner, key, value);
    scene_commit(scene, batch);
    assert_int_equal(batch->kv_status, 0);
    batch_free(batch);
}

struct found {
    int status;
    struct buf text; /* key=value; ... */
    bool is_there;
};

static void
on_found(void *ctx, int status, const struct store_kv *items, size_t count)
{
    struct found *found = ctx;

    found->status = status;
    found->is_there = true;
    for (size_t i = 0; i < count; i++) {
        buf_append_span(&found->text, items[i].key);
        buf_append_char(&found->text, '=');
        buf_append_span(&found->text, items[i].value);
        buf_append_char(&found->text, ';');
    }
}

static void
expect(struct scene *scene, const char *owner, int status, const char *text)
{
    struct found found = {.status = 1};

    store_load_kv(scene->store, span_of(owner), on_found, &found);
    for (int i = 0; i < 200 && !found.is_there; i++)
        store_wait(scene->store, 100);
    assert_int_equal(found.status, status);
    assert_string_equal(buf_cstr(&found.text), text);
    buf_fini(&found.text);
}

static void
each_owner_has_its_own_in_the_order_of_bytes(void **state)
{
    struct scene *scene = *state;

    keep(scene, "a", "k\xc3\xa9", "1");
    keep(scene, "a", "k", "{\"x\":[]}");
    keep(scene, "a", "B", "\"\"");
    keep(scene, "b", "k", "2");
    keep(scene, "a", "k", "3");
    expect(scene, "a", 0, "B=\"\";k=3;k\xc3\xa9=1;");
    expect(scene, "b", 0, "k=2;");
    expect(scene, "c", 0, "");
    keep(scene, "a", "k", NULL);
    keep(scene, "a", "never", NULL);
    expect(scene, "a", 0, "B=\"\";k\xc3\xa9=1;");
    scene_close(scene);
    scene_open(scene);
    expect(scene, "a", 0, "B=\"\";k\xc3\xa9=1;");
}

static void
what_cannot_be_read_is_said(void **state)
{
    struct scene *scene = *state;

    scene_fail(scene, STORE_POINT_READ, SQLITE_IOERR, EVERY_CALL);
    expect(scene, "a", HD1_EIO, "");
}

/* --- failures --- */

struct trio {
    int64_t keys[SESSIONS];
    struct batch *batch;
    struct batch_part *parts[SESSIONS];
};

/* The parts in the order 2, 0, 1: the coupled ones are not the first. */
static void
build(struct trio *trio)
{
    static const int order[SESSIONS] = {2, 0, 1};

    trio->batch = batch_new();
    for (int i = 0; i < SESSIONS; i++) {
        struct batch_part *part = batch_add_part(trio->batch, trio->keys[order[i]], NULL);

        part->is_coupled = order[i] < 2;
        scene_add_event(trio->batch, part, 1);
        trio->parts[order[i]] = part;
    }
    add(trio->batch, "p", "count", "2");
    add(trio->batch, "p", "old", NULL);
}

static void
assert_outcome(struct scene *scene, const struct trio *trio, int coupled, int other)
{
    assert_int_equal(trio->batch->kv_status, coupled);
    for (int i = 0; i < SESSIONS; i++) {
        int status = i < 2 ? coupled : other;

        assert_int_equal(trio->parts[i]->status, status);
        assert_int_equal(scene_sql(scene, count_events, trio->keys[i]), status == 0 ? 1 : 0);
    }
    assert_int_equal(scene_sql(scene, "SELECT value FROM plugin_kv WHERE key = 'count'", 0),
                     coupled == 0 ? 2 : -1);
    assert_int_equal(scene_sql(scene, "SELECT value FROM plugin_kv WHERE key = 'old'", 0),
                     coupled == 0 ? -1 : 7);
}

struct failure {
    const char *name;
    enum store_point point;
    int code;
    unsigned calls;
    int coupled, other;
};

#define AT(point, code, calls, coupled, other)                                                     \
    {                                                                                              \
#point " " #code, point, code, calls, coupled, other                                       \
    }

static const struct failure failures[] = {
    AT(STORE_POINT_KV, SQLITE_FULL, EVERY_CALL, HD1_EFULL, HD1_EFULL),
    AT(STORE_POINT_KV, SQLITE_BUSY, EVERY_CALL, HD1_EBUSY, HD1_EBUSY),
    AT(STORE_POINT_KV, SQLITE_IOERR, EVERY_CALL, HD1_EIO, HD1_EIO),
    AT(STORE_POINT_KV, SQLITE_CONSTRAINT, EVERY_CALL, HD1_ECONSTRAINT, 0),
    AT(STORE_POINT_KV, SQLITE_CORRUPT, CALL(1) | CALL(3), HD1_ECORRUPT, 0),
    AT(STORE_POINT_KV, SQLITE_CONSTRAINT, CALL(0), 0, 0),
    AT(STORE_POINT_BEGIN, SQLITE_FULL, EVERY_CALL, HD1_EFULL, HD1_EFULL),
    AT(STORE_POINT_COMMIT, SQLITE_IOERR, CALL(0), HD1_EIO, HD1_EIO),
    AT(STORE_POINT_COMMIT, SQLITE_CORRUPT, CALL(0), 0, 0),
    AT(STORE_POINT_COMMITTED, SQLITE_IOERR, CALL(0), 0, 0),
    /* The second coupled part, in the common transaction and in that of the coupled ones. */
    AT(STORE_POINT_EVENT, SQLITE_CONSTRAINT, CALL(1) | CALL(3), HD1_ECONSTRAINT, 0),
    /* The other part, in the common transaction and in its own. */
    AT(STORE_POINT_EVENT, SQLITE_CONSTRAINT, CALL(2) | CALL(5), 0, HD1_ECONSTRAINT),
    /* The disk is lost while the coupled ones are tried again. */
    AT(STORE_POINT_EVENT, SQLITE_FULL, CALL(2) | CALL(3), HD1_EFULL, HD1_EFULL),
};

static void
play(struct scene *scene, const struct failure *failure)
{
    struct trio trio;

    print_message("%s\n", failure->name);
    for (int i = 0; i < SESSIONS; i++)
        trio.keys[i] = scene_create(scene, (const char *const[]){"a", "b", "c"}[i]);
    keep(scene, "p", "old", "7");
    build(&trio);
    scene_fail(scene, failure->point, failure->code, failure->calls);
    scene_commit(scene, trio.batch);
    assert_outcome(scene, &trio, failure->coupled, failure->other);
    scene_heal(scene);
    scene_await_ready(scene, true);
    batch_free(trio.batch);
}

static void
the_kv_and_what_is_coupled_to_it_stand_or_fall_together(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        void *scene;

        assert_int_equal(scene_setup(&scene), 0);
        play(scene, &failures[i]);
        scene_teardown(&scene);
    }
}

/* No event says how it ended: its own rows do. */
static void
kv_alone_is_found_by_its_rows(void **state)
{
    struct scene *scene = *state;
    struct batch *batch;

    keep(scene, "p", "old", "1");
    for (int i = 0; i < 2; i++) {
        enum store_point point = i ? STORE_POINT_COMMITTED : STORE_POINT_COMMIT;

        batch = batch_new();
        add(batch, "p", "new", "2");
        add(batch, "p", "old", NULL);
        scene_fail(scene, point, SQLITE_IOERR, CALL(0));
        scene_commit(scene, batch);
        assert_int_equal(batch->kv_status, i ? 0 : HD1_EIO);
        assert_int_equal(batch->part_count, 0);
        scene_heal(scene);
        expect(scene, "p", 0, i ? "new=2;" : "old=1;");
        batch_free(batch);
    }
}

static void
without_reopening_nobody_knows(void **state)
{
    struct scene *scene = *state;
    struct batch *batch = batch_new();

    add(batch, "p", "new", "2");
    scene_fail(scene, STORE_POINT_COMMITTED, SQLITE_IOERR, CALL(0));
    scene_fail(scene, STORE_POINT_REOPEN, SQLITE_CANTOPEN, EVERY_CALL);
    scene_commit(scene, batch);
    assert_int_equal(batch->kv_status, HD1_EOUTCOME);
    assert_false(store_is_ready(scene->store));
    batch_free(batch);
}

static void
a_batch_used_again_is_empty(void **state)
{
    struct scene *scene = *state;
    struct batch *batch = batch_new();

    add(batch, "p", "key", "12345");
    assert_int_equal(batch->bytes, 8);
    scene_commit(scene, batch);
    batch_reset(batch);
    assert_null(batch->kvs);
    assert_int_equal(batch->bytes, 0);
    keep(scene, "p", "key", NULL);
    scene_commit(scene, batch); /* nothing to do */
    assert_int_equal(scene_sql(scene, count_rows, 0), 0);
    batch_free(batch);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(each_owner_has_its_own_in_the_order_of_bytes),
        SCENE_TEST(what_cannot_be_read_is_said),
        cmocka_unit_test(the_kv_and_what_is_coupled_to_it_stand_or_fall_together),
        SCENE_TEST(kv_alone_is_found_by_its_rows),
        SCENE_TEST(without_reopening_nobody_knows),
        SCENE_TEST(a_batch_used_again_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
