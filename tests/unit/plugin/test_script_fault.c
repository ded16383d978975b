/* World scripts that fail, or whose events are refused: nothing is left of them. */
#include "hub/rest.h"
#include "plugin/stage.h"

#include "heap.h"

#include <string.h>

static void
a_refused_event_refuses_all(void **state)
{
    struct stage *stage = *state;
    struct rest_answer answer = {0};
    struct ran ran;

    stage_write(stage, "object{ name = 'a', type = 'cube' } object{ name = 'b' }");
    scene_create(stage->scene, "demo");
    assert_string_not_equal(stage_run(stage, &ran), "");
    assert_string_equal(scene_post(stage->scene, "demo", &answer,
                                   "{\"type\":\"object_deleted\",\"data\":{\"name\":\"a\"}}"),
                        "unknown_object");
    buf_fini(&answer.result);
}

static const char *
create_with_script(struct stage *stage)
{
    static struct rest_answer answer;
    const char *code = scene_post(stage->scene, NULL, &answer,
                                  "{\"type\":\"session_created\",\"data\":{\"session_id\":"
                                  "\"demo\",\"script\":\"world\"}}");

    buf_fini(&answer.result);
    return code;
}

static void
assert_no_session(struct stage *stage)
{
    struct buf text = BUF_INIT;

    scene_state(stage->scene, "demo", &text);
    assert_string_equal(buf_cstr(&text), "unknown_session");
    buf_fini(&text);
}

static void
a_session_whose_script_is_refused_is_not_made(void **state)
{
    struct stage *stage = *state;

    stage_write(stage, "object{ name = 'a', type = 'cube' } object{ name = 'b' }");
    assert_string_equal(create_with_script(stage), "invalid_event");
    assert_no_session(stage);
    stage_write(stage, "error('boom')");
    assert_string_equal(create_with_script(stage), "script_failed");
    assert_no_session(stage);
    stage_write(stage, "object{ name = 'a', type = 'cube' }");
    assert_string_equal(create_with_script(stage), "");
}

static void
refuse_creations(struct stage *stage, int count)
{
    for (int i = 0; i < count; i++) {
        assert_string_equal(
            scene_post(stage->scene, NULL, NULL,
                       "{\"type\":\"session_created\",\"data\":{\"session_id\":\"demo\","
                       "\"script\":\"world\",\"world\":{\"pad\":\"%0*d\"}}}",
                       10000, i),
            "script_failed");
    }
}

static void
sessions_that_are_not_made_leave_no_memory_behind(void **state)
{
    struct stage *stage = *state;
    size_t before;

    stage_write(stage, "error('boom')");
    refuse_creations(stage, 20);
    before = heap_bytes();
    refuse_creations(stage, 50);
    assert_in_range(heap_bytes(), 0, before + 100000);
}

static void
faults_in_the_file_are_a_refusal(void **state)
{
    static const char *const texts[] = {
        "error('boom')",
        "while true do end",
        "syntax error",
        "object{ type = 'cube' }",
        "object{ name = 'not valid!', type = 'cube' }",
        "object{ name = 'a' } object{ name = 'a' }",
        "world{} world{}",
        "world{ 1, 2 }",
        "world(7)",
        "world{ x = print }",
        "object{ name = 'a', text = ('x'):rep(100000) }",
        "every(-1, print)",
        "every(1)",
        "every('x', print)",
        "after(0/0, print)",
        "for i = 1, 100 do every(1, print) end",
        "session.emit()",
        "session.emit('not valid!')",
        "session.emit('x', { 1 })",
        "session.move()",
        "session.move('a')",
        "session.nothing()",
        "random(0)",
        "random(2, 1)",
        "os.exit()",
        "local t = {} for i = 1, 1e9 do t[i] = {} end",
        "for i = 1, 1e6 do object{ name = 'n' .. i, type = ('x'):rep(1000) } end",
    };
    struct stage *stage = *state;
    struct ran ran;

    scene_create(stage->scene, "demo");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        stage_write(stage, texts[i]);
        if (strcmp(stage_run(stage, &ran), "script_failed") != 0)
            fail_msg("%s: %s", texts[i], ran.code);
    }
}

static void
an_unknown_script_is_refused(void **state)
{
    struct stage *stage = *state;
    struct ran ran;

    scene_create(stage->scene, "demo");
    assert_string_equal(stage_run(stage, &ran), "unknown_script");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_refused_event_refuses_all),
        TEST(a_session_whose_script_is_refused_is_not_made),
        TEST(sessions_that_are_not_made_leave_no_memory_behind),
        TEST(faults_in_the_file_are_a_refusal),
        TEST(an_unknown_script_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
