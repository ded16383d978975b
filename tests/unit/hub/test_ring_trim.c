/*
 * The memory of all rings is bounded: beyond it, blocks go whose session's ring was used longest
 * ago. Who comes back to a session whose ring is left goes on from there, anyone else from the
 * store.
 */
#include "conn.h"
#include "message.h"
#include "rest.h"
#include "scene.h"
#include "json/json.h"

#include <string.h>

#define SESSIONS 5
#define EVENT_BYTES 12000 /* so that a block has one event */
#define CREATE                                                                                     \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"o%d\",\"type\":\"t\","          \
    "\"filler\":\"%s\"}}}"
#define JOIN "{\"type\":\"join\",\"data\":{\"session_id\":\"%s\",\"since\":%lld,\"epoch\":\"%s\"}}"

static const char *const names[SESSIONS] = {"s0", "s1", "s2", "s3", "s4"};

static int64_t
ring_bytes(struct scene *scene)
{
    struct hub_stats stats;

    hub_stats(scene->hub, &stats);
    return stats.ring_bytes;
}

/* One more event in the session, of a block of its own. */
static void
use_ring(struct scene *scene, int session)
{
    static int number;
    char filler[EVENT_BYTES];

    memset(filler, 'x', sizeof(filler) - 1);
    filler[sizeof(filler) - 1] = '\0';
    assert_string_equal(scene_post(scene, names[session], NULL, CREATE, ++number, filler), "");
}

/* Is the session's newest event still in its ring? Asked by somebody who misses just that. */
static bool
has_ring(struct scene *scene, int session)
{
    char epoch[24];
    struct conn *conn = conn_greet(scene);
    struct hub_stats before, after;
    int64_t seq;

    conn_send(scene, conn, "{\"type\":\"join\",\"data\":{\"session_id\":\"%s\"}}", names[session]);
    scene_settle(scene);
    struct span page = conn_expect(conn, "session_snapshot");

    seq = message_int(page, "data.to");
    assert_true(json_copy_string(message_get(page, "data.epoch"), epoch, sizeof(epoch)) > 0);
    conn_close(scene, conn);
    conn = conn_greet(scene);
    hub_stats(scene->hub, &before);
    conn_send(scene, conn, JOIN, names[session], (long long)seq - 1, epoch);
    scene_settle(scene);
    hub_stats(scene->hub, &after);
    conn_expect(conn, "session_resumed");
    conn_expect_seq(conn, "object_created", seq);
    conn_close(scene, conn);
    return after.resumed_store == before.resumed_store;
}

/* As '+' and '-' of s0 to s4. */
static void
expect_rings(struct scene *scene, const char *expected)
{
    char found[SESSIONS + 1] = "";

    for (int i = 0; i < SESSIONS; i++)
        found[i] = has_ring(scene, i) ? '+' : '-';
    assert_string_equal(found, expected);
}

static void
use_rings(struct scene *scene, const char *sessions)
{
    for (; *sessions; sessions++)
        use_ring(scene, *sessions - '0');
}

/* Sessions s0 to s4, their rings empty, and room in all for three blocks and a half. */
static int
setup(void **state)
{
    struct scene *scene = scene_make();

    *state = scene;
    scene_start(scene);
    for (int i = 0; i < SESSIONS; i++) {
        scene_create(scene, names[i]);
        use_ring(scene, i);
    }
    scene->options.limits.ring_bytes = (size_t)ring_bytes(scene) * 7 / (2 * SESSIONS);
    scene_restart(scene);
    assert_int_equal(ring_bytes(scene), 0);
    return 0;
}

static void
the_ring_filled_first_goes_first(void **state)
{
    struct scene *scene = *state;

    use_rings(scene, "012");
    expect_rings(scene, "+++--");
    use_rings(scene, "3");
    expect_rings(scene, "-+++-");
    use_rings(scene, "4");
    expect_rings(scene, "--+++");
    assert_true(ring_bytes(scene) <= (int64_t)scene->options.limits.ring_bytes);
}

static void
a_ring_that_is_used_again_stays_longer(void **state)
{
    struct scene *scene = *state;

    use_rings(scene, "0120"); /* the first of all: two blocks now */
    expect_rings(scene, "+-+--");
    use_rings(scene, "3");
    expect_rings(scene, "+--+-");
}

static void
one_between_others_does_so_too(void **state)
{
    struct scene *scene = *state;

    use_rings(scene, "0121");
    expect_rings(scene, "-++--");
    use_rings(scene, "0"); /* it begins again */
    expect_rings(scene, "++---");
}

static void
what_goes_with_its_session_leaves_the_order_of_the_others(void **state)
{
    struct scene *scene = *state;

    use_rings(scene, "012");
    assert_string_equal(scene_post(scene, "s1", NULL, "{\"type\":\"session_deleted\"}"), "");
    use_rings(scene, "3");
    scene_create(scene, "s1");
    use_rings(scene, "1"); /* a new one: with its own creation it has one block */
    expect_rings(scene, "-+++-");
}

static void
what_somebody_has_still_to_get_stays(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s0");

    alice->is_blocked = true;
    use_rings(scene, "0123");
    expect_rings(scene, "+-++-");
    conn_unblock(scene, alice);
    scene_settle(scene);
    conn_expect(alice, "object_created");
    use_rings(scene, "4");
    expect_rings(scene, "--+++");
    conn_close(scene, alice);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_ring_filled_first_goes_first),
        TEST(a_ring_that_is_used_again_stays_longer),
        TEST(one_between_others_does_so_too),
        TEST(what_goes_with_its_session_leaves_the_order_of_the_others),
        TEST(what_somebody_has_still_to_get_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
