/* What clients say of themselves: presence at its own pace, client_info. */
#include "conn.h"
#include "message.h"
#include "moving.h"
#include "rest.h"
#include "scene.h"

#include "json/json.h"

#include <stdio.h>
#include <string.h>

#define PRESENCE "{\"type\":\"presence\",\"data\":{\"session_id\":\"s\",\"n\":%d}}"

static void
presence_goes_out_at_most_every_100_ms_and_the_newest_counts(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    for (int n = 1; n <= 5; n++) {
        conn_send(scene, alice, PRESENCE, n);
        scene_round(scene);
    }
    struct span message = conn_expect(bob, "presence_updated");

    assert_int_equal(message_int(message, "data.presence.n"), 1);
    assert_true(message_is(message, "data.client_id", client_id(alice->client)));
    conn_expect_nothing(bob);
    scene_pass(scene, 100);
    scene_round(scene);
    assert_int_equal(message_int(conn_expect(bob, "presence_updated"), "data.presence.n"), 5);
    conn_expect_nothing(bob);
    conn_expect_nothing(alice);
    scene_pass(scene, 100);
    scene_settle(scene);
    conn_expect_nothing(bob);
    conn_send(scene, alice, PRESENCE, 6); /* due when it hangs up */
    conn_send(scene, alice, PRESENCE, 7);
    conn_close(scene, alice);
    scene_pass(scene, 200);
    scene_settle(scene);
    conn_expect(bob, "presence_updated");
    conn_expect_nothing(bob);
    conn_close(scene, bob);
}

static void
each_change_of_presence_waits_for_its_own_time(void **state)
{
    struct scene *scene = *state;
    struct conn *conns[4];

    scene_create_pair(scene);
    for (int i = 0; i < 4; i++)
        conns[i] = conn_join_quietly(scene, "s");
    for (int i = 0; i < 3; i++) {
        conn_send(scene, conns[i], PRESENCE, 1);
        conn_send(scene, conns[i], PRESENCE, 2);
    }
    scene_round(scene);
    for (int i = 0; i < 3; i++)
        conn_expect(conns[3], "presence_updated");
    conn_close(scene, conns[1]); /* between two who wait as well */
    scene_pass(scene, 100);
    scene_round(scene);
    for (int i = 0; i < 2; i++) {
        struct span message = conn_expect(conns[3], "presence_updated");

        assert_int_equal(message_int(message, "data.presence.n"), 2);
    }
    conn_expect_nothing(conns[3]);
    conn_close(scene, conns[0]);
    conn_close(scene, conns[2]);
    conn_close(scene, conns[3]);
}

#define BUSY_SESSIONS 120 /* two in each: 6 ms at 40 a ms */

/* A round of news in every session. */
static void
tell_all(struct scene *scene, struct conn **conns)
{
    for (int i = 0; i < BUSY_SESSIONS; i++)
        conn_send(scene, conns[i], "{\"type\":\"presence\",\"data\":{\"n\":1}}");
    scene_round(scene);
}

static void
news_of_presence_waits_longer_when_many_sessions_have_some(void **state)
{
    struct scene *scene = *state;
    struct conn *first[BUSY_SESSIONS], *second[BUSY_SESSIONS];

    for (int i = 0; i < BUSY_SESSIONS; i++) {
        char id[16];

        snprintf(id, sizeof(id), "s%d", i);
        scene_create(scene, id);
        first[i] = conn_join_quietly(scene, id);
        second[i] = conn_join_quietly(scene, id);
    }
    scene_pass(scene, 1000);
    tell_all(scene, first); /* after quiet: at once */
    conn_expect(second[0], "presence_updated");
    tell_all(scene, second);
    scene_pass(scene, 3); /* and a round is 1: 5 since; of two members alone it would be 2 */
    scene_round(scene);
    conn_expect_nothing(first[0]);
    scene_round(scene);
    conn_expect(first[0], "presence_updated");
    for (int i = 0; i < BUSY_SESSIONS; i++) {
        conn_close(scene, first[i]);
        conn_close(scene, second[i]);
    }
}

