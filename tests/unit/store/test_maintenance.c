/* What maintenance removes, what it must leave, and that the log does not grow without end. */
#include "scene.h"

#include "clock.h"

#include <stdio.h>
#include <sys/stat.h>

static const char count_events[] = "SELECT count(*) FROM events WHERE session = ?1";
static const char first_seq[] = "SELECT min(seq) FROM events WHERE session = ?1";

/* Opened anew, maintenance begins its round at once. */
static void
reopen(struct scene *scene, int64_t keep_days, int64_t keep_events)
{
    scene_close(scene);
    scene->options.keep_days = keep_days;
    scene->options.keep_events = keep_events;
    scene_open(scene);
}

static void
set_objects_seq(struct scene *scene, int64_t key, int64_t seq)
{
    struct batch *batch = batch_new();

    batch_add_part(batch, key, NULL)->objects_seq = seq;
    scene_commit(scene, batch);
    assert_int_equal(batch->parts->status, 0);
    batch_free(batch);
}

static void
a_deleted_session_is_purged(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    int64_t other = scene_create(scene, "other");
    struct batch *batch = batch_new();
    struct batch_part *part = batch_add_part(batch, key, NULL);
    char name[24];

    for (int i = 1; i <= 1200; i++) {
        snprintf(name, sizeof(name), "object-%d", i);
        scene_add_event(batch, part, i);
        scene_add_object(batch, part, name, i, "{}");
    }
    part->epoch = SPAN("epoch");
    part->epoch_first_seq = 1;
    scene_commit(scene, batch);
    batch_free(batch);
    scene_append(scene, other, 1, 10);
    scene_sql(scene, "INSERT INTO plugin_kv VALUES (?1, 'plugin', 'key', 'theirs')", key);
    scene_sql(scene, "INSERT INTO plugin_kv VALUES (?1, 'plugin', 'key', 'kept')", other);
    scene_sql(scene, "INSERT INTO plugin_kv VALUES (?1, 'plugin', 'key', 'of no session')", 0);

    batch = batch_new();
    batch_add_part(batch, key, NULL)->is_deletion = true;
    scene_commit(scene, batch);
    batch_free(batch);
    scene_await_sql(scene, "SELECT count(*) FROM sessions", 0, 1);
    assert_int_equal(scene_sql(scene, count_events, key), 0);
    assert_int_equal(scene_sql(scene, "SELECT count(*) FROM objects", 0), 0);
    assert_int_equal(scene_sql(scene, "SELECT count(*) FROM epochs", 0), 0);
    assert_int_equal(scene_sql(scene, "SELECT count(*) FROM plugin_kv", 0), 2);
    assert_int_equal(scene_sql(scene, count_events, other), 10);
}

static void
a_purge_goes_on_after_a_restart(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    struct batch *batch = batch_new();

    scene_append(scene, key, 1, 3000);
    batch_add_part(batch, key, NULL)->is_deletion = true;
    scene_commit(scene, batch);
    batch_free(batch);
    scene_close(scene);
    scene_open(scene);
    scene_await_sql(scene, "SELECT count(*) FROM sessions", 0, 0);
    assert_int_equal(scene_sql(scene, count_events, key), 0);
}

static void
events_beyond_the_count_are_pruned(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    int64_t small = scene_create(scene, "small");
    struct answer *answer;

    scene_append(scene, key, 1, 2000);
    set_objects_seq(scene, key, 2000);
    scene_append(scene, small, 1, 90);
    set_objects_seq(scene, small, 90);
    reopen(scene, 0, 100);
    scene_await_sql(scene, count_events, key, 100);
    assert_int_equal(scene_sql(scene, first_seq, key), 1901);
    assert_int_equal(scene_sql(scene, count_events, small), 90);
    answer = scene_load(scene, "demo");
    assert_int_equal(answer->session.first_seq, 1901);
    assert_int_equal(answer->session.last_seq, 2000);
    answer_free(answer);
}

static void
events_needed_for_replay_are_kept(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    struct answer *answer;

    scene_append(scene, key, 1, 1000);
    set_objects_seq(scene, key, 600);
    reopen(scene, 1, 10); /* their times are in 1970 */
    scene_await_sql(scene, first_seq, key, 601);
    answer = scene_load(scene, "demo");
    assert_int_equal(answer->session.event_count, 400);
    assert_int_equal(answer->session.events[0].seq, 601);
    answer_free(answer);
}

