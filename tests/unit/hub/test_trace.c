/*
 * The trace switch: the way of a durable event, stage by stage, as the log has it. The clock is the
 * scene's, so each stage takes as long as the test lets it.
 */
#include "conn.h"
#include "failing.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include "logged.h"

#include <stdlib.h>
#include <string.h>

static struct logged logged;

static int
setup(void **state)
{
    struct scene *scene = scene_make();

    *state = scene;
    scene->options.trace_every = 1;
    scene_start(scene);
    scene_create(scene, "s");
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("a")), "");
    return logged_divert(&logged) ? 0 : -1;
}

static int
teardown(void **state)
{
    logged_restore(&logged);
    return scene_teardown(state);
}

/* The line of that event of s, which is logged once, cut out of the log; NULL if it is not there.
 */
static char *
line_of(char *log, int64_t seq)
{
    char wanted[48];
    char *found, *end;

    snprintf(wanted, sizeof(wanted), " session=s seq=%d ", (int)seq);
    found = strstr(log, wanted);
    if (!found)
        return NULL;
    end = strchr(found, '\n');
    assert_non_null(end);
    assert_null(strstr(end, wanted));
    *end = '\0';
    while (found > log && found[-1] != '\n' && found[-1] != '\0')
        found--;
    return found;
}

/* In ms; -1: that stage was not reached. */
static int
stage(const char *line, const char *name)
{
    const char *found = strstr(line, name);

    return found ? atoi(found + strlen(name)) / 1000 : -1;
}

static int
sum(const char *line)
{
    return stage(line, " wait_us=") + stage(line, " hooks_us=") + stage(line, " queue_us=") +
           stage(line, " commit_us=") + stage(line, " flush_us=");
}

static void
an_event_that_waits_for_its_session_has_waited(void **state)
{
    struct scene *scene = *state;
    struct rest_answer waiting = {.is_answered = false}, other = {.is_answered = false};
    const char *line;

    scene_create(scene, "t");
    scene_restart(scene);
    assert_string_equal(scene_post(scene, "t", NULL, CREATE("b")), "");
    logged_take(&logged);
    scene->is_reader_held = 1;
    rest_send(scene, "s", &waiting, UPDATE, 1);
    scene_pass(scene, 300);
    rest_send(scene, "t", &other, CREATE("c"));
    scene->is_reader_held = 0;
    assert_string_equal(rest_await(scene, &waiting), "");
    line = line_of(logged_take(&logged), waiting.first_seq);
    assert_non_null(line);
    assert_in_range(stage(line, " wait_us="), 300, 400);
    assert_int_equal(stage(line, " hooks_us="), 0);
    assert_int_equal(sum(line), stage(line, " total_us="));
    assert_string_equal(rest_await(scene, &other), "");
    rest_fini(&waiting);
    rest_fini(&other);
}

static void
the_commit_is_what_takes_long_on_a_slow_disk(void **state)
{
    struct scene *scene = *state;
    struct rest_answer answer = {.is_answered = false};
    const char *line;

    scene->is_store_held = 1;
    rest_send(scene, "s", &answer, UPDATE, 1);
    scene_pass(scene, 20);
    scene_turn(scene); /* handed over */
    scene_pass(scene, 50);
    scene->is_store_held = 0;
    assert_string_equal(rest_await(scene, &answer), "");
    line = line_of(logged_take(&logged), 3);
    assert_non_null(line);
    assert_non_null(strstr(line, "msg=event session=s seq=3 type=object_updated "));
    assert_int_equal(stage(line, " wait_us="), 0);
    assert_in_range(stage(line, " queue_us="), 20, 25);
    assert_in_range(stage(line, " commit_us="), 50, 60);
    assert_int_equal(sum(line), stage(line, " total_us="));
    rest_fini(&answer);
}

/* A round in which there is time for one session: t is first. */
static void
what_waits_for_its_flush_is_not_said_to_be_flushed(void **state)
{
    struct scene *scene = *state;
    const char *line;

    scene_create(scene, "t");
    assert_string_equal(scene_post(scene, "t", NULL, CREATE("a")), "");
    struct conn *tom = conn_join_quietly(scene, "t"), *alice = conn_join_quietly(scene, "s");

    conn_send(scene, tom, WS_UPDATE, 1, "t", 1);
    conn_send(scene, alice, WS_UPDATE, 1, "s", 1);
    scene_pass(scene, 10);
    scene_turn(scene);
    scene_catch_up(scene);
    logged_take(&logged);
    scene->hurry_ms = 3;
    scene_turn(scene);
    scene->hurry_ms = 0;
    assert_null(line_of(logged_take(&logged), 3));
    scene_pass(scene, 100);
    scene_turn(scene);
    line = line_of(logged_take(&logged), 3);
    assert_non_null(line);
    assert_in_range(stage(line, " flush_us="), 100, 200);
    assert_int_equal(sum(line), stage(line, " total_us="));
    conn_close(scene, tom);
    conn_close(scene, alice);
}

