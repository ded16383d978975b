/* The reader thread: loading, history, the list, and what happens when the disk cannot be read. */
#include "scene.h"

#include <sqlite3.h>
#include <stdio.h>

static void
assert_seqs(struct answer *answer, int64_t from, int64_t to)
{
    assert_int_equal(answer->status, 0);
    assert_int_equal(answer->count, to - from + 1);
    for (size_t i = 0; i < answer->count; i++)
        assert_int_equal(answer->events[i].seq, from + (int64_t)i);
    answer_free(answer);
}

static void
history_comes_in_pages(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    int64_t other = scene_create(scene, "other");

    scene_append(scene, key, 1, 200);
    scene_append(scene, other, 1, 10);
    assert_seqs(scene_history(scene, key, 0, 200, 50, 1000000), 1, 50);
    assert_seqs(scene_history(scene, key, 50, 200, 500, 1000000), 51, 200);
    assert_seqs(scene_history(scene, key, 50, 60, 500, 1000000), 51, 60);
    assert_seqs(scene_history(scene, key, 190, INT64_MAX, SIZE_MAX, SIZE_MAX), 191, 200);
    assert_seqs(scene_history(scene, key, 200, 300, 500, 1000000), 1, 0);
    assert_seqs(scene_history(scene, other, 0, 300, 500, 1000000), 1, 10);
    assert_seqs(scene_history(scene, 999, 0, 300, 500, 1000000), 1, 0);
}

static void
history_is_bounded_in_bytes(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    size_t one = strlen("{\"n\":1}");

    scene_append(scene, key, 1, 9);
    assert_seqs(scene_history(scene, key, 0, 9, 500, 3 * one), 1, 3);
    assert_seqs(scene_history(scene, key, 0, 9, 500, 4 * one - 1), 1, 3);
    /* One at least, or a reader would never get past a large one. */
    assert_seqs(scene_history(scene, key, 3, 9, 500, 0), 4, 4);
}

static void
history_gives_events_as_they_were(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    struct batch *batch = batch_new();
    struct batch_event event = {
        .seq = 1, .time_ms = 5, .type = SPAN("chat"), .body = SPAN("{\"a\":\"\xc3\xa9\"}")};
    struct answer *answer;

    batch_add_event(batch, batch_add_part(batch, key, NULL), &event);
    scene_commit(scene, batch);
    batch_free(batch);
    answer = scene_history(scene, key, 0, 1, 1, 1);
    assert_int_equal(answer->count, 1);
    assert_int_equal(answer->events[0].time_ms, 5);
    assert_span(answer->events[0].type, "chat");
    assert_span(answer->events[0].client_id, NULL);
    assert_int_equal(answer->events[0].client_msg_id, 0);
    assert_span(answer->events[0].body, "{\"a\":\"\xc3\xa9\"}");
    answer_free(answer);
}

static void
assert_listed(struct answer *answer, size_t count, const char *first, const char *last)
{
    assert_int_equal(answer->status, 0);
    assert_int_equal(answer->count, count);
    if (count) {
        assert_span(answer->items[0].id, first);
        assert_span(answer->items[count - 1].id, last);
    }
    answer_free(answer);
}

static void
the_list_comes_in_pages_by_id(void **state)
{
    struct scene *scene = *state;
    struct answer *answer;
    struct batch *batch;
    int64_t key;

    scene_create(scene, "c");
    key = scene_create(scene, "a");
    scene_create(scene, "B");
    scene_append(scene, key, 1, 4);
    assert_listed(scene_list(scene, NULL, 1000), 3, "B", "c");
    assert_listed(scene_list(scene, "", 2), 2, "B", "a");
    assert_listed(scene_list(scene, "a", 2), 1, "c", "c");
    assert_listed(scene_list(scene, "c", 2), 0, NULL, NULL);
    answer = scene_list(scene, "B", 1);
    assert_int_equal(answer->items[0].last_seq, 4);
    assert_int_equal(answer->items[0].created_ms, 1000);
    assert_span(answer->items[0].script, NULL);
    answer_free(answer);

    batch = batch_new();
    batch_add_part(batch, key, NULL)->is_deletion = true;
    scene_commit(scene, batch);
    batch_free(batch);
    assert_listed(scene_list(scene, "", 1000), 2, "B", "c");
}

static void
the_list_gives_a_thousand_at_most(void **state)
{
    struct scene *scene = *state;
    struct batch *batch = batch_new();
    struct batch_create create = {.created_ms = 1, .world = SPAN("{}")};
    char id[16];

    for (int i = 0; i < 1001; i++) {
        create.id = (struct span){id, (size_t)snprintf(id, sizeof(id), "s%04d", i)};
        batch_set_create(batch, batch_add_part(batch, store_next_key(scene->store), NULL), &create);
    }
    scene_commit(scene, batch);
    batch_free(batch);
    assert_listed(scene_list(scene, "", 5000), 1000, "s0000", "s0999");
}

