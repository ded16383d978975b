/* The store when all goes well: what is committed is there, also after closing and opening. */
#include "scene.h"

#include "clock.h"

static void
a_created_session_can_be_loaded(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    struct answer *answer = scene_load(scene, "demo");

    assert_int_equal(answer->status, 0);
    assert_int_equal(answer->session.key, key);
    assert_span(answer->session.id, "demo");
    assert_int_equal(answer->session.created_ms, 1000);
    assert_span(answer->session.world, "{\"size\":25}");
    assert_span(answer->session.camera, NULL);
    assert_span(answer->session.script, NULL);
    assert_int_equal(answer->session.objects_seq, 0);
    assert_int_equal(answer->session.first_seq, 1);
    assert_int_equal(answer->session.last_seq, 0);
    assert_int_equal(answer->session.epoch_count + answer->session.object_count, 0);
    answer_free(answer);
}

static void
fill_part(struct batch *batch, struct batch_part *part)
{
    part->epoch = SPAN("epoch-one");
    part->epoch_first_seq = 1;
    scene_add_event(batch, part, 1);
    scene_add_event(batch, part, 2);
    scene_add_event(batch, part, 3);
    scene_add_object(batch, part, "box", 1, "{\"name\":\"box\"}");
    scene_add_object(batch, part, "gone", 2, "{\"name\":\"gone\"}");
    scene_add_object(batch, part, "gone", 3, NULL);
    part->world = SPAN("{\"size\":50}");
    part->camera = SPAN("{\"position\":[1,2,3]}");
    part->script = SPAN("gallery");
    part->objects_seq = 1;
}

static void
assert_filled(struct scene *scene, int64_t key)
{
    struct answer *answer = scene_load(scene, "demo");
    const struct store_session *session = &answer->session;

    assert_int_equal(answer->status, 0);
    assert_int_equal(session->key, key);
    assert_span(session->world, "{\"size\":50}");
    assert_span(session->camera, "{\"position\":[1,2,3]}");
    assert_span(session->script, "gallery");
    assert_int_equal(session->first_seq, 1);
    assert_int_equal(session->last_seq, 3);
    assert_int_equal(session->last_time_ms, 1003);
    assert_int_equal(session->epoch_count, 1);
    assert_string_equal(session->epochs[0].epoch, "epoch-one");
    assert_int_equal(session->epochs[0].first_seq, 1);
    assert_int_equal(session->object_count, 1);
    assert_span(session->objects[0].name, "box");
    assert_span(session->objects[0].body, "{\"name\":\"box\"}");
    assert_int_equal(session->objects[0].version, 1);
    assert_int_equal(session->objects[0].time_ms, 1001);
    /* Only what is above objects_seq is to be replayed. */
    assert_int_equal(session->event_count, 2);
    assert_int_equal(session->events[0].seq, 2);
    assert_int_equal(session->events[0].client_msg_id, 0);
    assert_int_equal(session->events[1].seq, 3);
    assert_int_equal(session->events[1].time_ms, 1003);
    assert_int_equal(session->events[1].client_msg_id, 30);
    assert_span(session->events[1].type, "object_updated");
    assert_span(session->events[1].client_id, "client-abcdefgh");
    assert_span(session->events[1].body, "{\"n\":3}");
    answer_free(answer);
}

static void
what_a_part_holds_survives_closing(void **state)
{
    struct scene *scene = *state;
    int64_t key = store_next_key(scene->store);
    struct batch *batch = scene_creation(key, "demo");

    fill_part(batch, batch->parts);
    scene_commit(scene, batch);
    assert_int_equal(batch->parts->status, 0);
    assert_true(batch->commit_us > 0);
    batch_free(batch);
    assert_filled(scene, key);
    scene_close(scene);
    scene_open(scene);
    assert_filled(scene, key);
}

static void
columns_not_named_stay(void **state)
{
    struct scene *scene = *state;
    int64_t key = store_next_key(scene->store);
    struct batch *batch = scene_creation(key, "demo");
    struct answer *answer;

    fill_part(batch, batch->parts);
    scene_commit(scene, batch);
    batch_reset(batch);
    batch_add_part(batch, key, NULL)->world = SPAN("{}");
    scene_commit(scene, batch);
    batch_free(batch);
    answer = scene_load(scene, "demo");
    assert_span(answer->session.world, "{}");
    assert_span(answer->session.camera, "{\"position\":[1,2,3]}");
    assert_span(answer->session.script, "gallery");
    assert_int_equal(answer->session.objects_seq, 1);
    answer_free(answer);
}