static void
old_events_are_pruned_but_for_the_newest(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    struct answer *answer;

    scene_append(scene, key, 1, 700);
    set_objects_seq(scene, key, 700);
    reopen(scene, 7, 0);
    scene_await_sql(scene, count_events, key, 1);
    /* It tells the seq at which the session goes on. */
    answer = scene_load(scene, "demo");
    assert_int_equal(answer->session.first_seq, 700);
    assert_int_equal(answer->session.last_seq, 700);
    answer_free(answer);
}

static void
events_young_enough_are_kept(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    int64_t marker = scene_create(scene, "marker");
    struct batch *batch = batch_new();
    struct batch_part *part = batch_add_part(batch, key, NULL);
    struct batch_event event = {.type = SPAN("t"), .body = SPAN("{}")};

    for (event.seq = 1; event.seq <= 20; event.seq++) {
        event.time_ms = event.seq <= 5 ? 1000 : clock_unix_ms();
        batch_add_event(batch, part, &event);
    }
    part->objects_seq = 20;
    scene_commit(scene, batch);
    batch_free(batch);
    scene_append(scene, marker, 1, 10);
    set_objects_seq(scene, marker, 10);
    reopen(scene, 7, 100);
    /* The marker comes after it in the round. */
    scene_await_sql(scene, count_events, marker, 1);
    assert_int_equal(scene_sql(scene, first_seq, key), 6);
    assert_int_equal(scene_sql(scene, count_events, key), 15);
}

/* A session that is loaded every minute for years must still load quickly. */
static void
the_newest_thousand_epochs_are_kept(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    struct batch *batch = batch_new();
    struct answer *answer;
    char names[1700][24];

    for (int i = 0; i < 1700; i++) {
        struct batch_part *part = batch_add_part(batch, key, NULL);

        snprintf(names[i], sizeof(names[i]), "epoch-%d", i);
        part->epoch = span_of(names[i]);
        part->epoch_first_seq = 1;
    }
    scene_commit(scene, batch);
    batch_free(batch);
    reopen(scene, 0, 0);
    scene_await_sql(scene, "SELECT count(*) FROM epochs", 0, 1000);
    answer = scene_load(scene, "demo");
    assert_string_equal(answer->session.epochs[0].epoch, "epoch-700");
    assert_string_equal(answer->session.epochs[999].epoch, "epoch-1699");
    answer_free(answer);
}

static void
nothing_is_pruned_without_a_bound(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    int64_t gone = scene_create(scene, "gone");
    struct batch *batch = batch_new();

    scene_append(scene, key, 1, 600);
    set_objects_seq(scene, key, 600);
    reopen(scene, 0, 0);
    batch_add_part(batch, gone, NULL)->is_deletion = true;
    scene_commit(scene, batch);
    batch_free(batch);
    scene_await_sql(scene, "SELECT count(*) FROM sessions", 0, 1);
    assert_int_equal(scene_sql(scene, count_events, key), 600);
}

static int64_t
wal_bytes(struct scene *scene)
{
    struct stat info;

    return stat(scene_path(scene, "hd1.db-wal"), &info) == 0 ? (int64_t)info.st_size : 0;
}

/* Each round of maintenance lets the log start over: its size is that of a few rounds, not of all.
 */
static void
the_log_starts_over_while_batches_come(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    int64_t deadline_ms = clock_mono_ms() + SCENE_WAIT_MS;
    int64_t before = 0;
    int64_t seq = 0;
    int same = 0;

    scene->options.durability = STORE_PROCESS;
    reopen(scene, 0, 0);
    /* The file does not shrink; that it stopped growing while rows went in shows that it is reused.
     */
    while (same < 400 && clock_mono_ms() < deadline_ms) {
        int64_t now;

        scene_append(scene, key, seq + 1, seq + 20);
        seq += 20;
        now = wal_bytes(scene);
        same = now > before ? 0 : same + 1;
        before = now;
    }
    assert_true(same >= 400);
    assert_int_equal(scene_sql(scene, count_events, key), seq);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_deleted_session_is_purged),
        SCENE_TEST(a_purge_goes_on_after_a_restart),
        SCENE_TEST(events_beyond_the_count_are_pruned),
        SCENE_TEST(events_needed_for_replay_are_kept),
        SCENE_TEST(old_events_are_pruned_but_for_the_newest),
        SCENE_TEST(events_young_enough_are_kept),
        SCENE_TEST(the_newest_thousand_epochs_are_kept),
        SCENE_TEST(nothing_is_pruned_without_a_bound),
        SCENE_TEST(the_log_starts_over_while_batches_come),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
