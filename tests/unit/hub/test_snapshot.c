/* What a joiner is given first: the world in pages, which all who join share. */
#include "conn.h"
#include "joining.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include <stdio.h>

static void
a_large_world_comes_in_pages_and_what_happens_meanwhile_follows_once(void **state)
{
    struct scene *scene = *state;
    char text[64];

    scene_create(scene, "s");
    scene_create_objects(scene, "s", 0, 20000);
    struct conn *alice = conn_greet(scene);

    alice->ignores_presence = true;
    alice->block_after_write = true;
    conn_send(scene, alice, JOIN("s"), 1);
    for (int i = 0; i < 60; i++) { /* one write at a time; an event between each two */
        scene_settle(scene);
        conn_unblock(scene, alice);
        snprintf(text, sizeof(text), "n%d", i);
        assert_string_equal(
            scene_post(
                scene, "s", NULL,
                "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"%s\",\"type\":"
                "\"cube\"}}}",
                text),
            "");
    }
    alice->block_after_write = false;
    conn_unblock(scene, alice);
    scene_settle(scene);
    assert_int_equal(conn_expect_snapshot(alice, NULL, 20001), 20000);
    for (int64_t seq = 20002; seq <= 20061; seq++)
        conn_expect_seq(alice, "object_created", seq);
    conn_expect_nothing(alice);
    assert_int_equal(alice->close_code, 0);
    conn_close(scene, alice);
}

/* Only the ring is sure to hold what came after a snapshot: the log may have been pruned. */
static void
pages_are_made_anew_when_the_ring_does_not_reach_back_to_them(void **state)
{
    struct scene *scene = *state;

    scene->options.limits.ring_bytes = 1;
    scene_restart(scene);
    scene_create_history(scene, 11);
    struct conn *alice = conn_greet(scene), *bob = conn_greet(scene);

    conn_send(scene, alice, JOIN("s"), 1);
    scene_settle(scene);
    assert_int_equal(conn_expect_snapshot(alice, NULL, 11), 10);
    scene_create_objects(scene, "s", 100, 300);
    conn_send(scene, bob, JOIN("s"), 1);
    scene_settle(scene);
    assert_int_equal(conn_expect_snapshot(bob, NULL, 311), 310);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
pages_are_shared_until_they_are_too_old(void **state)
{
    struct scene *scene = *state;

    scene_create_history(scene, 11);
    struct conn *alice = conn_greet(scene);

    conn_send(scene, alice, JOIN("s"), 1);
    scene_settle(scene);
    assert_int_equal(conn_expect_snapshot(alice, NULL, 11), 10);
    scene_create_objects(scene, "s", 100, 1000);
    struct conn *bob = conn_greet(scene);

    conn_send(scene, bob, JOIN("s"), 1);
    scene_settle(scene);
    assert_int_equal(conn_expect_snapshot(bob, NULL, 11), 10);
    for (int64_t seq = 12; seq <= 1011; seq++)
        conn_expect_seq(bob, "object_created", seq);
    scene_create_objects(scene, "s", 2000, 1);
    struct conn *carol = conn_greet(scene);

    conn_send(scene, carol, JOIN("s"), 1);
    scene_settle(scene);
    assert_int_equal(conn_expect_snapshot(carol, NULL, 1012), 1011);
    conn_expect_nothing(carol);
    conn_close(scene, alice);
    conn_close(scene, bob);
    conn_close(scene, carol);
}

/* Who joins can tell news from what happened before. */
static void
the_first_page_tells_up_to_where_the_past_follows(void **state)
{
    struct scene *scene = *state;

    scene_create_history(scene, 11);
    struct conn *alice = conn_join(scene, "s"), *bob = conn_greet(scene);

    scene_create_objects(scene, "s", 100, 7);
    conn_send(scene, bob, JOIN("s"), 1);
    scene_settle(scene);
    struct span page = conn_expect(bob, "session_snapshot");

    assert_int_equal(message_int(page, "data.seq"), 11);
    assert_int_equal(message_int(page, "data.to"), 18);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
the_first_page_tells_world_camera_and_who_is_in(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    scene_post(scene, "s", NULL,
               "{\"type\":\"world_initialized\",\"data\":{\"world\":{\"size\":31}}}");
    scene_post(scene, "s", NULL,
               "{\"type\":\"camera_moved\",\"data\":{\"position\":[1,2,3],\"target\":[0,0,0]}}");
    struct conn *alice = conn_join(scene, "s"), *bob = conn_greet(scene);

    conn_send(scene, bob, JOIN("s"), 1);
    scene_settle(scene);
    struct span page = conn_expect(bob, "session_snapshot");

    assert_int_equal(message_int(page, "data.world.size"), 31);
    assert_true(message_is(page, "data.camera.position", "[1,2,3]"));
    assert_int_equal(message_int(page, "data.clients_total"), 2);
    assert_true(message_is(page, "data.last", "true"));
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
the_first_page_is_bounded_however_much_clients_say_of_themselves(void **state)
{
    struct scene *scene = *state;
    struct conn *conns[20];
    char filler[4001];

    memset(filler, 'x', sizeof(filler) - 1);
    filler[sizeof(filler) - 1] = '\0';
    scene_create(scene, "s");
    for (size_t i = 0; i < 20; i++) {
        conns[i] = conn_join_quietly(scene, "s");
        conn_send(scene, conns[i], "{\"type\":\"client_info\",\"data\":{\"a\":\"%s\"}}", filler);
    }
    scene_settle(scene);
    struct conn *last = conn_greet(scene);

    conn_send(scene, last, JOIN("s"), 1);
    scene_settle(scene);
    struct span page = conn_expect(last, "session_snapshot");

    assert_true(page.len + 10 <= 64 * 1024);
    assert_int_equal(message_int(page, "data.clients_total"), 21);
    conn_close(scene, last);
    for (size_t i = 0; i < 20; i++)
        conn_close(scene, conns[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_large_world_comes_in_pages_and_what_happens_meanwhile_follows_once),
        TEST(pages_are_made_anew_when_the_ring_does_not_reach_back_to_them),
        TEST(pages_are_shared_until_they_are_too_old),
        TEST(the_first_page_tells_up_to_where_the_past_follows),
        TEST(the_first_page_tells_world_camera_and_who_is_in),
        TEST(the_first_page_is_bounded_however_much_clients_say_of_themselves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
