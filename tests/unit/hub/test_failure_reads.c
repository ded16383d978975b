/* Joins and reads of a state whose commit fails, and of a session that cannot be read. */
#include "conn.h"
#include "failing.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

/* --- joins and reads --- */

static void
expect_whole_snapshot(struct conn *conn, int64_t seq)
{
    struct span page;

    do {
        page = conn_expect(conn, "session_snapshot");
        assert_int_equal(message_int(page, "data.seq"), seq);
    } while (!message_is(page, "data.last", "true"));
}

/* It has joined: what happens from now on it sees, as others do. */
static void
expect_joined(struct scene *scene, struct conn *alice, const char *session)
{
    struct conn *bob = conn_join_quietly(scene, session);

    conn_expect(alice, "client_connected");
    conn_send(scene, alice, WS_UPDATE, 3, session, 5);
    scene_settle(scene);
    conn_expect_seq(alice, "object_updated", 3);
    conn_expect_seq(bob, "object_updated", 3);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
join_fails_once(struct scene *scene, const struct failure *failure, const char *session)
{
    struct conn *alice;

    scene_pass(scene, 2000);
    scene_restart(scene); /* a new epoch waits to be stored */
    alice = conn_greet(scene);
    scene_fail(scene, failure->point, failure->code, 1);
    conn_send(scene, alice, WS_JOIN, 1, session);
    scene_settle(scene);
    expect_whole_snapshot(alice, 2);
    expect_joined(scene, alice, session);
}

static void
a_join_whose_epoch_could_not_be_stored_is_made_again(void **state)
{
    failure_for_each(*state, POINT(BEGIN) | POINT(SESSION) | POINT(COMMIT), join_fails_once);
}

static void
join_fails(struct scene *scene, const struct failure *failure, const char *session)
{
    struct conn *alice;

    scene_pass(scene, 2000);
    scene_restart(scene);
    alice = conn_greet(scene);
    scene_fail(scene, failure->point, failure->code, 1000);
    conn_send(scene, alice, WS_JOIN, 1, session);
    scene_settle(scene);
    conn_expect_error(alice, 1, failure->refusal);
    conn_expect_nothing(alice);
    scene_fail(scene, failure->point, 0, 0);
    conn_send(scene, alice, WS_JOIN, 2, session);
    scene_settle(scene);
    expect_whole_snapshot(alice, 2);
    expect_joined(scene, alice, session);
}

static void
a_join_whose_epoch_cannot_be_stored_is_refused(void **state)
{
    failure_for_each(*state, POINT(SESSION) | POINT(COMMIT), join_fails);
}

static void
join_of_failed_state(struct scene *scene, const struct failure *failure, const char *session)
{
    struct conn *alice = conn_join_quietly(scene, session), *bob = conn_greet(scene);

    scene_pass(scene, 2000);
    scene_fail(scene, failure->point, failure->code, 1);
    conn_send(scene, alice, WS_CREATE, 1, session, "b");
    conn_send(scene, bob, WS_JOIN, 1, session);
    conn_send(scene, bob, WS_CREATE, 2, session, "c");
    scene_settle(scene);
    conn_expect_error(alice, 1, failure->refusal);
    conn_expect_error(bob, 2, failure->refusal);
    expect_whole_snapshot(bob, 2); /* made again, of what is on disk */
    conn_expect_nothing(bob);
    scene_expect_state(
        scene, session,
        "2 {}\n{\"name\":\"a\",\"type\":\"cube\",\"x\":0,\"y\":0,\"z\":0,\"scale\":1,"
        "\"version\":2}");
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
a_joiner_never_sees_a_state_that_failed(void **state)
{
    failure_for_each(*state, ALL_POINTS, join_of_failed_state);
}

struct reading {
    int opened, kept, failed;
    bool has_object;
};

static void
on_held(void *ctx, bool is_kept)
{
    struct reading *reading = ctx;

    reading->kept += is_kept;
    reading->failed += !is_kept;
}

static void
on_open(void *ctx, struct session *session, const struct refusal *refusal)
{
    struct reading *reading = ctx;

    assert_null(refusal);
    reading->opened++;
    reading->has_object = session_object(session, SPAN("b")) != NULL;
    hub_hold(session, on_held, reading);
}

static void
read_fails(struct scene *scene, const struct failure *failure, const char *session)
{
    struct conn *alice = conn_join_quietly(scene, session);
    struct reading first = {0}, again = {0};

    scene_pass(scene, 2000);
    scene_fail(scene, failure->point, failure->code, 1);
    conn_send(scene, alice, WS_CREATE, 1, session, "b");
    hub_open(scene->hub, span_of(session), on_open, &first);
    assert_int_equal(first.opened, 1);
    assert_true(first.has_object);
    scene_settle(scene);
    assert_int_equal(first.failed, 1);
    assert_int_equal(first.kept, 0);
    hub_open(scene->hub, span_of(session), on_open, &again);
    scene_settle(scene);
    assert_false(again.has_object);
    assert_int_equal(again.kept, 1);
    assert_int_equal(again.failed, 0);
    conn_close(scene, alice);
}

static void
a_read_of_failed_state_must_be_made_again(void **state)
{
    failure_for_each(*state, ALL_POINTS, read_fails);
}

/* --- reading fails --- */

static void
a_session_that_cannot_be_read_again_keeps_its_members_until_it_can(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    struct conn *alice = conn_join(scene, "s");

    scene_fail(scene, STORE_POINT_COMMIT, FAULT_IOERR, 1);
    scene_fail(scene, STORE_POINT_READ, FAULT_IOERR, 4); /* twice for each load */
    conn_send(scene, alice, WS_CREATE, 1, "s", "a");
    scene_settle(scene);
    conn_expect_error(alice, 1, "storage_unavailable");
    conn_send(scene, alice, WS_CREATE, 2, "s", "a");
    scene_settle(scene);
    conn_expect_nothing(alice);
    scene_pass(scene, 1001);
    hub_tick(scene->hub);
    scene_settle(scene);
    conn_expect_error(alice, 2, "storage_unavailable");
    assert_true(scene_has_failed(scene, STORE_POINT_READ));
    conn_send(scene, alice, WS_CREATE, 3, "s", "a");
    scene_pass(scene, 1001);
    hub_tick(scene->hub);
    scene_settle(scene);
    conn_expect_seq(alice, "object_created", 2);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

static void
who_needs_a_session_that_cannot_be_loaded_is_told(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    scene_restart(scene);
    struct conn *alice = conn_greet(scene);

    scene_fail(scene, STORE_POINT_READ, FAULT_IOERR, 2);
    conn_send(scene, alice, WS_JOIN, 1, "s");
    scene_settle(scene);
    conn_expect_error(alice, 1, "storage_unavailable");
    scene_fail(scene, STORE_POINT_READ, FAULT_CORRUPT, 1);
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("a")), "storage_unavailable");
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("a")), "");
    conn_close(scene, alice);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_join_whose_epoch_could_not_be_stored_is_made_again),
        TEST(a_join_whose_epoch_cannot_be_stored_is_refused),
        TEST(a_joiner_never_sees_a_state_that_failed),
        TEST(a_read_of_failed_state_must_be_made_again),
        TEST(a_session_that_cannot_be_read_again_keeps_its_members_until_it_can),
        TEST(who_needs_a_session_that_cannot_be_loaded_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