/* The deletion of one session and the making of another of that name only work in this order. */
static void
parts_are_written_in_order(void **state)
{
    struct scene *scene = *state;
    int64_t old_key = scene_create(scene, "demo");
    int64_t new_key = store_next_key(scene->store);
    struct batch *batch = batch_new();
    struct batch_create create = {SPAN("demo"), 2000, SPAN("{}"), SPAN_NONE};
    struct answer *answer;

    batch_add_part(batch, old_key, NULL)->is_deletion = true;
    batch_set_create(batch, batch_add_part(batch, new_key, NULL), &create);
    scene_commit(scene, batch);
    assert_int_equal(batch->parts->status, 0);
    assert_int_equal(batch->last_part->status, 0);
    batch_free(batch);
    answer = scene_load(scene, "demo");
    assert_int_equal(answer->session.key, new_key);
    answer_free(answer);
}

static void
a_deleted_name_may_be_used_again(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    struct batch *batch = batch_new();
    struct answer *answer;

    scene_append(scene, key, 1, 5);
    batch_add_part(batch, key, NULL)->is_deletion = true;
    scene_add_event(batch, batch->parts, 6);
    scene_commit(scene, batch);
    assert_int_equal(batch->parts->status, 0);
    batch_free(batch);
    answer = scene_load(scene, "demo");
    assert_int_equal(answer->status, HD1_ENOENT);
    answer_free(answer);
    assert_int_not_equal(scene_create(scene, "demo"), key);
    answer = scene_load(scene, "demo");
    assert_int_equal(answer->status, 0);
    assert_int_equal(answer->session.last_seq, 0);
    assert_int_equal(answer->session.event_count, 0);
    answer_free(answer);
}

static void
a_living_name_is_taken(void **state)
{
    struct scene *scene = *state;
    struct batch *batch;

    scene_create(scene, "demo");
    batch = scene_creation(store_next_key(scene->store), "demo");
    scene_commit(scene, batch);
    assert_int_equal(batch->parts->status, HD1_ECONSTRAINT);
    batch_free(batch);
}

static void
keys_are_never_used_again(void **state)
{
    struct scene *scene = *state;
    int64_t key = scene_create(scene, "demo");
    struct batch *batch = batch_new();

    batch_add_part(batch, key, NULL)->is_deletion = true;
    scene_commit(scene, batch);
    batch_free(batch);
    scene_await_sql(scene, "SELECT count(*) FROM sessions", 0, 0);
    scene_close(scene);
    scene_open(scene);
    assert_true(store_next_key(scene->store) > key);
}

static void
the_hub_is_woken(void **state)
{
    struct scene *scene = *state;
    struct batch *batch = scene_creation(store_next_key(scene->store), "demo");
    int64_t deadline_ms = clock_mono_ms() + SCENE_WAIT_MS;

    store_submit(scene->store, batch);
    while (!scene->returned && clock_mono_ms() < deadline_ms)
        if (atomic_load(&scene->wakes))
            store_poll(scene->store);
    assert_ptr_equal(scene->returned, batch);
    batch_free(batch);
}

static void
polling_does_not_wait_for_a_slow_disk(void **state)
{
    struct scene *scene = *state;
    struct batch *batch = scene_creation(store_next_key(scene->store), "demo");
    struct answer *answer;

    scene_block(scene, STORE_POINT_COMMIT);
    scene->returned = NULL;
    store_submit(scene->store, batch);
    store_poll(scene->store);
    assert_null(scene->returned);
    assert_false(store_is_idle(scene->store));
    /* Reading goes on, and does not see what is not committed. */
    answer = scene_load(scene, "demo");
    assert_int_equal(answer->status, HD1_ENOENT);
    answer_free(answer);
    scene_unblock(scene);
    while (!scene->returned)
        store_wait(scene->store, SCENE_WAIT_MS);
    assert_int_equal(batch->parts->status, 0);
    batch_free(batch);
}

static void
closing_gives_the_batch_back(void **state)
{
    struct scene *scene = *state;
    struct batch *batch = scene_creation(store_next_key(scene->store), "demo");

    store_submit(scene->store, batch);
    scene_close(scene);
    assert_ptr_equal(scene->returned, batch);
    assert_int_equal(batch->parts->status, 0);
    batch_free(batch);
    scene_open(scene);
    assert_int_equal(scene_sql(scene, "SELECT count(*) FROM sessions", 0), 1);
}

static void
an_empty_batch_comes_back(void **state)
{
    struct scene *scene = *state;
    struct batch *batch = batch_new();

    scene_commit(scene, batch);
    batch_free(batch);
    assert_true(store_is_ready(scene->store));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_created_session_can_be_loaded),
        SCENE_TEST(what_a_part_holds_survives_closing),
        SCENE_TEST(columns_not_named_stay),
        SCENE_TEST(parts_are_written_in_order),
        SCENE_TEST(a_deleted_name_may_be_used_again),
        SCENE_TEST(a_living_name_is_taken),
        SCENE_TEST(keys_are_never_used_again),
        SCENE_TEST(the_hub_is_woken),
        SCENE_TEST(polling_does_not_wait_for_a_slow_disk),
        SCENE_TEST(closing_gives_the_batch_back),
        SCENE_TEST(an_empty_batch_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
