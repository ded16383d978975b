/* Going on from the seq that a client had, from the ring or from the store. */
#include "conn.h"
#include "joining.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

static void
who_comes_back_goes_on_from_the_ring(void **state)
{
    struct scene *scene = *state;
    char epoch[24];

    scene_create_history(scene, 400);
    scene_find_epoch(scene, epoch);
    for (int64_t since = 0; since <= 400; since += 100) {
        struct conn *alice = conn_resume(scene, since, epoch);

        conn_expect_resumed(alice, since, 400);
        assert_string_equal(
            scene_post(scene, "s", NULL,
                       "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"o2\"}}}"),
            "");
        conn_expect_seq(alice, "object_updated", 401);
        conn_expect_nothing(alice);
        conn_close(scene, alice);
        assert_string_equal(scene_post(scene, "s", NULL, "{\"type\":\"session_deleted\"}"), "");
        scene_create_history(scene, 400);
        scene_find_epoch(scene, epoch);
    }
}

static void
who_comes_back_goes_on_from_the_store_when_the_ring_is_gone(void **state)
{
    struct scene *scene = *state;
    char epoch[24];
    struct hub_stats stats;

    scene->options.limits.ring_bytes = 1;
    scene_restart(scene);
    scene_create_history(scene, 1500);
    scene_find_epoch(scene, epoch);
    hub_stats(scene->hub, &stats);
    assert_int_equal(stats.ring_bytes, 0);
    struct conn *alice = conn_resume(scene, 0, epoch), *bob = conn_resume(scene, 1499, epoch);

    conn_expect_resumed(alice, 0, 1500);
    conn_expect_resumed(bob, 1499, 1500);
    scene_create_objects(scene, "s", 5000, 300);
    for (int64_t seq = 1501; seq <= 1800; seq++) {
        conn_expect_seq(alice, "object_created", seq);
        conn_expect_seq(bob, "object_created", seq);
    }
    conn_expect_nothing(alice);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
history_shows_the_same_bytes_from_ring_and_store(void **state)
{
    struct scene *scene = *state;
    char epoch[24];
    struct buf live = BUF_INIT;

    scene_create(scene, "s");
    struct conn *alice = conn_join(scene, "s");

    conn_send(
        scene, alice,
        "{\"type\":\"object_created\",\"id\":9,\"data\":{\"session_id\":\"s\",\"object\":{\"name\":"
        "\"a\",\"type\":\"cube\",\"x\":1.50,\"text\":\"\\u00e4 \\\"\"}}}");
    scene_settle(scene);
    buf_append_span(&live, conn_expect(alice, "object_created"));
    conn_close(scene, alice);
    scene_find_epoch(scene, epoch);
    for (int i = 0; i < 2; i++) {
        struct conn *bob = conn_resume(scene, 1, epoch);
        struct span again;

        conn_expect(bob, "session_resumed");
        again = conn_expect(bob, "object_created");
        assert_true(span_eq(again, buf_span(&live)));
        conn_close(scene, bob);
        scene_restart(scene);
    }
    buf_fini(&live);
}

static void
an_old_epoch_is_good_up_to_where_the_next_began(void **state)
{
    struct scene *scene = *state;
    char first[24], second[24];

    scene_create_history(scene, 5);
    scene_find_epoch(scene, first);
    scene_restart(scene);
    scene_find_epoch(scene, second);
    assert_string_not_equal(first, second);
    scene_create_objects(scene, "s", 100, 3);
    struct conn *alice = conn_resume(scene, 5, first), *bob = conn_resume(scene, 6, first),
                *carol = conn_resume(scene, 8, second), *dave = conn_resume(scene, 9, second),
                *eve = conn_resume(scene, 2, "nonsense");

    conn_expect_resumed(alice, 5, 8);
    conn_expect_snapshot(bob, "server_behind", 5);
    conn_expect_resumed(carol, 8, 8);
    conn_expect_snapshot(dave, "server_behind", 5);
    conn_expect_snapshot(eve, "unknown_epoch", 5);
    conn_close(scene, alice);
    conn_close(scene, bob);
    conn_close(scene, carol);
    conn_close(scene, dave);
    conn_close(scene, eve);
}

static void
since_without_epoch_gives_a_snapshot_that_says_so(void **state)
{
    struct scene *scene = *state;

    scene_create_history(scene, 3);
    struct conn *alice = conn_greet(scene);

    conn_send(scene, alice, "{\"type\":\"join\",\"data\":{\"session_id\":\"s\",\"since\":3}}");
    scene_settle(scene);
    conn_expect_snapshot(alice, "unknown_epoch", 3);
    conn_send(scene, alice, LEAVE);
    conn_send(scene, alice,
              "{\"type\":\"join\",\"id\":1,\"data\":{\"session_id\":\"s\",\"since\":-1}}");
    conn_send(scene, alice,
              "{\"type\":\"join\",\"id\":2,\"data\":{\"session_id\":\"s\",\"since\":1.5}}");
    conn_send(scene, alice, "{\"type\":\"join\",\"id\":3,\"data\":{}}");
    scene_settle(scene);
    for (int64_t id = 1; id <= 3; id++) {
        struct span error = conn_expect(alice, "error");

        assert_int_equal(message_int(error, "data.id"), id);
        assert_true(message_is(error, "data.code", "invalid_message"));
    }
    conn_close(scene, alice);
}

/* Restarts with pruning on until the log is as short as it can be. */
static void
prune(struct scene *scene)
{
    hub_write_behind(scene->hub); /* only what rows hold is pruned */
    scene_settle(scene);
    scene->store_options.keep_events = 1;
    scene->store_options.prune_ms = 1;
    scene_restart(scene);
}

struct page {
    int64_t last_seq;
    size_t count;
    bool is_there;
};

static void
on_history(void *ctx, const struct refusal *refusal, struct span events, size_t count,
           int64_t last_seq, bool is_more)
{
    struct page *page = ctx;

    (void)events;
    (void)is_more;
    assert_null(refusal);
    *page = (struct page){last_seq, count, true};
}

static void
ask_history(void *ctx, struct session *session, const struct refusal *refusal)
{
    assert_null(refusal);
    hub_history(session, 0, 1000, on_history, ctx);
}

/* Waits until the store has pruned all but the newest event of s. */
static void
await_pruned(struct scene *scene)
{
    struct page page = {.count = 0};

    for (int i = 0; i < 5000 && page.count != 1; i++) {
        page.is_there = false;
        hub_open(scene->hub, SPAN("s"), ask_history, &page);
        scene_settle(scene);
        assert_true(page.is_there);
        scene_deliver(scene, 5);
    }
    assert_int_equal(page.count, 1);
}

static void
what_was_pruned_cannot_be_gone_on_from(void **state)
{
    struct scene *scene = *state;
    char epoch[24];

    scene_create_history(scene, 20);
    scene_find_epoch(scene, epoch);
    prune(scene);
    await_pruned(scene);
    scene_restart(scene);
    struct conn *alice = conn_resume(scene, 18, epoch), *bob = conn_resume(scene, 19, epoch);

    assert_int_equal(conn_expect_snapshot(alice, "expired", 20), 19);
    conn_expect_resumed(bob, 19, 20);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

/* The session is in memory and does not know yet: no gap is shown; who comes again gets a snapshot.
 */
static void
what_is_pruned_meanwhile_leaves_no_gap(void **state)
{
    struct scene *scene = *state;
    char epoch[24];

    scene_create_history(scene, 20);
    scene_find_epoch(scene, epoch);
    scene->store_options.keep_events = 1;
    scene->store_options.prune_ms = 1;
    scene_restart(scene);
    struct conn *keeper = conn_join_quietly(scene, "s");

    hub_write_behind(scene->hub); /* from now on it may be pruned */
    scene_settle(scene);
    await_pruned(scene);
    struct conn *alice = conn_resume(scene, 5, epoch); /* the hub does not know of it yet */

    assert_int_equal(conn_expect_snapshot(alice, "expired", 20), 19);
    conn_close(scene, alice);
    conn_close(scene, keeper);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_comes_back_goes_on_from_the_ring),
        TEST(who_comes_back_goes_on_from_the_store_when_the_ring_is_gone),
        TEST(history_shows_the_same_bytes_from_ring_and_store),
        TEST(an_old_epoch_is_good_up_to_where_the_next_began),
        TEST(since_without_epoch_gives_a_snapshot_that_says_so),
        TEST(what_was_pruned_cannot_be_gone_on_from),
        TEST(what_is_pruned_meanwhile_leaves_no_gap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