static void
a_large_session_loads_whole(void **state)
{
    enum { OBJECTS = 20000 };
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    struct batch *batch = batch_new();
    struct batch_part *part = batch_add_part(batch, key, NULL);
    struct answer *answer;
    char name[24];

    for (int i = 0; i < OBJECTS; i++) {
        snprintf(name, sizeof(name), "object-%05d", i);
        scene_add_object(batch, part, name, i + 1, "{\"type\":\"cube\",\"x\":1,\"y\":2,\"z\":3}");
    }
    scene_commit(scene, batch);
    batch_free(batch);
    answer = scene_load(scene, "demo");
    assert_int_equal(answer->status, 0);
    assert_int_equal(answer->session.object_count, OBJECTS);
    assert_span(answer->session.objects[0].name, "object-00000");
    assert_span(answer->session.objects[OBJECTS - 1].name, "object-19999");
    assert_int_equal(answer->session.objects[OBJECTS - 1].version, OBJECTS);
    answer_free(answer);
}

static void
epochs_come_in_order(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    struct batch *batch = batch_new();
    struct batch_part *part;
    struct answer *answer;

    part = batch_add_part(batch, key, NULL);
    part->epoch = SPAN("zzz");
    part->epoch_first_seq = 1;
    part = batch_add_part(batch, key, NULL);
    part->epoch = SPAN("aaa");
    part->epoch_first_seq = 1;
    part = batch_add_part(batch, key, NULL);
    part->epoch = SPAN("mmm-23-characters-long!");
    part->epoch_first_seq = 8;
    scene_commit(scene, batch);
    batch_free(batch);
    answer = scene_load(scene, "demo");
    assert_int_equal(answer->session.epoch_count, 3);
    assert_string_equal(answer->session.epochs[0].epoch, "zzz");
    assert_string_equal(answer->session.epochs[1].epoch, "aaa");
    assert_string_equal(answer->session.epochs[2].epoch, "mmm-23-characters-long!");
    assert_int_equal(answer->session.epochs[2].first_seq, 8);
    answer_free(answer);
}

static void
what_is_not_there_is_not_found(void **state)
{
    struct answer *answer = scene_load(*state, "nobody");

    assert_int_equal(answer->status, HD1_ENOENT);
    answer_free(answer);
}

static void
a_read_error_is_tried_once_more(void **state)
{
    static const int codes[] = {SQLITE_IOERR_READ, SQLITE_BUSY, SQLITE_CANTOPEN};
    struct scene *scene = *state;

    scene_create(scene, "demo");
    for (int i = 0; i < 3; i++) {
        struct answer *answer;

        scene_fail(scene, STORE_POINT_READ, codes[i], CALL(0));
        answer = scene_load(scene, "demo");
        assert_int_equal(answer->status, 0);
        answer_free(answer);
        scene_heal(scene);
        scene_fail(scene, STORE_POINT_READ, codes[i], CALL(0) | CALL(1));
        answer = scene_load(scene, "demo");
        assert_int_equal(answer->status, HD1_EIO);
        answer_free(answer);
        answer = scene_load(scene, "demo");
        assert_int_equal(answer->status, 0);
        answer_free(answer);
        scene_heal(scene);
    }
}

static void
every_kind_of_request_reports_failure(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    struct answer *answers[3];

    scene_fail(scene, STORE_POINT_READ, SQLITE_CORRUPT, EVERY_CALL);
    answers[0] = scene_load(scene, "demo");
    answers[1] = scene_history(scene, key, 0, 10, 10, 10);
    answers[2] = scene_list(scene, "", 10);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(answers[i]->status, HD1_ECORRUPT);
        assert_int_equal(answers[i]->count, 0);
        answer_free(answers[i]);
    }
}

static void
count_answer(void *ctx, int status, const struct store_session *session)
{
    int *answers = ctx;

    assert_true(status == HD1_ECLOSED || (status == 0 && session));
    answers[0]++;
}

static void
closing_answers_what_was_asked(void **state)
{
    struct scene *scene = *state;
    int answers = 0;

    scene_create(scene, "demo");
    for (int i = 0; i < 1000; i++)
        store_load(scene->store, SPAN("demo"), count_answer, &answers);
    scene_close(scene);
    assert_int_equal(answers, 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(history_comes_in_pages),
        SCENE_TEST(history_is_bounded_in_bytes),
        SCENE_TEST(history_gives_events_as_they_were),
        SCENE_TEST(the_list_comes_in_pages_by_id),
        SCENE_TEST(the_list_gives_a_thousand_at_most),
        SCENE_TEST(a_large_session_loads_whole),
        SCENE_TEST(epochs_come_in_order),
        SCENE_TEST(what_is_not_there_is_not_found),
        SCENE_TEST(a_read_error_is_tried_once_more),
        SCENE_TEST(every_kind_of_request_reports_failure),
        SCENE_TEST(closing_answers_what_was_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
