/* What may show what a plugin keeps leaves the server when that is on disk. */
#include "counter.h"
#include "rest.h"
#include "scene.h"

#include "hub/kv.h"

static void
on_hold(void *ctx, bool is_kept)
{
    (void)ctx;
    counter.held += is_kept;
    counter.dropped += !is_kept;
}

static void
a_refusal_that_may_show_what_is_not_on_disk_waits(void **state)
{
    struct scene *scene = *state;
    struct rest_answer one = {0}, two = {0};

    scene->is_store_held = 1;
    rest_send(scene, "s1", &one, CREATE("a"));
    scene_round(scene);
    counter.refuses = counter.reads_only = true;
    rest_send(scene, "s2", &two, CREATE("a"));
    assert_false(two.is_answered);
    scene_fail(scene, STORE_POINT_KV, FAULT_FULL, 1);
    scene->is_store_held = 0;
    assert_string_equal(rest_await(scene, &one), "storage_full");
    assert_string_equal(rest_await(scene, &two), "storage_full"); /* "no 1" was never true */
    rest_send(scene, "s2", &two, CREATE("a"));
    assert_true(two.is_answered); /* now there is nothing to wait for */
    assert_string_equal(rest_await(scene, &two), "invalid_event");
}

static void
hold_kv_waits_for_what_was_written(void **state)
{
    struct scene *scene = *state;

    hub_hold_kv(counter.space, on_hold, NULL);
    assert_int_equal(counter.held, 1);
    counter_put(5);
    hub_kv_settle(scene->hub);
    hub_hold_kv(counter.space, on_hold, NULL);
    assert_int_equal(counter.held, 1);
    scene_settle(scene);
    assert_int_equal(counter.held, 2);
    scene_fail(scene, STORE_POINT_KV, FAULT_FULL, 1);
    counter_put(6);
    hub_kv_settle(scene->hub);
    hub_hold_kv(counter.space, on_hold, NULL);
    scene_settle(scene);
    assert_int_equal(counter.dropped, 1);
    counter_expect(5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, counter_setup, counter_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_refusal_that_may_show_what_is_not_on_disk_waits),
        TEST(hold_kv_waits_for_what_was_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
