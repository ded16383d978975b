/* rest_sessions.c, rest_objects.c, rest_replace.c, rest_world.c, rest_events.c: changes. */
#include "rest_scene.h"

#define OBJECTS "/api/sessions/demo/objects"
#define BOX OBJECTS "/box"

static void
a_session_is_created_by_what_its_body_says(void **state)
{
    (void)state;
    scene->result = "{\"id\":\"demo\"}";
    ask(METHOD_POST, "/api/sessions", "{\"id\":\"demo\",\"world\":{\"size\":9},\"script\":\"s\"}");
    assert_said(0, "{\"type\":\"session_created\",\"data\":{ \"session_id\":\"demo\","
                   "\"world\":{\"size\":9},\"script\":\"s\"}} in= if=--1");
    assert_answer(201, "{\"id\":\"demo\"}");
    assert_header("location: /api/sessions/demo\n");
    ask(METHOD_POST, "/api/sessions", NULL);
    assert_said(0, "{\"type\":\"session_created\",\"data\":{}} in= if=--1");
    ask(METHOD_POST, "/api/sessions", "{\"id\":null}");
    assert_said(0, "{\"type\":\"session_created\",\"data\":{}} in= if=--1");
}

static void
a_session_is_deleted(void **state)
{
    (void)state;
    ask(METHOD_DELETE, "/api/sessions/demo", NULL);
    assert_said(0, "{\"type\":\"session_deleted\",\"data\":{}} in=demo if=--1");
    assert_answer(204, NULL);
}

static void
a_script_is_named_never_carried(void **state)
{
    (void)state;
    scene->result = "{\"id\":\"demo\"}";
    ask(METHOD_POST, "/api/sessions/demo/script", "{\"script\":\"gallery\"}");
    assert_said(0, "run gallery in=demo");
    assert_answer(200, "{\"script\":\"gallery\",\"first_seq\":9,\"last_seq\":9}");
    ask(METHOD_POST, "/api/sessions/demo/script", "{\"script\":\"return 1\"}");
    assert_answer(422, "NAME");
}

static void
an_object_is_created_with_location_and_tag(void **state)
{
    (void)state;
    scene->result = "{\"name\":\"box\",\"version\":9}";
    ask(METHOD_POST, OBJECTS, " {\"name\":\"box\", \"type\":\"cube\"} ");
    assert_said(0, "{\"type\":\"object_created\",\"data\":{\"object\":"
                   "{\"name\":\"box\", \"type\":\"cube\"}}} in=demo if=--1");
    assert_answer(201, "{\"name\":\"box\",\"version\":9}");
    assert_header("location: /api/sessions/demo/objects/box\n");
    assert_header("etag: \"abc-9\"\n");
}

static void
a_refusal_of_the_hub_is_the_answer(void **state)
{
    (void)state;
    scene->refusals[0] = REFUSE_OBJECT_EXISTS;
    scene->refusal_count = 1;
    ask(METHOD_POST, OBJECTS, "{}");
    assert_answer(409, "object_exists as the test says");
}

static void
an_object_is_patched_under_the_name_of_the_path(void **state)
{
    (void)state;
    scene->result = "{\"name\":\"box\"}";
    ask(METHOD_PATCH, BOX, "{\"x\":1,\"name\":\"b\\u006fx\",\"y\":null}");
    assert_said(0, "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"box\",\"x\":1,"
                   "\"y\":null}}} in=demo if=--1");
    assert_answer(200, "box");
    assert_header("etag: \"abc-9\"\n");
    ask(METHOD_PATCH, BOX, "{\"name\":\"ball\"}");
    assert_answer(422, "another object");
    assert_int_equal(scene->said_count, 0);
    ask(METHOD_PATCH, BOX, "{\"name\":5}");
    assert_answer(422, "another object");
}

