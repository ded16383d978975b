/* For the watchdog: what the hub does counts for the cause that it is. */
#include "conn.h"
#include "failing.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include <string.h>

/* Has it counted since the last call? */
static bool
has_counted(struct scene *scene, enum watch_cause cause)
{
    struct watch *watch = hub_watch(scene->hub);
    bool has = watch->cause_ns[cause] > 0;

    watch_reset(watch);
    return has;
}

static int
setup(void **state)
{
    struct scene *scene;

    if (scene_setup(state) != 0)
        return -1;
    scene = *state;
    scene_create(scene, "s");
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("a")), "");
    return 0;
}

static void
a_message_its_commit_and_its_flush(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s");

    scene_settle(scene);
    watch_reset(hub_watch(scene->hub));
    scene_turn(scene);
    assert_int_equal(hub_watch(scene->hub)->ns, 0); /* there was nothing to do */
    conn_send(scene, alice, WS_UPDATE, 1, "s", 1);
    assert_int_equal(hub_watch(scene->hub)->messages, 1);
    assert_int_equal(hub_watch(scene->hub)->cause_ns[WATCH_COMMIT], 0);
    assert_true(has_counted(scene, WATCH_EVENT));
    scene_turn(scene); /* handed over */
    scene_turn(scene);
    assert_false(has_counted(scene, WATCH_FLUSH));
    scene_catch_up(scene);
    assert_int_equal(hub_watch(scene->hub)->cause_ns[WATCH_EVENT], 0);
    assert_true(has_counted(scene, WATCH_COMMIT));
    scene_turn(scene);
    assert_true(has_counted(scene, WATCH_FLUSH));
    conn_close(scene, alice);
}

static void
what_is_sent_in_rounds_is_flushed_too(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    scene_settle(scene);
    watch_reset(hub_watch(scene->hub));
    scene_turn(scene);
    assert_false(has_counted(scene, WATCH_FLUSH));
    conn_send(scene, bob,
              "{\"type\":\"object_moved\",\"data\":{\"session_id\":\"s\",\"name\":\"a\",\"x\":1}}");
    watch_reset(hub_watch(scene->hub));
    for (int i = 0; i < 10; i++)
        scene_turn(scene);
    conn_skip_to(alice, "object_moved");
    assert_true(has_counted(scene, WATCH_FLUSH));
    conn_close(scene, alice);
    conn_close(scene, bob);
}

/* The message that waits for the load counts once it is dealt with. */
static void
a_load_and_what_has_waited_for_it(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answer = {.is_answered = false};

    scene_restart(scene);
    scene->is_reader_held = 1;
    rest_send(scene, "s", &answer, UPDATE, 1);
    watch_reset(hub_watch(scene->hub));
    scene->is_reader_held = 0;
    scene_catch_up(scene);
    assert_true(hub_watch(scene->hub)->cause_ns[WATCH_EVENT] > 0);
    assert_true(has_counted(scene, WATCH_LOAD));
    assert_string_equal(rest_await(scene, &answer), "");
    rest_fini(&answer);
}

static void
pages_of_a_snapshot(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_greet(scene);

    watch_reset(hub_watch(scene->hub));
    conn_send(scene, alice, WS_JOIN, 1, "s");
    scene_settle(scene);
    conn_expect(alice, "session_snapshot");
    assert_true(has_counted(scene, WATCH_PAGE));
    conn_close(scene, alice);
}

static void
note_events(void *ctx, const struct refusal *refusal, struct span events, size_t count,
            int64_t last_seq, bool is_more)
{
    (void)events;
    (void)last_seq;
    (void)is_more;
    assert_null(refusal);
    *(size_t *)ctx += count;
}

static void
pages_of_history(void **state)
{
    struct scene *scene = *state;
    size_t count = 0;

    watch_reset(hub_watch(scene->hub));
    hub_history(hub_session(scene->hub, SPAN("s")), 0, 10, note_events, &count);
    assert_int_equal(count, 2); /* from the ring */
    assert_true(has_counted(scene, WATCH_PAGE));
    scene_restart(scene);
    assert_string_equal(scene_post(scene, "s", NULL, UPDATE, 1), ""); /* loads it */
    watch_reset(hub_watch(scene->hub));
    hub_history(hub_session(scene->hub, SPAN("s")), 0, 10, note_events, &count);
    assert_false(has_counted(scene, WATCH_PAGE));
    scene_catch_up(scene);
    assert_int_equal(count, 5);
    assert_true(has_counted(scene, WATCH_PAGE));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_message_its_commit_and_its_flush),
        TEST(what_is_sent_in_rounds_is_flushed_too),
        TEST(a_load_and_what_has_waited_for_it),
        TEST(pages_of_a_snapshot),
        TEST(pages_of_history),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
