/* After an input/output error nobody knows what was written: the store finds out, or says so. */
#include "scene.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char count_events[] = "SELECT count(*) FROM events WHERE session = ?1";

static struct batch *
one_event(int64_t key, int64_t seq)
{
    struct batch *batch = batch_new();

    scene_add_event(batch, batch_add_part(batch, key, NULL), seq);
    return batch;
}

static void
assert_commits(struct scene *scene, struct batch *batch, int status)
{
    scene_commit(scene, batch);
    assert_int_equal(batch->parts->status, status);
    batch_free(batch);
}

static void
what_was_written_after_all_is_acknowledged(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");

    scene_fail(scene, STORE_POINT_COMMITTED, SQLITE_IOERR, CALL(0));
    assert_commits(scene, one_event(key, 1), 0);
    assert_int_equal(scene_sql(scene, count_events, key), 1);
    assert_commits(scene, one_event(key, 2), 0);
}

static void
what_was_not_written_is_refused(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");

    scene_fail(scene, STORE_POINT_COMMIT, SQLITE_IOERR_FSYNC, CALL(0));
    assert_commits(scene, one_event(key, 1), HD1_EIO);
    assert_int_equal(scene_sql(scene, count_events, key), 0);
    /* Nobody saw that seq: it is used again. */
    assert_commits(scene, one_event(key, 1), 0);
    assert_true(store_is_ready(scene->store));
}

/* Every kind of part, without an event to tell it by, found or not found. */
static void
parts_without_events_are_found_by_their_rows(void **state)
{
    struct scene *scene = *state;
    static const enum store_point points[] = {STORE_POINT_COMMIT, STORE_POINT_COMMITTED};

    for (int i = 0; i < 2; i++) {
        int status = points[i] == STORE_POINT_COMMIT ? HD1_EIO : 0;
        int64_t created = store_next_key(scene->store);
        int64_t deleted = scene_create(scene, i ? "deleted-2" : "deleted-1");
        int64_t changed = scene_create(scene, i ? "changed-2" : "changed-1");
        struct batch *batch = scene_creation(created, i ? "created-2" : "created-1");
        struct batch_part *part = batch_add_part(batch, changed, NULL);
        struct batch_part *object_part;

        batch_add_part(batch, deleted, NULL)->is_deletion = true;
        part->epoch = SPAN("epoch");
        part->epoch_first_seq = 1;
        part = batch_add_part(batch, changed, NULL);
        part->world = SPAN("{\"size\":7}");
        part->camera = SPAN("{}");
        part->script = SPAN("other");
        object_part = batch_add_part(batch, changed, NULL);
        scene_add_object(batch, object_part, "box", 3, "{}");
        batch_add_part(batch, changed, NULL)->objects_seq = 9;

        scene_fail(scene, points[i], SQLITE_IOERR, CALL(0));
        scene_commit(scene, batch);
        for (part = batch->parts; part; part = part->next)
            assert_int_equal(part->status, status);
        scene_heal(scene);
        batch_free(batch);
    }
    assert_int_equal(scene_sql(scene, "SELECT count(*) FROM sessions WHERE id LIKE 'created%'", 0),
                     1);
    assert_int_equal(scene_sql(scene, "SELECT count(*) FROM objects", 0), 1);
    assert_int_equal(scene_sql(scene, "SELECT count(*) FROM epochs", 0), 1);
}

static void
an_object_is_found_gone(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    struct batch *batch = batch_new();

    scene_add_object(batch, batch_add_part(batch, key, NULL), "box", 1, "{}");
    assert_commits(scene, batch, 0);
    scene_fail(scene, STORE_POINT_COMMIT, SQLITE_IOERR, CALL(0));
    batch = batch_new();
    scene_add_object(batch, batch_add_part(batch, key, NULL), "box", 2, NULL);
    assert_commits(scene, batch, HD1_EIO);
    scene_heal(scene);
    scene_fail(scene, STORE_POINT_COMMITTED, SQLITE_IOERR, CALL(0));
    batch = batch_new();
    scene_add_object(batch, batch_add_part(batch, key, NULL), "box", 2, NULL);
    assert_commits(scene, batch, 0);
}

static void
without_reopening_the_outcome_stays_unknown(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");

    scene_fail(scene, STORE_POINT_COMMITTED, SQLITE_IOERR, CALL(0));
    scene_fail(scene, STORE_POINT_REOPEN, SQLITE_CANTOPEN, EVERY_CALL);
    assert_commits(scene, one_event(key, 1), HD1_EOUTCOME);
    assert_false(store_is_ready(scene->store));
    /* From now on it is known that nothing is written. */
    assert_commits(scene, one_event(key, 2), HD1_EIO);
    assert_commits(scene, one_event(key, 2), HD1_EIO);
    scene_heal(scene);
    assert_commits(scene, one_event(key, 2), 0);
    assert_true(store_is_ready(scene->store));
    assert_int_equal(scene_sql(scene, count_events, key), 2);
}

