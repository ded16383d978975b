/*
 * The writer fails at every point, with every class of error. Three sessions in one batch; after it
 * the statuses must agree with the rows, row by row, and the next batch must work.
 */
#include "scene.h"

#include <sqlite3.h>

#define SESSIONS 3

struct trio {
    int64_t keys[SESSIONS];
    struct batch *batch;
    struct batch_part *parts[SESSIONS];
};

/* What each part writes: an epoch, two events, an object, a column. */
static void
build(struct trio *trio)
{
    trio->batch = batch_new();
    for (int i = 0; i < SESSIONS; i++) {
        struct batch_part *part = batch_add_part(trio->batch, trio->keys[i], NULL);

        part->epoch = SPAN("epoch");
        part->epoch_first_seq = 1;
        scene_add_event(trio->batch, part, 1);
        scene_add_event(trio->batch, part, 2);
        scene_add_object(trio->batch, part, "box", 2, "{}");
        part->objects_seq = 2;
        trio->parts[i] = part;
    }
}

static void
make_trio(struct scene *scene, struct trio *trio)
{
    static const char *const names[SESSIONS] = {"a", "b", "c"};

    for (int i = 0; i < SESSIONS; i++)
        trio->keys[i] = scene_create(scene, names[i]);
    build(trio);
}

/* All rows of the part, or none. */
static void
assert_rows(const struct scene *scene, int64_t key, bool are_there)
{
    static const char sql[] = "SELECT (SELECT count(*) FROM epochs WHERE session = ?1) || "
                              "(SELECT count(*) FROM events WHERE session = ?1) || "
                              "(SELECT count(*) FROM objects WHERE session = ?1) || "
                              "(SELECT objects_seq FROM sessions WHERE key = ?1)";

    assert_int_equal(scene_sql(scene, sql, key), are_there ? 1212 : 0);
}

static void
assert_outcome(const struct scene *scene, const struct trio *trio, const int *statuses)
{
    for (int i = 0; i < SESSIONS; i++) {
        assert_int_equal(trio->parts[i]->status, statuses[i]);
        assert_rows(scene, trio->keys[i], statuses[i] == 0);
    }
}

/* The sessions that failed write the same seqs again; all rows are there then. */
static void
assert_recovers(struct scene *scene, struct trio *trio, const int *statuses)
{
    static const int good[SESSIONS];

    scene_heal(scene);
    batch_free(trio->batch);
    build(trio);
    for (int i = 0; i < SESSIONS; i++)
        if (statuses[i] == 0)
            batch_remove_part(trio->batch, trio->parts[i]);
    scene_commit(scene, trio->batch);
    assert_outcome(scene, trio, good);
    if (trio->batch->part_count)
        assert_true(store_is_ready(scene->store));
}

struct failure {
    const char *name;
    enum store_point point;
    int code;
    unsigned calls;
    int statuses[SESSIONS];
    bool is_ready;
};

#define ALL(status)                                                                                \
    {                                                                                              \
        status, status, status                                                                     \
    }
/* The second call: in the middle of the batch where there is more than one. */
#define CLEAN(point, code, status)                                                                 \
    {                                                                                              \
#point " " #code, point, code, EVERY_CALL, ALL(status), false                              \
    }
#define AT_EVERY_POINT(code, status)                                                               \
    CLEAN(STORE_POINT_BEGIN, code, status), CLEAN(STORE_POINT_EVENT, code, status),                \
        CLEAN(STORE_POINT_OBJECT, code, status), CLEAN(STORE_POINT_SESSION, code, status),         \
        CLEAN(STORE_POINT_COMMIT, code, status)
/* Whatever goes wrong after COMMIT: it is there. */
#define AFTER(code)                                                                                \
    {                                                                                              \
        "after COMMIT " #code, STORE_POINT_COMMITTED, code, EVERY_CALL, ALL(0), true               \
    }

/* Calls at which the second part fails, in the common transaction and again in its own. */
#define SECOND(point, code, status, calls)                                                         \
    {                                                                                              \
        "second session " #point " " #code, point, code, calls, {0, status, 0}, true               \
    }
#define SECOND_AT_EVERY_POINT(code, status)                                                        \
    SECOND(STORE_POINT_BEGIN, code, status, CALL(0) | CALL(2)),                                    \
        SECOND(STORE_POINT_EVENT, code, status, CALL(2) | CALL(5)),                                \
        SECOND(STORE_POINT_OBJECT, code, status, CALL(1) | CALL(3)),                               \
        SECOND(STORE_POINT_SESSION, code, status, CALL(2) | CALL(5)),                              \
        SECOND(STORE_POINT_COMMIT, code, status, CALL(0) | CALL(2))
/* Fails in the common transaction only. */
#define ONCE(point, code)                                                                          \
    {                                                                                              \
        "once " #point " " #code, point, code, CALL(0), ALL(0), true                               \
    }