static void
if_match_becomes_epoch_and_version(void **state)
{
    (void)state;
    ask_with("if-match", "\"ab-c-12\"", METHOD_PATCH, BOX, "{}");
    assert_said(0, "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"box\"}}} in=demo "
                   "if=ab-c-12");
    ask_with("if-match", " \"abc-1\" ", METHOD_DELETE, BOX, NULL);
    assert_said(0, "{\"type\":\"object_deleted\",\"data\":{\"name\":\"box\"}} in=demo if=abc-1");
    assert_answer(204, NULL);
    ask_with("if-match", "*", METHOD_DELETE, BOX, NULL);
    assert_said(0, "{\"type\":\"object_deleted\",\"data\":{\"name\":\"box\"}} in=demo if=--1");
}

static void
a_malformed_if_match_is_400(void **state)
{
    const char *const wrong[] = {"abc-1",
                                 "\"abc\"",
                                 "\"-1\"",
                                 "\"abc-\"",
                                 "\"abc-x\"",
                                 "W/\"abc-1\"",
                                 "\"a\", \"b\"",
                                 "\"\"",
                                 "\"abc-12345678901234567\"",
                                 ""};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ask_with("if-match", wrong[i], METHOD_PATCH, BOX, "{}");
        assert_answer(400, "If-Match");
        assert_int_equal(scene->said_count, 0);
    }
}

static void
put_creates_what_is_absent(void **state)
{
    (void)state;
    scene->result = "{\"name\":\"box\"}";
    ask(METHOD_PUT, BOX, "{\"type\":\"cube\",\"version\":3}");
    assert_said(0, "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"box\","
                   "\"type\":\"cube\"}}} in=demo if=--1");
    assert_answer(201, "box");
    assert_header("location: " BOX "\n");
    ask(METHOD_PUT, BOX, "{\"x\":1}");
    assert_answer(422, "type");
}

static void
put_replaces_what_is_there_on_condition_that_it_is_still_so(void **state)
{
    (void)state;
    scene->result = "{\"name\":\"box\"}";
    add_object("box", "{\"name\":\"box\",\"type\":\"cube\",\"x\":5,\"color\":\"red\"}", 4);
    ask(METHOD_PUT, BOX, "{\"type\":\"ball\",\"y\":2}");
    assert_said(0, "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"box\","
                   "\"type\":\"ball\",\"y\":2,\"x\":0,\"color\":null}}} in=demo if=-4");
    assert_answer(200, "box");
    ask_with("if-match", "\"abc-2\"", METHOD_PUT, BOX, "{\"type\":\"ball\",\"x\":1,\"color\":2}");
    assert_said(0, "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"box\","
                   "\"type\":\"ball\",\"x\":1,\"color\":2}}} in=demo if=abc-2");
}

static void
a_put_that_is_outrun_begins_anew(void **state)
{
    (void)state;
    scene->result = "{\"name\":\"box\"}";
    scene->refusals[0] = REFUSE_VERSION_MISMATCH;
    scene->refusals[1] = REFUSE_UNKNOWN_OBJECT;
    scene->refusals[2] = REFUSE_COUNT;
    scene->refusal_count = 3;
    add_object("box", "{\"name\":\"box\"}", 4);
    ask(METHOD_PUT, BOX, "{\"type\":\"ball\"}");
    assert_int_equal(scene->said_count, 3);
    assert_answer(200, "box");
}

static void
a_put_that_is_always_outrun_gives_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCENE_MAX; i++)
        scene->refusals[i] = REFUSE_OBJECT_EXISTS;
    scene->refusal_count = SCENE_MAX;
    ask(METHOD_PUT, BOX, "{\"type\":\"ball\"}");
    assert_answer(409, "object_exists");
}

static void
a_put_with_if_match_is_not_repeated(void **state)
{
    (void)state;
    scene->refusals[0] = REFUSE_VERSION_MISMATCH;
    scene->refusal_count = 1;
    add_object("box", "{\"name\":\"box\"}", 4);
    ask_with("if-match", "\"abc-3\"", METHOD_PUT, BOX, "{\"type\":\"ball\"}");
    assert_int_equal(scene->said_count, 1);
    assert_answer(412, "version_mismatch");
}

