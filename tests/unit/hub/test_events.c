/* Events through the hub: what they do, in which order, who sees them. */
#include "conn.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include <stdio.h>
#include <string.h>

#define LOBBY_SESSIONS 5
#define LOBBY_FILLER 30000

#define CREATE(name)                                                                               \
    "{\"type\":\"object_created\",\"data\":{\"session_id\":\"s\",\"object\":{\"name\":\"" name     \
    "\",\"type\":\"cube\"}}}"

static void
a_durable_event_reaches_everyone_in_the_session_its_sender_too(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    struct conn *alice = conn_join(scene, "s"), *bob = conn_join(scene, "s");

    conn_skip_to(alice, "client_connected");
    conn_send(scene, alice,
              "{\"type\":\"object_created\",\"id\":7,\"data\":{\"session_id\":\"s\","
              "\"object\":{\"name\":\"a\",\"type\":\"cube\",\"x\":1.50}}}");
    scene_settle(scene);
    struct span seen = conn_expect(alice, "object_created");

    assert_int_equal(message_int(seen, "seq"), 2);
    assert_int_equal(message_int(seen, "id"), 7);
    assert_true(message_is(seen, "client_id", client_id(alice->client)));
    assert_true(message_is(seen, "data.object.x", "1.50"));
    assert_int_equal(message_int(seen, "data.object.y"), 0);
    assert_int_equal(message_int(seen, "data.object.scale"), 1);
    seen = conn_expect(bob, "object_created");
    assert_int_equal(message_int(seen, "seq"), 2);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
two_sessions_never_see_each_others_events(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    scene_create(scene, "t");
    struct conn *alice = conn_join(scene, "s"), *bob = conn_join(scene, "t");

    conn_send(scene, alice, CREATE("a"));
    conn_send(scene, bob, CREATE("b"));
    scene_settle(scene);
    conn_expect(alice, "object_created");
    assert_true(message_is(conn_expect(bob, "error"), "data.code", "not_joined"));
    conn_expect_nothing(alice);
    conn_expect_nothing(bob);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
nothing_is_delivered_before_it_is_committed(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    struct conn *alice = conn_join(scene, "s");

    scene->is_store_held = 1;
    conn_send(scene, alice, CREATE("a"));
    conn_send(scene, alice,
              "{\"type\":\"object_created\",\"id\":3,\"data\":{\"session_id\":\"s\","
              "\"object\":{\"name\":\"a\",\"type\":\"cube\"}}}");
    for (int i = 0; i < 50; i++)
        scene_round(scene);
    conn_expect_nothing(alice); /* neither the event nor the 409 that shows it */
    scene->is_store_held = 0;
    scene_settle(scene);
    conn_skip_to(alice, "object_created");
    conn_close(scene, alice);
}

static void
an_array_is_all_or_nothing(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answer = {.is_answered = false};

    scene_create(scene, "s");
    assert_string_equal(
        scene_post(scene, "s", &answer, "[" CREATE("a") "," CREATE("b") "," CREATE("a") "]"),
        "object_exists");
    assert_int_equal(answer.index, 2);
    assert_string_equal(scene_post(scene, "s", &answer, "[" CREATE("a") "," CREATE("b") "]"), "");
    assert_int_equal(answer.first_seq, 2);
    assert_int_equal(answer.last_seq, 3);
    buf_fini(&answer.result);
}

static void
an_update_merges_top_level_properties_and_null_removes(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answer = {.is_answered = false};

    scene_create(scene, "s");
    scene_post(scene, "s", NULL, CREATE("a"));
    assert_string_equal(
        scene_post(scene, "s", &answer,
                   "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"a\",\"x\":null,"
                   "\"color\":\"red\",\"version\":99}}}"),
        "");
    struct span result = buf_span(&answer.result);

    assert_false(message_has(result, "x"));
    assert_true(message_is(result, "color", "red"));
    assert_int_equal(message_int(result, "version"), 3);
    buf_fini(&answer.result);
}

static void
state_survives_a_restart(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answer = {.is_answered = false};

    scene_create(scene, "s");
    scene_post(scene, "s", NULL, CREATE("a"));
    scene_post(scene, "s", NULL, CREATE("b"));
    scene_post(scene, "s", NULL, "{\"type\":\"object_deleted\",\"data\":{\"name\":\"a\"}}");
    scene_restart(scene);
    assert_string_equal(
        scene_post(scene, "s", &answer,
                   "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"a\"}}}"),
        "unknown_object");
    assert_string_equal(
        scene_post(scene, "s", &answer,
                   "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"b\",\"x\":3}}}"),
        "");
    assert_int_equal(answer.version, 5);
    buf_fini(&answer.result);
}

static void
a_deleted_session_is_gone_and_its_id_may_be_used_again(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    struct conn *lobby = conn_open(scene), *alice = conn_join(scene, "s");

    scene_settle(scene);
    conn_expect(lobby, "welcome");
    assert_string_equal(scene_post(scene, "s", NULL, "{\"type\":\"session_deleted\"}"), "");
    conn_skip_to(alice, "session_deleted");
    conn_expect(lobby, "session_deleted");
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("a")), "unknown_session");
    scene_create(scene, "s");
    conn_expect(lobby, "session_created");
    conn_expect(alice, "session_created");
    conn_close(scene, alice);
    conn_close(scene, lobby);
}

