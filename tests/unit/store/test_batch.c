/* core/store/batch.c */
#include "scene.h"

static void
a_batch_counts_what_it_holds(void **state)
{
    struct batch *batch = batch_new();
    struct batch_part *part = batch_add_part(batch, 7, batch);

    (void)state;
    scene_add_event(batch, part, 1);
    scene_add_event(batch, part, 2);
    scene_add_object(batch, part, "box", 2, "{}");
    assert_int_equal(batch->part_count, 1);
    assert_int_equal(batch->event_count, 2);
    assert_int_equal(batch->bytes, 2 * strlen("{\"n\":1}"));
    assert_int_equal(part->session, 7);
    assert_ptr_equal(part->owner, batch);
    assert_int_equal(part->event_count, 2);
    assert_int_equal(part->object_count, 1);
    assert_int_equal(part->objects_seq, -1);
    assert_ptr_equal(part->events->next, part->last_event);
    batch_free(batch);
}

static void
a_batch_holds_copies(void **state)
{
    char text[] = "body";
    struct batch *batch = batch_new();
    struct batch_part *part = batch_add_part(batch, 1, NULL);
    struct batch_event event = {.seq = 1, .type = SPAN("t"), .body = {text, 4}, .owner = state};
    struct batch_event *own = batch_add_event(batch, part, &event);

    text[0] = 'X';
    assert_span(own->body, "body");
    assert_span(own->client_id, NULL);
    assert_ptr_equal(own->owner, state);
    batch_free(batch);
}

static void
none_and_empty_stay_different(void **state)
{
    struct batch *batch = batch_new();
    struct batch_part *part = batch_add_part(batch, 1, NULL);
    struct batch_create create = {SPAN("id"), 5, SPAN(""), SPAN_NONE};
    struct batch_create *own = batch_set_create(batch, part, &create);

    (void)state;
    assert_ptr_equal(part->create, own);
    assert_span(own->world, "");
    assert_span(own->script, NULL);
    batch_free(batch);
}

static void
a_removed_part_is_not_counted(void **state)
{
    struct batch *batch = batch_new();
    struct batch_part *parts[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        parts[i] = batch_add_part(batch, i + 1, NULL);
        scene_add_event(batch, parts[i], 1);
    }
    batch_remove_part(batch, parts[1]);
    assert_ptr_equal(parts[0]->next, parts[2]);
    batch_remove_part(batch, parts[2]);
    assert_ptr_equal(batch->last_part, parts[0]);
    assert_int_equal(batch->part_count, 1);
    assert_int_equal(batch->event_count, 1);
    assert_int_equal(batch->bytes, strlen("{\"n\":1}"));
    batch_remove_part(batch, parts[0]);
    assert_null(batch->parts);
    assert_null(batch->last_part);
    assert_int_equal(batch->bytes, 0);
    batch_free(batch);
}

static void
a_reset_batch_is_empty(void **state)
{
    struct batch *batch = scene_creation(1, "a");

    (void)state;
    scene_add_event(batch, batch->parts, 1);
    batch_reset(batch);
    assert_null(batch->parts);
    assert_int_equal(batch->part_count + batch->event_count + batch->bytes, 0);
    assert_non_null(batch_add_part(batch, 2, NULL));
    assert_ptr_equal(batch->parts, batch->last_part);
    batch_free(batch);
    batch_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_counts_what_it_holds),
        cmocka_unit_test(a_batch_holds_copies),
        cmocka_unit_test(none_and_empty_stay_different),
        cmocka_unit_test(a_removed_part_is_not_counted),
        cmocka_unit_test(a_reset_batch_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
