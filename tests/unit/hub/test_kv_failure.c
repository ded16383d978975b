/* What a plugin keeps when commits fail: its count is what is on disk, whatever fails. */
#include "counter.h"
#include "rest.h"
#include "scene.h"

#include "hub/kv.h"
#include "logged.h"

#include <string.h>

static const int codes[] = {FAULT_FULL, FAULT_BUSY, FAULT_IOERR, FAULT_CONSTRAINT, FAULT_CORRUPT};

/* Both sessions in one batch; how often it fails decides who fails. */
static void
memory_is_what_is_on_disk_after_every_failure(void **state)
{
    static const enum store_point points[] = {STORE_POINT_BEGIN, STORE_POINT_EVENT, STORE_POINT_KV,
                                              STORE_POINT_COMMIT, STORE_POINT_COMMITTED};
    struct scene *scene = *state;
    struct rest_answer one = {0}, two = {0};
    int64_t made = 0;

    for (size_t p = 0; p < sizeof(points) / sizeof(*points); p++) {
        for (size_t c = 0; c < sizeof(codes) / sizeof(*codes); c++) {
            for (int times = 1; times <= 3; times++) {
                int n = (int)(p * 100 + c * 10) + times;

                scene_fail(scene, points[p], codes[c], times);
                rest_send(scene, "s1", &one, CREATE("o%d"), n);
                rest_send(scene, "s2", &two, CREATE("o%d"), n);
                made += !*rest_await(scene, &one);
                made += !*rest_await(scene, &two);
                scene_fail(scene, points[p], 0, 0);
                counter_expect_post("s1", "again", "");
                assert_string_equal(scene_post(scene, "s1", NULL,
                                               "{\"type\":\"object_deleted\",\"data\":{"
                                               "\"name\":\"again\"}}"),
                                    "");
                counter_expect(++made);
                rest_fini(&one);
                rest_fini(&two);
                one = two = (struct rest_answer){0};
            }
        }
    }
    counter_expect_on_disk(made);
}

static void
a_failed_batch_takes_the_writes_of_the_next_one_along(void **state)
{
    struct scene *scene = *state;
    struct rest_answer one = {0}, two = {0}, three = {0};

    scene->is_store_held = 1;
    rest_send(scene, "s1", &one, CREATE("a"));
    scene_round(scene); /* handed over, and held */
    rest_send(scene, "s2", &two, CREATE("a"));
    counter.reads_only = true; /* what it shows may never have been */
    rest_send(scene, "s2", &three, CREATE("b"));
    assert_int_equal(counter.count_seen, 2);
    scene_fail(scene, STORE_POINT_KV, FAULT_FULL, 1);
    scene->is_store_held = 0;
    assert_string_equal(rest_await(scene, &one), "storage_full");
    assert_string_equal(rest_await(scene, &two), "storage_full");
    assert_string_equal(rest_await(scene, &three), "storage_full");
    counter.reads_only = false;
    counter_expect(0);
    counter_expect_post("s2", "a", "");
    counter_expect_on_disk(1);
}

/* Only the session fails, but its next event had written already. */
static void
a_failed_session_takes_its_writes_along(void **state)
{
    struct scene *scene = *state;
    struct rest_answer one = {0}, two = {0}, other = {0};

    scene->is_store_held = 1;
    rest_send(scene, "s1", &one, "{\"type\":\"world_updated\",\"data\":{\"world\":{\"a\":1}}}");
    scene_round(scene);
    rest_send(scene, "s1", &two, CREATE("a"));
    rest_send(scene, "s2", &other, CREATE("a"));
    scene_fail(scene, STORE_POINT_EVENT, FAULT_CONSTRAINT, 1);
    scene->is_store_held = 0;
    assert_string_equal(rest_await(scene, &one), "storage_unavailable");
    assert_string_equal(rest_await(scene, &two), "storage_unavailable");
    assert_string_equal(rest_await(scene, &other), "storage_unavailable"); /* it counted on s1 */
    counter_expect(0);
    counter_expect_post("s2", "a", "");
    counter_expect_on_disk(1);
}