/* In one commit, more than a buffer holds. */
static void
who_is_told_of_many_new_sessions_at_once_is_not_slow(void **state)
{
    struct scene *scene = *state;
    struct conn *lobby = conn_greet(scene);
    struct rest_answer answers[LOBBY_SESSIONS] = {{.is_answered = false}};
    char filler[LOBBY_FILLER + 1], id[8];

    memset(filler, 'x', LOBBY_FILLER);
    filler[LOBBY_FILLER] = '\0';
    scene->is_store_held = 1;
    for (int i = 0; i < LOBBY_SESSIONS; i++) {
        snprintf(id, sizeof(id), "s%d", i);
        rest_send(scene, id, &answers[i],
                  "{\"type\":\"session_created\",\"data\":{\"world\":{\"f\":\"%s\"}}}", filler);
        scene_catch_up(scene); /* there is none of that id */
    }
    scene->is_store_held = 0;
    scene_settle(scene);
    assert_int_equal(lobby->close_code, 0);
    for (int i = 0; i < LOBBY_SESSIONS; i++) {
        conn_expect(lobby, "session_created");
        assert_string_equal(rest_await(scene, &answers[i]), "");
        rest_fini(&answers[i]);
    }
    conn_close(scene, lobby);
}

static void
a_volatile_event_is_not_echoed_and_has_no_seq(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "s");
    scene_post(scene, "s", NULL, CREATE("a"));
    struct conn *alice = conn_join(scene, "s"), *bob = conn_join(scene, "s");

    conn_skip_to(alice, "client_connected");
    conn_send(scene, alice,
              "{\"type\":\"object_moved\",\"data\":{\"session_id\":\"s\",\"name\":\"a\",\"x\":1}}");
    scene_settle(scene);
    assert_false(message_has(conn_expect(bob, "object_moved"), "seq"));
    conn_expect_nothing(alice);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_durable_event_reaches_everyone_in_the_session_its_sender_too, scene_setup,
            scene_teardown),
        cmocka_unit_test_setup_teardown(two_sessions_never_see_each_others_events, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_delivered_before_it_is_committed, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(an_array_is_all_or_nothing, scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(an_update_merges_top_level_properties_and_null_removes,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(state_survives_a_restart, scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(a_deleted_session_is_gone_and_its_id_may_be_used_again,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(who_is_told_of_many_new_sessions_at_once_is_not_slow,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(a_volatile_event_is_not_echoed_and_has_no_seq, scene_setup,
                                        scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