static void
the_newest_of_what_a_client_says_of_itself_is_told_at_most_once_in_100_ms(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    for (int n = 1; n <= 5; n++) {
        conn_send(scene, alice, "{\"type\":\"client_info\",\"data\":{\"n\":%d}}", n);
        scene_round(scene);
    }
    assert_int_equal(message_int(conn_expect(bob, "client_info"), "data.info.n"), 1);
    conn_send(scene, alice, PRESENCE, 1);
    conn_expect_nothing(bob);
    scene_pass(scene, 100);
    scene_round(scene);
    assert_int_equal(message_int(conn_expect(bob, "client_info"), "data.info.n"), 5);
    assert_int_equal(message_int(conn_expect(bob, "presence_updated"), "data.presence.n"), 1);
    scene_pass(scene, 200);
    scene_settle(scene);
    conn_expect_nothing(bob);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
what_a_client_says_of_itself_is_told_in_all_its_sessions_and_kept(void **state)
{
    struct scene *scene = *state;

    scene_create_pair(scene);
    scene_create(scene, "t");
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s"),
                *carol = conn_join_quietly(scene, "t");

    conn_send(scene, alice, "{\"type\":\"join\",\"id\":1,\"data\":{\"session_id\":\"t\"}}");
    conn_send(scene, alice, "{\"type\":\"client_info\",\"data\":{ \"user_agent\" : \"x\" }}");
    scene_settle(scene);
    assert_true(message_is(conn_expect(bob, "client_info"), "data.info.user_agent", "x"));
    assert_true(message_is(conn_expect(carol, "client_info"), "data.info.user_agent", "x"));
    assert_true(span_is(client_info(alice->client), "{\"user_agent\":\"x\"}"));
    struct conn *dave = conn_open_path(scene, "s");

    scene_settle(scene);
    struct span clients = message_get(conn_skip_to(dave, "session_snapshot"), "data.clients"),
                entry;
    struct json_iter iter;
    int told = 0;

    for (json_iter_init(&iter, clients); json_next_element(&iter, &entry);)
        told += message_is(entry, "info.user_agent", "x");
    assert_int_equal(told, 1);
    conn_close(scene, alice);
    conn_close(scene, bob);
    conn_close(scene, carol);
    conn_close(scene, dave);
}

static void
what_a_client_says_of_itself_is_bounded(void **state)
{
    struct scene *scene = *state;
    char filler[5001];

    memset(filler, 'x', 5000);
    filler[5000] = '\0';
    scene_create_pair(scene);
    struct conn *alice = conn_join_quietly(scene, "s"), *bob = conn_join_quietly(scene, "s");

    conn_send(scene, alice, "{\"type\":\"client_info\",\"id\":1,\"data\":{\"a\":\"%s\"}}", filler);
    conn_send(scene, alice,
              "{\"type\":\"presence\",\"id\":2,\"data\":{\"session_id\":\"s\",\"a\":\"%s\"}}",
              filler);
    conn_send(scene, alice, "{\"type\":\"presence\",\"id\":3,\"data\":{\"session_id\":\"t\"}}");
    scene_settle(scene);
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "too_large"));
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "too_large"));
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "not_joined"));
    conn_expect_nothing(bob);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(presence_goes_out_at_most_every_100_ms_and_the_newest_counts),
        TEST(each_change_of_presence_waits_for_its_own_time),
        TEST(news_of_presence_waits_longer_when_many_sessions_have_some),
        TEST(the_newest_of_what_a_client_says_of_itself_is_told_at_most_once_in_100_ms),
        TEST(what_a_client_says_of_itself_is_told_in_all_its_sessions_and_kept),
        TEST(what_a_client_says_of_itself_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
