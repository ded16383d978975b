/* What a plugin does to one client: a message, a kick, each when what caused it is on disk. */
#include "conn.h"
#include "counter.h"
#include "message.h"
#include "scene.h"

#include "hub/kv.h"

static void
tell(struct conn *conn, const char *text)
{
    struct hub_act act = {.plugin = counter.plugin,
                          .session = hub_session(counter.scene->hub, SPAN("s1")),
                          .client = conn->client,
                          .type = "hint",
                          .data = span_of(text)};

    hub_act(counter.scene->hub, &act);
}

static void
a_message_to_one_waits_for_session_and_store(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s1");
    struct conn *bob = conn_join_quietly(scene, "s1");

    tell(alice, "{\"n\":1}");
    scene_round(scene);
    scene_round(scene);
    struct span hint = conn_expect(alice, "hint");

    assert_int_equal(message_int(hint, "data.n"), 1);
    assert_false(message_has(hint, "seq"));
    counter_put(1);
    hub_kv_settle(scene->hub);
    tell(alice, "{\"n\":2}");
    scene->is_store_held = 1;
    scene_round(scene);
    scene_round(scene);
    conn_expect_nothing(alice);
    scene_fail(scene, STORE_POINT_KV, FAULT_FULL, 1);
    scene->is_store_held = 0;
    scene_settle(scene);
    conn_expect_nothing(alice); /* it was never true */
    counter_put(1);
    hub_kv_settle(scene->hub);
    tell(alice, "{\"n\":3}");
    scene_settle(scene);
    assert_int_equal(message_int(conn_expect(alice, "hint"), "data.n"), 3);
    conn_expect_nothing(bob);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
who_left_meanwhile_is_told_nothing(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s1");

    tell(alice, "{}");
    conn_send(scene, alice, "{\"type\":\"leave\",\"data\":{\"session_id\":\"s1\"}}");
    scene_settle(scene);
    conn_expect_nothing(alice);
    tell(alice, "{}");
    conn_close(scene, alice);
    scene_settle(scene);
}

static void
a_client_can_be_made_to_leave_or_cut(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s1");
    struct hub_act act = {.plugin = counter.plugin,
                          .session = hub_session(scene->hub, SPAN("s1")),
                          .client = alice->client,
                          .type = "error",
                          .data = SPAN("{\"code\":\"kicked\"}"),
                          .is_leaving = true};

    hub_act(scene->hub, &act);
    scene_settle(scene);
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "kicked"));
    assert_int_equal(session_client_count(act.session), 0);
    assert_int_equal(alice->close_code, 0);
    conn_send(scene, alice, "{\"type\":\"join\",\"data\":{\"session_id\":\"s1\"}}");
    scene_settle(scene);
    act.is_leaving = false;
    act.close_code = 4501;
    act.reason = "enough";
    hub_act(scene->hub, &act);
    scene_settle(scene);
    conn_skip_to(alice, "error");
    assert_int_equal(alice->close_code, 4501);
    conn_close(scene, alice);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, counter_setup, counter_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_message_to_one_waits_for_session_and_store),
        TEST(who_left_meanwhile_is_told_nothing),
        TEST(a_client_can_be_made_to_leave_or_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
