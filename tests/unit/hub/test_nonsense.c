/* What is no message, no event or no array of them is answered, and changes nothing. */
#include "conn.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include "err.h"

#define CREATE(name)                                                                               \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"" name "\",\"type\":\"cube\"}}" \
    "}"
#define WS_CREATE(name)                                                                            \
    "{\"type\":\"object_created\",\"id\":%d,\"data\":{\"session_id\":\"s\",\"object\":{\"name\":"  \
    "\"" name "\",\"type\":\"cube\"}}}"

static int
setup(void **state)
{
    int status = scene_setup(state);

    scene_create(*state, "s");
    return status;
}

/* --- nonsense --- */

static const struct {
    const char *text;
    const char *code;
} nonsense[] = {
    {"", "malformed"},
    {"{", "malformed"},
    {"{\"type\":\"join\",\"type\":\"join\"}", "malformed"},
    {"\"text\"", "invalid_message"},
    {"[]", "invalid_message"},
    {"[{\"type\":\"join\"}]", "invalid_message"},
    {"{}", "invalid_message"},
    {"{\"type\":7}", "invalid_message"},
    {"{\"type\":null}", "invalid_message"},
    {"{\"type\":\"leave\",\"id\":0}", "invalid_message"},
    {"{\"type\":\"leave\",\"id\":-1}", "invalid_message"},
    {"{\"type\":\"leave\",\"id\":1.5}", "invalid_message"},
    {"{\"type\":\"leave\",\"id\":\"1\"}", "invalid_message"},
    {"{\"type\":\"leave\",\"id\":9007199254740992}", "invalid_message"},
    {"{\"type\":\"leave\",\"time_ms\":-1}", "invalid_message"},
    {"{\"type\":\"leave\",\"time_ms\":\"now\"}", "invalid_message"},
    {"{\"type\":\"leave\",\"data\":[]}", "invalid_event"},
    {"{\"type\":\"leave\",\"data\":null}", "invalid_event"},
    {"{\"type\":\"\"}", "unknown_type"},
    {"{\"type\":\"no_such\"}", "unknown_type"},
    {"{\"type\":\"client_connected\"}", "unknown_type"},
    {"{\"type\":\"error\"}", "unknown_type"},
    {"{\"type\":\"session_snapshot\"}", "unknown_type"},
    {"{\"type\":\"world_updated\"}", "invalid_event"},
    {"{\"type\":\"world_updated\",\"data\":{\"session_id\":7}}", "invalid_event"},
    {"{\"type\":\"world_updated\",\"data\":{\"session_id\":\"a b\"}}", "invalid_event"},
    {"{\"type\":\"world_updated\",\"data\":{\"session_id\":\"\"}}", "invalid_event"},
    {"{\"type\":\"world_updated\",\"data\":{\"session_id\":\"nowhere\"}}", "unknown_session"},
    {"{\"type\":\"world_updated\",\"data\":{\"session_id\":\"s\"}}", "invalid_event"},
    {"{\"type\":\"world_updated\",\"data\":{\"session_id\":\"s\",\"world\":[]}}", "invalid_event"},
    {"{\"type\":\"object_created\",\"data\":{\"session_id\":\"s\"}}", "invalid_event"},
    {"{\"type\":\"object_created\",\"data\":{\"session_id\":\"s\",\"object\":{}}}",
     "invalid_event"},
    {"{\"type\":\"object_created\",\"data\":{\"session_id\":\"s\",\"object\":{\"name\":\"a\"}}}",
     "invalid_event"},
    {"{\"type\":\"object_created\",\"data\":{\"session_id\":\"s\",\"object\":{\"name\":\"a "
     "b\",\"type\":"
     "\"t\"}}}",
     "invalid_event"},
    {"{\"type\":\"object_created\",\"data\":{\"session_id\":\"s\",\"object\":{\"name\":\"a\","
     "\"type\":7}}}",
     "invalid_event"},
    {"{\"type\":\"object_updated\",\"data\":{\"session_id\":\"s\",\"object\":{\"name\":\"a\"}}}",
     "unknown_object"},
    {"{\"type\":\"object_deleted\",\"data\":{\"session_id\":\"s\",\"name\":\"a\"}}",
     "unknown_object"},
    {"{\"type\":\"object_deleted\",\"data\":{\"session_id\":\"s\"}}", "invalid_event"},
    {"{\"type\":\"object_moved\",\"data\":{\"session_id\":\"s\",\"name\":\"a\"}}",
     "unknown_object"},
    {"{\"type\":\"camera_moved\",\"data\":{\"session_id\":\"s\"}}", "invalid_event"},
    {"{\"type\":\"camera_orbit_started\",\"data\":{\"session_id\":\"s\"}}", "invalid_event"},
    {"{\"type\":\"session_created\",\"data\":{\"session_id\":\"s\"}}", "session_exists"},
    {"{\"type\":\"session_created\",\"data\":{\"session_id\":\"n\",\"world\":7}}", "invalid_event"},
    {"{\"type\":\"session_created\",\"data\":{\"session_id\":\"n\",\"script\":\"x\"}}",
     "unknown_script"},
};

static void
each_kind_of_nonsense_has_its_answer_and_changes_nothing(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s");
    struct buf before = BUF_INIT, after = BUF_INIT;

    scene_state(scene, "s", &before);
    for (size_t i = 0; i < sizeof(nonsense) / sizeof(*nonsense); i++) {
        scene_pass(scene, 1000);
        conn_send(scene, alice, "%s", nonsense[i].text);
        scene_settle(scene);
        struct span error = conn_expect(alice, "error");

        if (!message_is(error, "data.code", nonsense[i].code))
            fail_msg("%s: %.*s", nonsense[i].text, (int)error.len, error.at);
        conn_expect_nothing(alice);
    }
    scene_state(scene, "s", &after);
    assert_string_equal(buf_cstr(&before), buf_cstr(&after));
    conn_close(scene, alice);
    buf_fini(&before);
    buf_fini(&after);
}

