/* rest.c, rest_body.c, rest_page.c, rest_health.c, rest_registry.c: routing, bodies, reads. */
#include "rest_scene.h"

#include <stdio.h>

static void
an_unknown_path_is_404(void **state)
{
    (void)state;
    ask(METHOD_GET, "/nowhere", NULL);
    assert_answer(404, "not_found");
    ask(METHOD_GET, "/api/sessions/demo/objects/a/b", NULL);
    assert_answer(404, "not_found");
    ask(METHOD_POST, "/api/sessions/demo/worlds", "{}");
    assert_answer(404, "not_found");
}

static void
a_method_that_a_path_does_not_know_is_405_with_allow(void **state)
{
    (void)state;
    ask(METHOD_DELETE, "/api/sessions/demo/world", NULL);
    assert_answer(405, "method_not_allowed");
    assert_header("allow: GET, HEAD, PUT, PATCH, OPTIONS\n");
    ask(METHOD_GET, "/api/sessions/demo/camera/orbit", NULL);
    assert_answer(405, NULL);
    assert_header("allow: POST, OPTIONS\n");
}

static void
options_answers_what_is_allowed(void **state)
{
    (void)state;
    ask(METHOD_OPTIONS, "/api/sessions", NULL);
    assert_answer(204, "");
    assert_header("allow: GET, HEAD, POST, OPTIONS\n");
}

static void
a_bad_id_in_a_path_is_400(void **state)
{
    (void)state;
    ask(METHOD_GET, "/api/sessions/a.b", NULL);
    assert_answer(400, "invalid_request");
    ask(METHOD_GET, "/api/sessions/demo/objects/a b", NULL);
    assert_answer(400, "invalid_request");
}

static void
a_session_that_is_not_there_is_404(void **state)
{
    (void)state;
    ask(METHOD_GET, "/api/sessions/other/world", NULL);
    assert_answer(404, "unknown_session");
    ask(METHOD_GET, "/api/sessions/other/events", NULL);
    assert_answer(404, "unknown_session");
    ask(METHOD_PUT, "/api/sessions/other/objects/box", "{\"type\":\"cube\"}");
    assert_answer(404, "unknown_session");
}

static void
one_thing_is_shown_bare_with_its_tag_for_get_and_head(void **state)
{
    (void)state;
    add_object("box", "{\"name\":\"box\"}", 4);
    ask(METHOD_GET, "/api/sessions/demo/objects/box", NULL);
    assert_answer(200, "{\"name\":\"box\",\"version\":4}");
    assert_header("etag: \"abc-4\"\n");
    ask(METHOD_HEAD, "/api/sessions/demo/world", NULL);
    assert_answer(200, "{\"size\":25}");
    assert_header("etag: \"abc-3\"\n");
    ask(METHOD_GET, "/api/sessions/demo", NULL);
    assert_answer(200, "{\"id\":\"demo\"}");
    ask(METHOD_GET, "/api/sessions/demo/objects/ball", NULL);
    assert_answer(404, "unknown_object");
}

static void
a_tag_that_is_still_true_is_304(void **state)
{
    (void)state;
    add_object("box", "{\"name\":\"box\"}", 4);
    ask_with("if-none-match", "W/\"x-1\", \"abc-4\"", METHOD_GET, "/api/sessions/demo/objects/box",
             NULL);
    assert_answer(304, "");
    assert_string_equal(scene->body, "");
    assert_header("etag: \"abc-4\"\n");
    ask_with("if-none-match", "\"abc-5\"", METHOD_GET, "/api/sessions/demo/objects/box", NULL);
    assert_answer(200, "box");
    ask_with("if-none-match", "*", METHOD_GET, "/api/sessions/demo/world", NULL);
    assert_answer(304, NULL);
}

static void
a_read_that_was_not_kept_is_made_again(void **state)
{
    (void)state;
    scene->lost_holds = 2;
    ask(METHOD_GET, "/api/sessions/demo/world", NULL);
    assert_answer(200, NULL);
    assert_string_equal(scene->body, "{\"size\":25}");
    scene->lost_holds = 100;
    ask(METHOD_GET, "/api/sessions/demo/objects/ball", NULL);
    assert_answer(503, "storage_unavailable");
}

static void
a_list_goes_by_pages(void **state)
{
    (void)state;
    add_object("a", "{\"name\":\"a\"}", 1);
    add_object("b", "{\"name\":\"b\"}", 2);
    add_object("c", "{\"name\":\"c\"}", 3);
    ask(METHOD_GET, "/api/sessions/demo/objects?limit=2", NULL);
    assert_answer(200, "{\"items\":[{\"name\":\"a\",\"version\":1},{\"name\":\"b\",\"version\":2}],"
                       "\"next\":\"b\"}");
    ask(METHOD_GET, "/api/sessions/demo/objects?limit=2&cursor=b", NULL);
    assert_answer(200, "{\"items\":[{\"name\":\"c\",\"version\":3}],\"next\":null}");
    ask(METHOD_GET, "/api/sessions/demo/objects?limit=3", NULL);
    assert_answer(200, "\"next\":null}");
    ask(METHOD_GET, "/api/sessions/demo/objects?cursor=z", NULL);
    assert_answer(200, "{\"items\":[],\"next\":null}");
}