static void
before_commit_the_outcome_is_known_without_reopening(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");

    scene_fail(scene, STORE_POINT_EVENT, SQLITE_IOERR, CALL(0));
    scene_fail(scene, STORE_POINT_REOPEN, SQLITE_CANTOPEN, EVERY_CALL);
    assert_commits(scene, one_event(key, 1), HD1_EIO);
    assert_false(store_is_ready(scene->store));
    scene_heal(scene);
    scene_await_ready(scene, true);
    assert_int_equal(scene_sql(scene, count_events, key), 0);
}

static void
the_store_recovers_without_traffic(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");

    scene_fail(scene, STORE_POINT_COMMIT, SQLITE_FULL, EVERY_CALL);
    assert_commits(scene, one_event(key, 1), HD1_EFULL);
    assert_false(store_is_ready(scene->store));
    scene_heal(scene);
    scene_await_ready(scene, true);
    assert_commits(scene, one_event(key, 1), 0);
}

static void
probes_fail_like_commits(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");

    scene_fail(scene, STORE_POINT_COMMIT, SQLITE_IOERR, EVERY_CALL);
    assert_commits(scene, one_event(key, 1), HD1_EIO);
    scene_await_calls(scene, STORE_POINT_COMMIT, 3);
    assert_false(store_is_ready(scene->store));
    scene_heal(scene);
    scene_await_ready(scene, true);
}

/* The log is settled only once nobody reads an older moment: a short reader delays it, no more. */
static void
reopening_waits_for_a_reader(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    sqlite3 *reader;

    assert_int_equal(sqlite3_open(scene_path(scene, "hd1.db"), &reader), SQLITE_OK);
    assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM events", NULL, NULL, NULL),
                     SQLITE_OK);
    scene_append(scene, key, 1, 3);
    scene_fail(scene, STORE_POINT_COMMITTED, SQLITE_IOERR, CALL(0));
    /* It is never done: the wait is bounded, and the answer honest. */
    assert_commits(scene, one_event(key, 4), HD1_EOUTCOME);
    assert_int_equal(sqlite3_close(reader), SQLITE_OK);
    scene_await_ready(scene, true);
    assert_int_equal(scene_sql(scene, count_events, key), 4);
}

/* A real disk error, not an injected one: the database file is gone and comes back. */
static void
a_file_that_comes_back_is_used_again(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    char aside[128];

    scene_fail(scene, STORE_POINT_EVENT, SQLITE_IOERR, CALL(0));
    snprintf(aside, sizeof(aside), "%s.aside", scene_path(scene, "hd1.db"));
    assert_int_equal(rename(scene_path(scene, "hd1.db"), aside), 0);
    assert_commits(scene, one_event(key, 1), HD1_EIO);
    assert_commits(scene, one_event(key, 1), HD1_EIO);
    assert_int_equal(access(scene_path(scene, "hd1.db"), F_OK), -1);
    assert_int_equal(rename(aside, scene_path(scene, "hd1.db")), 0);
    assert_commits(scene, one_event(key, 1), 0);
}

/* Commits one event after the other and says so after each acknowledgement, until it is killed. */
static void
write_until_killed(struct scene *scene, int64_t key, int fd)
{
    for (int64_t seq = 1;; seq++) {
        struct batch *batch = one_event(key, seq);

        scene_commit(scene, batch);
        if (batch->parts->status != 0 || write(fd, &seq, sizeof(seq)) != sizeof(seq))
            _exit(1);
        batch_free(batch);
    }
}

static void
what_was_acknowledged_survives_a_kill(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    int64_t acknowledged = 0;
    int64_t there;
    int pipes[2];
    pid_t child;

    scene_close(scene);
    assert_int_equal(pipe(pipes), 0);
    child = fork();
    if (child == 0) {
        scene_open(scene);
        write_until_killed(scene, key, pipes[1]);
    }
    close(pipes[1]);
    while (acknowledged < 200 &&
           read(pipes[0], &acknowledged, sizeof(acknowledged)) == sizeof(acknowledged)) {
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    while (read(pipes[0], &acknowledged, sizeof(acknowledged)) == sizeof(acknowledged)) {
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(pipes[0]);
    scene_open(scene);
    there = scene_sql(scene, "SELECT max(seq) FROM events WHERE session = ?1", key);
    assert_true(acknowledged >= 200);
    /* One more may have been committed, its acknowledgement not yet written. */
    assert_in_range(there, acknowledged, acknowledged + 1);
    assert_int_equal(scene_sql(scene, count_events, key), there);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(what_was_written_after_all_is_acknowledged),
        SCENE_TEST(what_was_not_written_is_refused),
        SCENE_TEST(parts_without_events_are_found_by_their_rows),
        SCENE_TEST(an_object_is_found_gone),
        SCENE_TEST(without_reopening_the_outcome_stays_unknown),
        SCENE_TEST(before_commit_the_outcome_is_known_without_reopening),
        SCENE_TEST(the_store_recovers_without_traffic),
        SCENE_TEST(probes_fail_like_commits),
        SCENE_TEST(reopening_waits_for_a_reader),
        SCENE_TEST(a_file_that_comes_back_is_used_again),
        SCENE_TEST(what_was_acknowledged_survives_a_kill),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
