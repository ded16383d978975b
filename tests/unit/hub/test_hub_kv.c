/* What a plugin keeps goes with the events that caused it. */
#include "counter.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include "hub/kv.h"

#include "err.h"

#include <stdio.h>
#include <string.h>

static void
writes_are_as_durable_as_their_events(void **state)
{
    (void)state;
    counter_expect_post("s1", "a", "");
    counter_expect_post("s2", "a", "");
    counter_expect_post("s1", "b", "");
    counter_expect(3);
    counter_expect_on_disk(3);
}

static void
a_refused_event_leaves_nothing(void **state)
{
    (void)state;
    counter_expect_post("s1", "a", "");
    counter_expect_post("s1", "a", "object_exists"); /* the hook had passed it */
    counter.refuses = true;
    counter_expect_post("s1", "b", "invalid_event");
    counter.refuses = false;
    assert_string_equal(scene_post(counter.scene, "s1", NULL, "[" CREATE("c") "," CREATE("a") "]"),
                        "object_exists");
    counter_expect(1);
    assert_string_equal(scene_post(counter.scene, "s1", NULL, "[" CREATE("c") "," CREATE("d") "]"),
                        "");
    counter_expect_on_disk(3);
}

static void
a_dropped_creation_leaves_its_writes_and_no_session(void **state)
{
    (void)state;
    counter.drops_creations = true;
    for (int i = 0; i < 2; i++) {
        assert_string_equal(scene_post(counter.scene, NULL, NULL,
                                       "{\"type\":\"session_created\",\"data\":{\"session_id\":"
                                       "\"s3\"}}"),
                            "");
        assert_null(hub_session(counter.scene->hub, SPAN("s3")));
    }
    counter_expect_on_disk(2);
}

static void
writes_by_themselves_are_committed_too(void **state)
{
    struct span last;

    (void)state;
    counter.writes_after = true;
    counter_expect_post("s1", "a", "");
    scene_settle(counter.scene);
    counter_expect_on_disk(1);
    last = kv_get(counter.space, SPAN("last"));
    assert_true(message_is(last, "object.name", "a"));
}

static void
what_was_not_settled_can_be_taken_back(void **state)
{
    struct hub *hub = counter.scene->hub;
    size_t mark;

    (void)state;
    assert_int_equal(counter_put(1), 0);
    mark = hub_kv_mark(hub);
    assert_int_equal(counter_put(2), 0);
    assert_int_equal(kv_put(counter.space, SPAN("other"), SPAN("{}"), BYTES_MAX), 0);
    assert_int_equal(kv_put(counter.space, SPAN("count"), SPAN_NONE, BYTES_MAX), 0);
    assert_null(kv_get(counter.space, SPAN("count")).at);
    hub_kv_take_back(hub, mark);
    assert_int_equal(counter_count(counter.space), 1);
    assert_int_equal(kv_all(counter.space)->count, 1);
    hub_kv_settle(hub);
    counter_expect_on_disk(1);
}

static void
a_space_is_bounded(void **state)
{
    static char big[BYTES_MAX];

    (void)state;
    memset(big, '1', sizeof(big));
    assert_int_equal(kv_put(counter.space, SPAN("k"), (struct span){big, BYTES_MAX}, BYTES_MAX),
                     HD1_EFULL);
    assert_int_equal(kv_put(counter.space, SPAN("k"), (struct span){big, BYTES_MAX - 1}, BYTES_MAX),
                     0);
    assert_int_equal(kv_put(counter.space, SPAN("l"), SPAN("1"), BYTES_MAX), HD1_EFULL);
    /* What it replaces makes room. */
    assert_int_equal(kv_put(counter.space, SPAN("k"), (struct span){big, BYTES_MAX - 1}, BYTES_MAX),
                     0);
    assert_int_equal(kv_put(counter.space, SPAN("k"), SPAN_NONE, 0), 0);
    for (int i = 0; i < KV_KEYS_MAX; i++) {
        char key[16];

        snprintf(key, sizeof(key), "%d", i);
        assert_int_equal(kv_put(counter.space, span_of(key), SPAN("1"), SIZE_MAX), 0);
    }
    assert_int_equal(kv_put(counter.space, SPAN("more"), SPAN("1"), SIZE_MAX), HD1_EFULL);
    assert_int_equal(kv_put(counter.space, SPAN("7"), SPAN("2"), SIZE_MAX), 0);
    hub_kv_take_back(counter.scene->hub, 0);
    assert_int_equal(kv_all(counter.space)->count, 0);
}

static void
too_much_at_once_is_busy(void **state)
{
    struct scene *scene = *state;
    static char big[32 * 1024];
    int err = 0, puts = 0;

    hub_disconnect(scene->hub, counter.plugin);
    scene->options.limits.pending_bytes = 1024 * 1024;
    scene_restart(scene);
    counter_open();
    memset(big, '1', sizeof(big));
    while (err == 0 && puts++ < 1000)
        err = kv_put(counter.space, SPAN("k"), (struct span){big, sizeof(big)}, SIZE_MAX);
    assert_int_equal(err, HD1_EBUSY);
    hub_kv_settle(scene->hub);
    scene_settle(scene);
    assert_int_equal(kv_put(counter.space, SPAN("k"), SPAN("1"), SIZE_MAX), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, counter_setup, counter_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_are_as_durable_as_their_events),
        TEST(a_refused_event_leaves_nothing),
        TEST(a_dropped_creation_leaves_its_writes_and_no_session),
        TEST(writes_by_themselves_are_committed_too),
        TEST(what_was_not_settled_can_be_taken_back),
        TEST(a_space_is_bounded),
        TEST(too_much_at_once_is_busy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