static void
think(void *ctx, const struct event *event)
{
    (void)event;
    scene_pass(ctx, 50);
}

static void
what_hooks_do_afterwards_is_no_part_of_the_flush(void **state)
{
    struct scene *scene = *state;
    const char *line;

    scene->hooks.ctx = scene;
    scene->hooks.after_event = think;
    assert_string_equal(scene_post(scene, "s", NULL, UPDATE, 1), "");
    line = line_of(logged_take(&logged), 3);
    assert_non_null(line);
    assert_in_range(stage(line, " flush_us="), 0, 10);
    scene->hooks.after_event = NULL;
}

/* The second one waits to be handed over when the first one's commit fails. */
static void
what_is_not_stored_is_not_said_to_be(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s");
    char *log, *first, *second;

    scene_settle(scene);
    scene_pass(scene, 2000);
    scene->is_store_held = 1;
    scene_fail(scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    conn_send(scene, alice, WS_UPDATE, 1, "s", 5);
    scene_turn(scene);
    conn_send(scene, alice, WS_UPDATE, 2, "s", 6);
    scene->is_store_held = 0;
    scene_settle(scene);
    conn_expect_error(alice, 1, "storage_full");
    conn_expect_error(alice, 2, "storage_full");
    log = logged_take(&logged);
    assert_null(strstr(log, "area=trace msg=event"));
    first = line_of(log, 3);
    assert_non_null(first);
    assert_non_null(strstr(first, "msg=\"event was not stored\" session=s "));
    assert_in_range(stage(first, " commit_us="), 0, 100);
    assert_int_equal(stage(first, " flush_us="), -1);
    second = line_of(first + strlen(first) + 1, 4);
    assert_non_null(second);
    assert_non_null(strstr(second, "msg=\"event was not stored\" session=s "));
    assert_int_equal(stage(second, " queue_us="), -1);
    conn_send(scene, alice, WS_UPDATE, 3, "s", 7);
    scene_settle(scene);
    conn_expect_seq(alice, "object_updated", 3);
    assert_non_null(line_of(logged_take(&logged), 3));
    conn_close(scene, alice);
}

static int
accept_script(void *ctx, struct span name, struct refusal *refusal)
{
    (void)ctx;
    (void)name;
    (void)refusal;
    return 0;
}

static int
refuse_setup(void *ctx, struct session *session, struct span name, struct refusal *refusal)
{
    (void)ctx;
    (void)session;
    (void)name;
    refuse(refusal, REFUSE_SCRIPT_FAILED, "no");
    return -1;
}

static void
a_creation_that_its_script_takes_back_leaves_no_trace(void **state)
{
    struct scene *scene = *state;
    const struct hub_scripts scripts = {.check = accept_script, .setup = refuse_setup};

    hub_set_scripts(scene->hub, &scripts);
    assert_string_equal(
        scene_post(scene, "t", NULL,
                   "{\"type\":\"session_created\",\"data\":{\"script\":\"gallery\"}}"),
        "script_failed");
    hub_set_scripts(scene->hub, NULL);
    assert_string_equal(scene_post(scene, "s", NULL, UPDATE, 1), "");
    assert_null(strstr(logged_take(&logged), "session=t"));
}

static void
nothing_is_logged_unless_it_is_asked_for(void **state)
{
    struct scene *scene = *state;

    scene->options.trace_every = 0;
    scene_restart(scene);
    assert_string_equal(scene_post(scene, "s", NULL, UPDATE, 1), "");
    assert_null(strstr(logged_take(&logged), "area=trace"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_that_waits_for_its_session_has_waited),
        TEST(the_commit_is_what_takes_long_on_a_slow_disk),
        TEST(what_waits_for_its_flush_is_not_said_to_be_flushed),
        TEST(what_hooks_do_afterwards_is_no_part_of_the_flush),
        TEST(what_is_not_stored_is_not_said_to_be),
        TEST(a_creation_that_its_script_takes_back_leaves_no_trace),
        TEST(nothing_is_logged_unless_it_is_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