static const struct failure failures[] = {
    AT_EVERY_POINT(SQLITE_FULL, HD1_EFULL),
    AT_EVERY_POINT(SQLITE_BUSY, HD1_EBUSY),
    AT_EVERY_POINT(SQLITE_IOERR, HD1_EIO),
    AT_EVERY_POINT(SQLITE_IOERR_FSYNC, HD1_EIO),
    AT_EVERY_POINT(SQLITE_IOERR_SHMSIZE, HD1_EIO),
    AT_EVERY_POINT(SQLITE_CANTOPEN, HD1_EIO),
    AT_EVERY_POINT(SQLITE_READONLY, HD1_EIO),
    AT_EVERY_POINT(SQLITE_NOMEM, HD1_EIO),
    AFTER(SQLITE_FULL),
    AFTER(SQLITE_BUSY),
    AFTER(SQLITE_IOERR),
    AFTER(SQLITE_IOERR_FSYNC),
    AFTER(SQLITE_CONSTRAINT),
    AFTER(SQLITE_CORRUPT),
    AT_EVERY_POINT(SQLITE_CORRUPT, HD1_ECORRUPT),
    SECOND_AT_EVERY_POINT(SQLITE_CONSTRAINT, HD1_ECONSTRAINT),
    SECOND_AT_EVERY_POINT(SQLITE_CONSTRAINT_UNIQUE, HD1_ECONSTRAINT),
    SECOND_AT_EVERY_POINT(SQLITE_TOOBIG, HD1_ECONSTRAINT),
    SECOND_AT_EVERY_POINT(SQLITE_CORRUPT, HD1_ECORRUPT),
    ONCE(STORE_POINT_EVENT, SQLITE_CONSTRAINT),
    ONCE(STORE_POINT_COMMIT, SQLITE_CORRUPT),
};

static void
play(struct scene *scene, const struct failure *failure)
{
    struct trio trio;

    print_message("%s\n", failure->name);
    make_trio(scene, &trio);
    scene_fail(scene, failure->point, failure->code, failure->calls);
    scene_commit(scene, trio.batch);
    assert_int_equal(store_is_ready(scene->store), failure->is_ready);
    assert_outcome(scene, &trio, failure->statuses);
    assert_recovers(scene, &trio, failure->statuses);
    batch_free(trio.batch);
}

static void
statuses_agree_with_the_rows_at_every_point(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        void *scene;

        assert_int_equal(scene_setup(&scene), 0);
        play(scene, &failures[i]);
        scene_teardown(&scene);
    }
}

/* Not injected: the second session writes a seq that it has. */
static void
one_session_cannot_fail_the_others(void **state)
{
    static const int statuses[SESSIONS] = {0, HD1_ECONSTRAINT, 0};
    struct scene *scene = *state;
    struct trio trio;

    make_trio(scene, &trio);
    scene_append(scene, trio.keys[1], 2, 2);
    scene_commit(scene, trio.batch);
    for (int i = 0; i < SESSIONS; i++)
        assert_int_equal(trio.parts[i]->status, statuses[i]);
    assert_rows(scene, trio.keys[0], true);
    assert_int_equal(
        scene_sql(scene, "SELECT count(*) FROM events WHERE session = ?1", trio.keys[1]), 1);
    assert_rows(scene, trio.keys[2], true);
    assert_true(store_is_ready(scene->store));
    batch_free(trio.batch);
}

static void
a_session_that_is_not_there_cannot_be_written(void **state)
{
    struct scene *scene = *state;
    struct batch *batch = batch_new();

    scene_add_event(batch, batch_add_part(batch, 77, NULL), 1);
    batch_add_part(batch, 78, NULL)->objects_seq = 1;
    batch_add_part(batch, 79, NULL)->is_deletion = true;
    scene_commit(scene, batch);
    for (struct batch_part *part = batch->parts; part; part = part->next)
        assert_int_equal(part->status, HD1_ECONSTRAINT);
    batch_free(batch);
}

/* While one part of a batch is tried alone, the disk fails: the one before is there, the one after
 * too, since the connection came back. */
static void
an_error_while_trying_alone_hits_one_session(void **state)
{
    static const int statuses[SESSIONS] = {0, HD1_EIO, 0};
    struct scene *scene = *state;
    struct trio trio;

    make_trio(scene, &trio);
    scene_fail(scene, STORE_POINT_OBJECT, SQLITE_CONSTRAINT, CALL(0));
    scene_fail(scene, STORE_POINT_COMMIT, SQLITE_IOERR, CALL(1));
    scene_commit(scene, trio.batch);
    assert_outcome(scene, &trio, statuses);
    assert_true(store_is_ready(scene->store));
    assert_recovers(scene, &trio, statuses);
    batch_free(trio.batch);
}

static void
a_disk_lost_while_trying_alone_fails_the_rest(void **state)
{
    static const int statuses[SESSIONS] = {0, HD1_EIO, HD1_EIO};
    struct scene *scene = *state;
    struct trio trio;

    make_trio(scene, &trio);
    scene_fail(scene, STORE_POINT_OBJECT, SQLITE_CONSTRAINT, CALL(0));
    scene_fail(scene, STORE_POINT_EVENT, SQLITE_IOERR, CALL(4)); /* after twice the first */
    scene_fail(scene, STORE_POINT_REOPEN, SQLITE_CANTOPEN, EVERY_CALL);
    scene_commit(scene, trio.batch);
    assert_false(store_is_ready(scene->store));
    for (int i = 0; i < SESSIONS; i++)
        assert_int_equal(trio.parts[i]->status, statuses[i]);
    scene_heal(scene);
    scene_await_ready(scene, true);
    assert_outcome(scene, &trio, statuses);
    batch_free(trio.batch);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_agree_with_the_rows_at_every_point),
        SCENE_TEST(one_session_cannot_fail_the_others),
        SCENE_TEST(a_session_that_is_not_there_cannot_be_written),
        SCENE_TEST(an_error_while_trying_alone_hits_one_session),
        SCENE_TEST(a_disk_lost_while_trying_alone_fails_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