static void
sessions_clients_and_history_are_lists_too(void **state)
{
    (void)state;
    ask(METHOD_GET, "/api/sessions?limit=2&cursor=Z", NULL);
    assert_said(0, "list after=Z 2");
    assert_answer(
        200, "{\"items\":[{\"session_id\":\"a\",\"script\":\"gallery\",\"created_ms\":5,\"seq\":3},"
             "{\"session_id\":\"b\",\"script\":null,\"created_ms\":6,\"seq\":1}],\"next\":\"b\"}");
    ask(METHOD_GET, "/api/sessions", NULL);
    assert_said(0, "list after= 100");
    assert_answer(200, "\"next\":null}");
    ask(METHOD_GET, "/api/sessions/demo/clients", NULL);
    assert_answer(200, "{\"items\":[{\"client_id\":\"client-1\"}],\"next\":null}");
    ask(METHOD_GET, "/api/sessions/demo/events?since=5&limit=2", NULL);
    assert_said(0, "history 5 2");
    assert_answer(200, "{\"items\":[{\"seq\":6},{\"seq\":7}],\"next\":7}");
    ask(METHOD_GET, "/api/sessions/demo/events", NULL);
    assert_said(0, "history 0 100");
    assert_answer(200, "\"next\":null}");
}

static void
a_bad_number_in_a_query_is_400(void **state)
{
    const char *const wrong[] = {"objects?limit=0",  "objects?limit=1001", "objects?limit=ten",
                                 "objects?limit=",   "events?since=-1",    "events?since=1e3",
                                 "clients?limit=+5", "objects?cursor=a.b"};
    char target[128];

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        snprintf(target, sizeof(target), "/api/sessions/demo/%s", wrong[i]);
        ask(METHOD_GET, target, NULL);
        assert_answer(400, "invalid_request");
    }
}

static void
a_body_that_is_not_json_says_where(void **state)
{
    (void)state;
    ask(METHOD_POST, "/api/sessions/demo/objects", "{\"name\": box}");
    assert_answer(400, "malformed");
    assert_answer(400, "{\"offset\":9}");
    assert_said(0, "nonsense");
    ask(METHOD_POST, "/api/sessions/demo/objects", "[1]");
    assert_answer(400, "must be a JSON object");
    ask(METHOD_POST, "/api/sessions/demo/objects", "");
    assert_answer(400, "malformed");
    ask(METHOD_POST, "/api/sessions/demo/events", "5");
    assert_answer(400, "an event or an array");
    ask(METHOD_POST, "/api/sessions/demo/events", "[ ]");
    assert_answer(400, "the array holds no event");
}

static void
nonsense_meets_the_limits_too(void **state)
{
    (void)state;
    scene->refusals[0] = REFUSE_RATE_LIMITED;
    scene->refusal_count = 1;
    ask(METHOD_POST, "/api/sessions/demo/objects", "{\"name\": box}");
    assert_answer(429, "rate_limited");
}

static void
only_json_is_taken(void **state)
{
    const char *target = "/api/sessions/demo/world";

    (void)state;
    ask_with("content-type", "text/plain", METHOD_PATCH, target, "{}");
    assert_answer(415, "unsupported");
    ask_with("content-type", "application/jsonx", METHOD_PATCH, target, "{}");
    assert_answer(415, "unsupported");
    ask_with("content-type", "Application/JSON; charset=utf-8", METHOD_PATCH, target, "{}");
    assert_answer(204, NULL);
    ask_with("content-type", "application/merge-patch+json", METHOD_PATCH, target, "{}");
    assert_answer(204, NULL);
}

static void
health_readiness_registries_and_front_page_answer(void **state)
{
    struct event_type said = {.name = "said",
                              .lane = LANE_DURABLE,
                              .is_sendable = true,
                              .doc = (char *)"words",
                              .schema = (char *)"{\"type\":\"object\"}",
                              .owner = (char *)"chat"};
    struct event_type moved = {.name = "moved", .lane = LANE_VOLATILE};

    (void)state;
    table_put(&scene->types.by_name, span_of(said.name), &said);
    table_put(&scene->types.by_name, span_of(moved.name), &moved);
    ask(METHOD_GET, "/api/event-types", NULL);
    assert_answer(200, "{\"items\":[{\"name\":\"moved\",\"lane\":\"volatile\",\"sendable\":false,"
                       "\"owner\":\"\",\"doc\":\"\",\"schema\":null},"
                       "{\"name\":\"said\",\"lane\":\"durable\",\"sendable\":true,"
                       "\"owner\":\"chat\",\"doc\":\"words\",\"schema\":{\"type\":\"object\"}}],"
                       "\"next\":null}");
    ask(METHOD_GET, "/api/plugins", NULL);
    assert_answer(200, "{\"items\":[{\"name\":\"word\"}],\"next\":null}");
    ask(METHOD_GET, "/api/scripts", NULL);
    assert_answer(200, "word");
    ask(METHOD_GET, "/healthz", NULL);
    assert_answer(200, "{\"status\":\"ok\"}");
    ask(METHOD_GET, "/readyz", NULL);
    assert_answer(200, "storage");
    scene->lost_holds = 1;
    ask(METHOD_GET, "/readyz", NULL);
    assert_answer(503, "storage");
    ask(METHOD_GET, "/", NULL);
    assert_answer(200, "/api/sessions");
    assert_header("content-type: text/plain");
}

