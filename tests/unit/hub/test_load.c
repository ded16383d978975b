/*
 * A session comes back from disk as it was: object rows, written behind one by one, and the log
 * above them always give the state that was in memory.
 */
#include "conn.h"
#include "rest.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>

#define OBJECTS 50 /* more than one batch writes behind */
#define ROUNDS 60

static uint32_t
next_random(uint32_t *random)
{
    return *random = *random * 1103515245 + 12345, *random >> 16;
}

/* Some change of some object; many are refused. */
static void
change(struct scene *scene, uint32_t *random)
{
    unsigned name = next_random(random) % OBJECTS, value = next_random(random) % 1000;

    switch (next_random(random) % 6) {
    case 0:
        scene_post(scene, "s", NULL, "{\"type\":\"object_deleted\",\"data\":{\"name\":\"o%u\"}}",
                   name);
        break;
    case 1:
        scene_post(
            scene, "s", NULL,
            "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"o%u\",\"p%u\":null}}}",
            name, value % 3);
        break;
    case 2:
        scene_post(scene, "s", NULL,
                   "{\"type\":\"world_updated\",\"data\":{\"world\":{\"w%u\":%u}}}", value % 3,
                   value);
        break;
    case 3:
        scene_post(
            scene, "s", NULL,
            "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"o%u\",\"p%u\":%u}}}",
            name, value % 3, value);
        break;
    default:
        scene_post(
            scene, "s", NULL,
            "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"o%u\",\"type\":\"t\","
            "\"p%u\":%u}}}",
            name, value % 3, value);
    }
}

static void
the_state_is_the_same_after_a_restart_whatever_was_written_behind(void **state)
{
    struct scene *scene = *state;
    uint32_t random = 7;

    scene_create(scene, "s");
    for (int round = 0; round < ROUNDS; round++) {
        struct buf before = BUF_INIT, after = BUF_INIT;

        for (unsigned i = next_random(&random) % 40; i > 0; i--) {
            change(scene, &random);
            scene_pass(scene, (int)(next_random(&random) % 100));
        }
        scene_state(scene, "s", &before);
        scene_restart(scene);
        scene_state(scene, "s", &after);
        assert_string_equal(buf_cstr(&before), buf_cstr(&after));
        buf_fini(&before);
        buf_fini(&after);
    }
}

/* One row is written, another is not yet: what the log says of that one must not be skipped. */
static void
a_row_not_yet_written_is_made_up_for_by_the_log(void **state)
{
    struct scene *scene = *state;
    struct buf before = BUF_INIT, after = BUF_INIT;
    static const char create[] =
        "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"%s\",\"type\":\"t\"}}}";

    scene_create(scene, "s");
    scene_post(scene, "s", NULL, create, "a");
    scene_pass(scene, 900);
    scene_post(scene, "s", NULL, create, "b");
    scene_pass(scene, 200);
    scene_settle(scene); /* a's row is written now, b's is not */
    scene_state(scene, "s", &before);
    scene_restart(scene);
    scene_state(scene, "s", &after);
    assert_string_equal(buf_cstr(&before), buf_cstr(&after));
    buf_fini(&before);
    buf_fini(&after);
}

static void
an_idle_session_is_evicted_and_comes_back(void **state)
{
    struct scene *scene = *state;
    struct buf before = BUF_INIT, after = BUF_INIT;
    struct hub_stats stats;

    scene_create(scene, "s");
    scene_post(
        scene, "s", NULL,
        "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"a\",\"type\":\"t\"}}}");
    scene_state(scene, "s", &before);
    scene_pass(scene, 60001);
    hub_tick(scene->hub); /* its row is written first */
    scene_settle(scene);
    hub_stats(scene->hub, &stats);
    assert_int_equal(stats.sessions, 1);
    scene_pass(scene, 60001);
    hub_tick(scene->hub);
    hub_stats(scene->hub, &stats);
    assert_int_equal(stats.sessions, 0);
    scene_state(scene, "s", &after);
    assert_string_equal(buf_cstr(&before), buf_cstr(&after));
    struct conn *alice = conn_join_quietly(scene, "s");

    scene_pass(scene, 60001);
    hub_tick(scene->hub);
    scene_post(scene, "s", NULL, "{\"type\":\"object_deleted\",\"data\":{\"name\":\"a\"}}");
    conn_expect_seq(alice, "object_deleted", 3); /* not while somebody is in */
    conn_close(scene, alice);
    buf_fini(&before);
    buf_fini(&after);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_state_is_the_same_after_a_restart_whatever_was_written_behind),
        TEST(a_row_not_yet_written_is_made_up_for_by_the_log),
        TEST(an_idle_session_is_evicted_and_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
