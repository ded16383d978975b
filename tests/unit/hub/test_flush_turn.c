/*
 * A flush that takes long gives way after a few ms. Here session `t` takes them, while `s` waits
 * for its turn.
 */
#include "conn.h"
#include "hook.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#define HURRY_MS 3 /* one session, and the turn is over */
#define WAIT_MS 20
#define UPDATE                                                                                     \
    "{\"type\":\"object_updated\",\"data\":{\"session_id\":\"%s\",\"object\":{\"name\":\"a\","     \
    "\"x\":%d}}}"
#define LEAVE "{\"type\":\"leave\",\"data\":{\"session_id\":\"%s\"}}"
#define MANY 300 /* more than queue_messages */
#define MOVE "{\"type\":\"object_moved\",\"data\":{\"session_id\":\"s\",\"name\":\"a\",\"x\":%d}}"

static struct conn *alice, *bob, *tom; /* tom is in t, they in s */
static int wake_ms;

static bool
wants_nothing(void *ctx, const struct event_type *type)
{
    (void)ctx;
    (void)type;
    return false;
}

static void
wake_in(void *ctx, int ms)
{
    (void)ctx;
    wake_ms = ms;
}

static int
setup(void **state)
{
    int status = hook_setup(state);
    struct scene *scene = *state;

    scene->options.wake_in = wake_in;
    scene->hooks.before_join = NULL; /* which knows s only */
    scene_restart(scene);
    scene_create(scene, "t");
    assert_string_equal(scene_post(scene, "t", NULL, CREATE("a")), "");
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("a")), "");
    tom = conn_join_quietly(scene, "t");
    alice = conn_join_quietly(scene, "s");
    bob = conn_join_quietly(scene, "s");
    scene_settle(scene);
    conn_expect_nothing(tom);
    conn_expect_nothing(alice);
    conn_expect_nothing(bob);
    alice->longest = 0;
    scene->hooks.wants_after = wants_nothing;
    return status;
}

/* An event for t, and one for s in the same batch; both are on disk when it returns. */
static void
commit_both(struct scene *scene, int x)
{
    conn_send(scene, tom, UPDATE, "t", x);
    conn_send(scene, alice, UPDATE, "s", x);
    scene_pass(scene, 10);
    scene_turn(scene);
    scene_catch_up(scene);
}

/* A round, in which there is time for one session. */
static void
turn_in_a_hurry(struct scene *scene)
{
    scene->hurry_ms = HURRY_MS;
    scene_turn(scene);
    scene->hurry_ms = 0;
}

static void
expect_x(struct conn *conn, const char *type, int x)
{
    struct span message = conn_expect(conn, type);

    assert_int_equal(message_int(message, message_has(message, "seq") ? "data.object.x" : "data.x"),
                     x);
}

static void
who_waits_has_his_turn_in_the_next_round(void **state)
{
    struct scene *scene = *state;

    commit_both(scene, 1);
    wake_ms = -1;
    turn_in_a_hurry(scene);
    expect_x(tom, "object_updated", 1);
    conn_expect_nothing(alice);
    assert_int_equal(wake_ms, 0); /* the loop may not sleep */
    assert_false(hub_is_drained(scene->hub));
    scene_turn(scene);
    expect_x(alice, "object_updated", 1);
    expect_x(bob, "object_updated", 1);
    assert_true(hub_is_drained(scene->hub));
}

static void
who_waits_gets_all_in_one_write(void **state)
{
    struct scene *scene = *state;

    commit_both(scene, 1);
    conn_send(scene, tom, UPDATE, "t", 2);
    conn_send(scene, alice, UPDATE, "s", 2);
    scene_pass(scene, 2);
    turn_in_a_hurry(scene); /* hands them over, too */
    expect_x(tom, "object_updated", 1);
    conn_expect_nothing(alice);
    scene_catch_up(scene);
    scene_turn(scene);
    assert_int_equal(alice->longest, alice->in.len);
    expect_x(alice, "object_updated", 1);
    expect_x(alice, "object_updated", 2);
}

static void
but_nobody_waits_for_long(void **state)
{
    struct scene *scene = *state;

    commit_both(scene, 1);
    scene_pass(scene, WAIT_MS);
    turn_in_a_hurry(scene);
    expect_x(tom, "object_updated", 1);
    expect_x(alice, "object_updated", 1);
}

static void
a_volatile_event_does_not_overtake(void **state)
{
    struct scene *scene = *state;

    commit_both(scene, 1);
    conn_send(scene, alice, MOVE, 2);
    conn_send(scene, alice, MOVE, 3);
    turn_in_a_hurry(scene);
    expect_x(bob, "object_updated", 1);
    expect_x(bob, "object_moved", 2);
    expect_x(bob, "object_moved", 3);
}