/* --- routes of plugins --- */

static void
find_route(void *ctx, enum method method, struct span path, struct web_match *match)
{
    (void)ctx;
    if (span_is(path, "/api/x/p")) {
        match->allowed = 1u << METHOD_GET | 1u << METHOD_POST;
        match->route = match->allowed & 1u << method ? "p" : NULL;
    }
}

/* Tells of the session. */
static bool
call_route(void *ctx, const struct web_match *match, const struct web_request *request,
           struct web_answer *answer, struct refusal *refusal)
{
    static struct session *sessions[1];
    static const struct basis basis = {.sessions = sessions, .count = 1};

    (void)ctx;
    (void)match;
    (void)refusal;
    sessions[0] = &scene->session;
    answer->basis = &basis;
    buf_append_str(&answer->headers, "x-a: b\r\n");
    buf_appendf(&answer->body, "\"%s\"", method_text(request->method));
    answer->status = 201;
    return true;
}

static void
use_routes(void)
{
    scene->web.find_route = find_route;
    scene->web.call_route = call_route;
}

static void
a_plugins_route_answers_once_what_it_told_of_is_kept(void **state)
{
    (void)state;
    ask(METHOD_GET, "/api/x/p", NULL);
    assert_answer(404, "not_found");
    use_routes();
    ask(METHOD_HEAD, "/api/x/p", NULL);
    assert_answer(201, "HEAD");
    assert_header("x-a: b");
    scene->lost_holds = 1;
    ask(METHOD_GET, "/api/x/p", NULL);
    assert_answer(503, "storage_unavailable");
    ask(METHOD_PUT, "/api/x/p", "");
    assert_answer(405, "PUT");
    ask(METHOD_GET, "/api/x/q", NULL);
    assert_answer(404, "not_found");
    assert_int_equal(scene->said_count, 0);
}

static void
a_plugins_route_that_changes_things_is_charged(void **state)
{
    (void)state;
    use_routes();
    ask(METHOD_POST, "/api/x/p", "body");
    assert_answer(201, "POST");
    assert_said(0, "charge route 4");
    scene->refusals[scene->refusal_count++] = REFUSE_RATE_LIMITED;
    ask(METHOD_POST, "/api/x/p", "body");
    assert_answer(429, "rate_limited");
}

static void
only_health_is_for_who_is_not_admitted(void **state)
{
    (void)state;
    use_routes();
    scene->is_shut = true;
    ask(METHOD_GET, "/healthz", NULL);
    assert_answer(200, "");
    ask(METHOD_GET, "/", NULL);
    assert_answer(200, "");
    ask(METHOD_GET, "/api/sessions/demo", NULL);
    assert_answer(401, "unauthenticated");
    ask(METHOD_GET, "/api/x/p", NULL);
    assert_answer(401, "unauthenticated");
    ask(METHOD_GET, "/nowhere", NULL);
    assert_answer(401, "unauthenticated");
    ask(METHOD_POST, "/healthz", "");
    assert_answer(401, "unauthenticated");
}

static void
a_request_counts_for_the_watchdog(void **state)
{
    (void)state;
    assert_int_equal(scene->watch.cause_ns[WATCH_REQUEST], 0);
    ask(METHOD_GET, "/api/sessions/demo", NULL);
    assert_true(scene->watch.cause_ns[WATCH_REQUEST] > 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_unknown_path_is_404),
        TEST(a_method_that_a_path_does_not_know_is_405_with_allow),
        TEST(options_answers_what_is_allowed),
        TEST(a_bad_id_in_a_path_is_400),
        TEST(a_session_that_is_not_there_is_404),
        TEST(one_thing_is_shown_bare_with_its_tag_for_get_and_head),
        TEST(a_tag_that_is_still_true_is_304),
        TEST(a_read_that_was_not_kept_is_made_again),
        TEST(a_list_goes_by_pages),
        TEST(sessions_clients_and_history_are_lists_too),
        TEST(a_bad_number_in_a_query_is_400),
        TEST(a_body_that_is_not_json_says_where),
        TEST(nonsense_meets_the_limits_too),
        TEST(only_json_is_taken),
        TEST(a_plugins_route_answers_once_what_it_told_of_is_kept),
        TEST(a_plugins_route_that_changes_things_is_charged),
        TEST(only_health_is_for_who_is_not_admitted),
        TEST(a_request_counts_for_the_watchdog),
        TEST(health_readiness_registries_and_front_page_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