#define WORLD "{\"type\":\"world_updated\",\"data\":{\"world\":{\"a\":1}}}"

/* A session's event is stored; its next one goes with the writes that failed in the same batch. */
static void
a_trace_says_what_was_stored_and_what_was_not(void **state)
{
    struct scene *scene = *state;
    struct rest_answer stored = {0}, other = {0}, lost = {0};
    struct logged logged;
    char log[LOGGED_MAX];

    scene->options.trace_every = 1;
    hub_disconnect(scene->hub, counter.plugin);
    scene_restart(scene);
    counter_open();
    assert_string_equal(scene_post(scene, "s1", NULL, WORLD), ""); /* it is loaded */
    assert_true(logged_divert(&logged));
    scene->is_store_held = 1;
    rest_send(scene, "s1", &stored, WORLD);
    rest_send(scene, "s2", &other, CREATE("a"));
    scene_round(scene);
    rest_send(scene, "s1", &lost, CREATE("a"));
    scene_fail(scene, STORE_POINT_KV, FAULT_CONSTRAINT, 2);
    scene->is_store_held = 0;
    scene_settle(scene);
    memcpy(log, logged_take(&logged), sizeof(log));
    logged_restore(&logged);
    assert_string_equal(rest_await(scene, &stored), "");
    assert_string_equal(rest_await(scene, &other), "storage_unavailable");
    assert_string_equal(rest_await(scene, &lost), "storage_unavailable");
    assert_non_null(strstr(log, "msg=event session=s1 seq=3 type=world_updated"));
    assert_non_null(strstr(log, "msg=\"event was not stored\" session=s1 seq=4 "));
    assert_non_null(strstr(log, "msg=\"event was not stored\" session=s2 seq=2 "));
    rest_fini(&stored);
}

static void
after_an_unknown_outcome_the_disk_is_asked(void **state)
{
    struct scene *scene = *state;
    struct rest_answer one = {0};

    counter_expect_post("s1", "a", "");
    scene_fail(scene, STORE_POINT_COMMITTED, FAULT_IOERR, 1);
    scene_fail(scene, STORE_POINT_REOPEN, FAULT_IOERR, 1);
    assert_string_equal(scene_post(scene, "s1", &one, CREATE("b")), "outcome_unknown");
    rest_fini(&one);
    counter_expect_post("s2", "a", "");
    counter_expect(3); /* it was there after all */
    counter_expect_on_disk(3);
}

static void
a_space_that_cannot_be_read_is_tried_again(void **state)
{
    struct scene *scene = *state;

    counter_expect_post("s1", "a", "");
    scene_fail(scene, STORE_POINT_COMMITTED, FAULT_IOERR, 1);
    scene_fail(scene, STORE_POINT_REOPEN, FAULT_IOERR, 1);
    scene_fail(scene, STORE_POINT_READ, FAULT_IOERR, 20);
    scene_post(scene, "s1", NULL, CREATE("b"));
    assert_false(kv_is_ready(counter.space));
    counter_expect_post("s2", "a", "internal"); /* nothing is counted on a guess */
    scene_fail(scene, STORE_POINT_READ, 0, 0);
    scene_pass(scene, 2000);
    hub_tick(scene->hub);
    scene_settle(scene);
    counter_expect(2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, counter_setup, counter_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(memory_is_what_is_on_disk_after_every_failure),
        TEST(a_failed_batch_takes_the_writes_of_the_next_one_along),
        TEST(a_failed_session_takes_its_writes_along),
        TEST(a_trace_says_what_was_stored_and_what_was_not),
        TEST(after_an_unknown_outcome_the_disk_is_asked),
        TEST(a_space_that_cannot_be_read_is_tried_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