static void
nor_does_what_a_hook_has_to_say(void **state)
{
    struct scene *scene = *state;

    scene->hooks.wants_after = NULL;
    hook.watched = alice;
    hook.after[0] = '\0';
    commit_both(scene, 1);
    turn_in_a_hurry(scene);
    assert_string_equal(hook.after, "object_updated,object_updated,");
    assert_true(hook.seen_by_conn > 0);
    expect_x(alice, "object_updated", 1);
}

static void
go_on(void *ctx, bool is_kept)
{
    assert_true(is_kept);
    *(bool *)ctx = true;
}

/* An answer over REST, or an event that a hook emits into another session, may have effects. */
static void
what_somebody_waited_for_is_flushed_at_once(void **state)
{
    struct scene *scene = *state;
    bool goes_on = false;

    conn_send(scene, tom, UPDATE, "t", 1);
    conn_send(scene, alice, UPDATE, "s", 1);
    hub_hold(hub_session(scene->hub, SPAN("s")), go_on, &goes_on);
    scene_pass(scene, 10);
    scene_turn(scene);
    scene_catch_up(scene);
    assert_true(goes_on);
    expect_x(alice, "object_updated", 1);
    conn_expect_nothing(tom);
    scene_turn(scene);
    expect_x(tom, "object_updated", 1);
}

/* --- what is the server's delay is not the client's --- */

/* More than a client may be behind by waits for its turn when another batch is there. */
static void
who_is_blocked_for_a_moment_meanwhile_is_not_cut(void **state)
{
    struct scene *scene = *state;

    conn_send(scene, tom, UPDATE, "t", 1);
    for (int i = 1; i <= MANY; i++)
        conn_send(scene, alice, UPDATE, "s", i);
    scene_pass(scene, 10);
    scene_turn(scene);
    scene_catch_up(scene);
    bob->is_blocked = true; /* by a pong, say: an error that he is told makes the hub notice */
    conn_send(scene, bob, LEAVE, "nowhere");
    conn_send(scene, tom, UPDATE, "t", 2);
    scene_pass(scene, 2);
    turn_in_a_hurry(scene);
    scene_catch_up(scene);
    conn_expect_nothing(alice);
    assert_int_equal(bob->close_code, 0);
    conn_unblock(scene, bob);
    scene_settle(scene);
    conn_expect(bob, "error");
    for (int i = 1; i <= MANY; i++)
        expect_x(bob, "object_updated", i);
}

/* --- nothing is lost --- */

/* It turns out at the reload: its COMMIT has failed, and its outcome was not known. */
static void
a_deletion_comes_after_what_was_committed_before(void **state)
{
    struct scene *scene = *state;
    struct rest_answer deleted = {.is_answered = false};

    commit_both(scene, 1);
    rest_send(scene, "s", &deleted, "{\"type\":\"session_deleted\"}");
    scene_fail(scene, STORE_POINT_COMMITTED, FAULT_IOERR, 1);
    scene_fail(scene, STORE_POINT_REOPEN, FAULT_IOERR, 1);
    scene_pass(scene, 2);
    turn_in_a_hurry(scene); /* hands it over */
    conn_expect_nothing(alice);
    scene_catch_up(scene); /* it fails, and the session is read: it is not there */
    assert_string_equal(rest_await(scene, &deleted), "outcome_unknown");
    expect_x(alice, "object_updated", 1);
    conn_expect(alice, "session_deleted");
    rest_fini(&deleted);
}

static void
nor_does_one_swallow_what_is_committed_with_it(void **state)
{
    struct scene *scene = *state;
    struct rest_answer deleted = {.is_answered = false};

    conn_send(scene, alice, UPDATE, "s", 1);
    rest_send(scene, "s", &deleted, "{\"type\":\"session_deleted\"}");
    assert_string_equal(rest_await(scene, &deleted), "");
    expect_x(bob, "object_updated", 1);
    conn_expect(bob, "session_deleted");
    rest_fini(&deleted);
}

static void
goodbye_comes_after_what_was_committed(void **state)
{
    struct scene *scene = *state;

    commit_both(scene, 1);
    hub_stop_accepting(scene->hub);
    turn_in_a_hurry(scene);
    hub_close_clients(scene->hub);
    expect_x(alice, "object_updated", 1);
    conn_expect(alice, "goodbye");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_waits_has_his_turn_in_the_next_round),
        TEST(who_waits_gets_all_in_one_write),
        TEST(but_nobody_waits_for_long),
        TEST(a_volatile_event_does_not_overtake),
        TEST(nor_does_what_a_hook_has_to_say),
        TEST(what_somebody_waited_for_is_flushed_at_once),
        TEST(who_is_blocked_for_a_moment_meanwhile_is_not_cut),
        TEST(a_deletion_comes_after_what_was_committed_before),
        TEST(nor_does_one_swallow_what_is_committed_with_it),
        TEST(goodbye_comes_after_what_was_committed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