static void
the_conditions_of_a_put_are_met_or_412(void **state)
{
    (void)state;
    ask_with("if-match", "*", METHOD_PUT, BOX, "{\"type\":\"ball\"}");
    assert_answer(412, "no such object");
    add_object("box", "{\"name\":\"box\"}", 4);
    ask_with("if-none-match", "*", METHOD_PUT, BOX, "{\"type\":\"ball\"}");
    assert_answer(412, "{\"object\":{\"name\":\"box\",\"version\":4}}");
    assert_int_equal(scene->said_count, 0);
}

static void
the_world_and_the_camera_are_changed(void **state)
{
    (void)state;
    scene->result = "{\"size\":9}";
    ask(METHOD_PUT, "/api/sessions/demo/world", "{\"size\":9}");
    assert_said(
        0, "{\"type\":\"world_initialized\",\"data\":{\"world\":{\"size\":9}}} in=demo if=--1");
    assert_answer(200, "{\"size\":9}");
    ask_with("if-match", "\"abc-3\"", METHOD_PATCH, "/api/sessions/demo/world", "{\"fog\":1}");
    assert_said(0,
                "{\"type\":\"world_updated\",\"data\":{\"world\":{\"fog\":1}}} in=demo if=abc-3");
    ask(METHOD_PUT, "/api/sessions/demo/camera/position", "{\"position\":[1,2,3]}");
    assert_said(0, "{\"type\":\"camera_moved\",\"data\":{\"position\":[1,2,3]}} in=demo if=--1");
    ask(METHOD_POST, "/api/sessions/demo/camera/orbit", "{\"radius\":3}");
    assert_said(0, "{\"type\":\"camera_orbit_started\",\"data\":{\"radius\":3}} in=demo if=--1");
    ask(METHOD_GET, "/api/sessions/demo/camera/position", NULL);
    assert_answer(404, "never set");
}

static void
any_event_and_an_array_of_them_go_as_they_are(void **state)
{
    (void)state;
    ask(METHOD_POST, "/api/sessions/demo/events", "{\"type\":\"said\",\"data\":{}}");
    assert_said(0, "{\"type\":\"said\",\"data\":{}} in=demo if=--1");
    assert_false(scene->was_array);
    assert_answer(200, "{\"first_seq\":9,\"last_seq\":9,\"count\":1}");
    scene->version = 0;
    ask(METHOD_POST, "/api/sessions/demo/events", "[{\"type\":\"said\"},{\"type\":\"said\"}]");
    assert_said(0, "[{\"type\":\"said\"},{\"type\":\"said\"}] in=demo if=--1");
    assert_true(scene->was_array);
    assert_answer(200, "{\"first_seq\":null,\"last_seq\":null,\"count\":2}");
}

static void
a_refused_array_tells_which_event(void **state)
{
    (void)state;
    scene->refusals[0] = REFUSE_INVALID_EVENT;
    scene->refusal_count = 1;
    ask(METHOD_POST, "/api/sessions/demo/events", "[{},{},{}]");
    assert_answer(422, "{\"index\":2}");
    ask(METHOD_POST, "/api/sessions/demo/events", "{}");
    assert_answer(422, NULL);
    assert_null(strstr(scene->body, "index"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_session_is_created_by_what_its_body_says),
        TEST(a_session_is_deleted),
        TEST(a_script_is_named_never_carried),
        TEST(an_object_is_created_with_location_and_tag),
        TEST(a_refusal_of_the_hub_is_the_answer),
        TEST(an_object_is_patched_under_the_name_of_the_path),
        TEST(if_match_becomes_epoch_and_version),
        TEST(a_malformed_if_match_is_400),
        TEST(put_creates_what_is_absent),
        TEST(put_replaces_what_is_there_on_condition_that_it_is_still_so),
        TEST(a_put_that_is_outrun_begins_anew),
        TEST(a_put_that_is_always_outrun_gives_up),
        TEST(a_put_with_if_match_is_not_repeated),
        TEST(the_conditions_of_a_put_are_met_or_412),
        TEST(the_world_and_the_camera_are_changed),
        TEST(any_event_and_an_array_of_them_go_as_they_are),
        TEST(a_refused_array_tells_which_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