static void
nonsense_is_answered_at_a_bounded_rate(void **state)
{
    struct scene *scene = *state;
    static const char *const texts[] = {"{", "{\"type\":\"no_such\"}", "{}"};

    for (size_t i = 0; i < 3; i++) {
        struct conn *alice = conn_greet(scene);
        int answered = 0;

        for (int n = 0; n < 200; n++)
            conn_send(scene, alice, "%s", texts[i]);
        scene_settle(scene);
        while (conn_next(alice).at)
            answered++;
        assert_int_equal(answered, 20);
        scene_pass(scene, 1000);
        conn_send(scene, alice, "%s", texts[i]);
        scene_settle(scene);
        conn_expect(alice, "error");
        assert_int_equal(alice->close_code, 0);
        conn_close(scene, alice);
    }
}

/* An id asks for an answer, but not without end. */
static void
nonsense_with_ids_is_answered_at_a_higher_rate(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_greet(scene);
    int answered = 0;

    for (int n = 1; n <= 1000; n++) {
        conn_send(scene, alice, "{\"type\":\"no_such\",\"id\":%d}", n);
        hub_round_end(scene->hub); /* the clock stands still */
    }
    while (conn_next(alice).at)
        answered++;
    assert_int_equal(answered, 500);
    scene_pass(scene, 1000);
    conn_send(scene, alice, "{\"type\":\"no_such\",\"id\":1001}");
    scene_settle(scene);
    assert_int_equal(message_int(conn_expect(alice, "error"), "data.id"), 1001);
    conn_close(scene, alice);
}

static void
ids_must_grow(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s");

    conn_send(scene, alice, WS_CREATE("a"), 5);
    conn_send(scene, alice, WS_CREATE("b"), 5);
    conn_send(scene, alice, WS_CREATE("c"), 4);
    conn_send(scene, alice, WS_CREATE("d"), 6);
    scene_settle(scene);
    for (int64_t id = 5; id >= 4; id--) {
        struct span error = conn_expect(alice, "error");

        assert_int_equal(message_int(error, "data.id"), id);
        assert_true(message_is(error, "data.code", "invalid_message"));
    }
    assert_int_equal(message_int(conn_expect(alice, "object_created"), "id"), 5);
    assert_int_equal(message_int(conn_expect(alice, "object_created"), "id"), 6);
    conn_expect_nothing(alice);
    conn_close(scene, alice);
}

/* --- REST's own --- */

static void
the_path_names_the_session_and_data_must_not_contradict(void **state)
{
    struct scene *scene = *state;

    assert_string_equal(
        scene_post(scene, "s", NULL,
                   "{\"type\":\"world_updated\",\"data\":{\"session_id\":\"t\",\"world\":{}}}"),
        "invalid_event");
    assert_string_equal(
        scene_post(scene, "s", NULL,
                   "{\"type\":\"world_updated\",\"data\":{\"session_id\":\"s\",\"world\":{}}}"),
        "");
    assert_string_equal(
        scene_post(scene, "s", NULL,
                   "{\"type\":\"world_updated\",\"data\":{\"session_id\":null,\"world\":{}}}"),
        "");
    assert_string_equal(scene_post(scene, "no/where", NULL, CREATE("a")), "invalid_event");
}

static void
a_session_without_an_id_is_given_one(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answer = {.is_answered = false};

    for (int i = 0; i < 2; i++) {
        assert_string_equal(scene_post(scene, NULL, &answer,
                                       "{\"type\":\"session_created\",\"data\":{%s}}",
                                       i ? "\"session_id\":null" : ""),
                            "");
        assert_memory_equal(answer.session_id, "session-", 8);
        assert_int_equal(strlen(answer.session_id), 16);
        assert_true(message_is(buf_span(&answer.result), "session_id", answer.session_id));
    }
    rest_fini(&answer);
}

static void
an_array_is_bounded_and_of_one_kind(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answer = {.is_answered = false};
    struct buf array = BUF_INIT;

    for (int i = 0; i < 1001; i++)
        buf_append_str(&array, i ? ",1" : "[1");
    buf_append_char(&array, ']');
    assert_string_equal(scene_post(scene, "s", &answer, "%s", buf_cstr(&array)), "too_large");
    assert_string_equal(scene_post(scene, "s", &answer, "[]"), "invalid_message");
    assert_string_equal(scene_post(scene, "s", &answer, "[" CREATE("a") ",7]"), "invalid_message");
    assert_int_equal(answer.index, 1);
    assert_string_equal(scene_post(scene, "s", &answer, "[" CREATE("a") ",{\"type\":\"no_such\"}]"),
                        "unknown_type");
    assert_int_equal(answer.index, 1);
    assert_string_equal(
        scene_post(scene, "s", &answer, "[" CREATE("a") ",{\"type\":\"session_deleted\"}]"),
        "invalid_event");
    assert_string_equal(scene_post(scene, "s", &answer, CREATE("a")), "");
    assert_int_equal(answer.version, 2);
    buf_fini(&array);
    rest_fini(&answer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_kind_of_nonsense_has_its_answer_and_changes_nothing),
        TEST(nonsense_is_answered_at_a_bounded_rate),
        TEST(nonsense_with_ids_is_answered_at_a_higher_rate),
        TEST(ids_must_grow),
        TEST(the_path_names_the_session_and_data_must_not_contradict),
        TEST(a_session_without_an_id_is_given_one),
        TEST(an_array_is_bounded_and_of_one_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
