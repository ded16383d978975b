/* A world where conflicts go by time: the older change is stale, whoever it reaches us from. */
#include "conn.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include <string.h>

#define CREATE "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"a\",\"type\":\"t\"}}}"
#define TIMED "{\"type\":\"world_updated\",\"data\":{\"world\":{\"conflict\":\"timestamp\"}}}"
#define CHANGE /* an update reads its object, a deletion its name */                               \
    "{\"type\":\"%s\",\"time_ms\":%lld,\"id\":%d,\"data\":{\"session_id\":\"s\",\"name\":\"a\","   \
    "\"object\":{\"name\":\"a\"}}}"
#define UPDATE "object_updated"
#define DELETE "object_deleted"

/* Two who are in s; the ids of the first are the smaller ones. */
struct pair {
    struct conn *small, *large;
};

static struct pair
pair_join(struct scene *scene)
{
    struct conn *one = conn_join_quietly(scene, "s"), *other = conn_join_quietly(scene, "s");
    bool is_ordered = strcmp(client_id(one->client), client_id(other->client)) < 0;

    one->ignores_presence = other->ignores_presence = true;
    return is_ordered ? (struct pair){one, other} : (struct pair){other, one};
}

static void
pair_close(struct scene *scene, struct pair *pair)
{
    conn_close(scene, pair->small);
    conn_close(scene, pair->large);
}

/* A session `s` with an object `a`, of which 10 s have passed. */
static void
scene_create_old(struct scene *scene, bool is_timed)
{
    scene_create(scene, "s");
    if (is_timed)
        assert_string_equal(scene_post(scene, "s", NULL, TIMED), "");
    assert_string_equal(scene_post(scene, "s", NULL, CREATE), "");
    scene_pass(scene, 10000);
}

/* Does it, with an id that was not there yet. */
static void
change_at(struct scene *scene, struct conn *conn, const char *type, int64_t time_ms)
{
    static int id;

    conn_send(scene, conn, CHANGE, type, (long long)time_ms, ++id);
    scene_settle(scene);
}

static void
expect_accepted(struct scene *scene, struct conn *conn, const char *type, int64_t time_ms)
{
    change_at(scene, conn, type, time_ms);
    struct span own;

    do {
        own = conn_next(conn);
        assert_true(own.at);
        assert_false(message_is(own, "type", "error"));
    } while (!message_has(own, "id") || !message_is(own, "client_id", client_id(conn->client)));
}

static void
expect_stale(struct scene *scene, struct conn *conn, const char *type, int64_t time_ms)
{
    change_at(scene, conn, type, time_ms);
    struct span error = conn_skip_to(conn, "error");

    assert_true(message_is(error, "data.code", "stale"));
    assert_true(message_is(error, "data.status", "409"));
}

static void
an_older_change_is_stale_and_a_newer_one_is_not(void **state)
{
    struct scene *scene = *state;

    scene_create_old(scene, true);
    int64_t now = scene->unix_ms;
    struct pair pair = pair_join(scene);

    expect_stale(scene, pair.large, UPDATE, now - 10001); /* before it was made */
    expect_accepted(scene, pair.large, UPDATE, now - 5000);
    expect_stale(scene, pair.small, UPDATE, now - 5001);
    expect_stale(scene, pair.small, DELETE, now - 5001);
    expect_accepted(scene, pair.small, UPDATE, now - 4999);
    expect_stale(scene, pair.large, UPDATE, now - 5000);
    expect_accepted(scene, pair.large, DELETE, now - 4998);
    pair_close(scene, &pair);
}

static void
between_equal_times_the_larger_client_id_wins(void **state)
{
    struct scene *scene = *state;

    scene_create_old(scene, true);
    int64_t now = scene->unix_ms;
    struct pair pair = pair_join(scene);

    expect_accepted(scene, pair.small, UPDATE, now - 5000);
    expect_accepted(scene, pair.small, UPDATE, now - 5000); /* its own it may go on with */
    expect_accepted(scene, pair.large, UPDATE, now - 5000);
    expect_stale(scene, pair.small, UPDATE, now - 5000);
    expect_stale(scene, pair.small, DELETE, now - 5000);
    expect_accepted(scene, pair.large, DELETE, now - 5000);
    pair_close(scene, &pair);
}

static void
a_clock_that_is_ahead_counts_as_ours(void **state)
{
    struct scene *scene = *state;

    scene_create_old(scene, true);
    int64_t now = scene->unix_ms;
    struct pair pair = pair_join(scene);

    expect_accepted(scene, pair.large, UPDATE, now + 1000000);
    expect_stale(scene, pair.small, UPDATE, now + 2000000); /* a tie */
    expect_accepted(scene, pair.large, UPDATE, now);
    scene->unix_ms = now + 1;
    expect_accepted(scene, pair.small, UPDATE, now + 1);
    pair_close(scene, &pair);
}

static void
elsewhere_time_decides_nothing(void **state)
{
    struct scene *scene = *state;

    scene_create_old(scene, false);
    int64_t now = scene->unix_ms;
    struct pair pair = pair_join(scene);

    expect_accepted(scene, pair.large, UPDATE, now);
    expect_accepted(scene, pair.small, UPDATE, now);
    expect_accepted(scene, pair.small, UPDATE, now - 20000);
    expect_accepted(scene, pair.large, DELETE, now - 20000);
    pair_close(scene, &pair);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_older_change_is_stale_and_a_newer_one_is_not),
        TEST(between_equal_times_the_larger_client_id_wins),
        TEST(a_clock_that_is_ahead_counts_as_ours),
        TEST(elsewhere_time_decides_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
