/* server*.c: the whole server, from its first line of output to its exit code. */
#include "hd1_process.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define DEMO "/api/sessions/demo"

static struct hd1_process server;

static int
setup(void **state)
{
    (void)state;
    hd1_process_init(&server);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    hd1_process_fini(&server);
    return 0;
}

static void
assert_ask(int status, const char *part, const char *method, const char *path, const char *body)
{
    struct buf answer = BUF_INIT;
    int got = hd1_process_ask(&server, method, path, body, &answer);

    if (got != status || !strstr(buf_cstr(&answer), part))
        fail_msg("%s %s: %d \"%s\" wanted; got %s", method, path, status, part, buf_cstr(&answer));
    buf_fini(&answer);
}

static void
it_serves_until_it_is_told_to_stop(void **state)
{
    (void)state;
    assert_true(hd1_process_start(&server));
    assert_ask(200, "{\"status\":\"ok\"}", "GET", "/healthz", NULL);
    assert_ask(200, "\"storage\":\"ok\"", "GET", "/readyz", NULL);
    assert_int_equal(hd1_process_end(&server, SIGTERM), 0);
}

static void
a_hang_up_does_not_stop_it(void **state)
{
    (void)state;
    assert_true(hd1_process_start(&server));
    kill(server.pid, SIGHUP);
    assert_ask(200, "ok", "GET", "/healthz", NULL);
    assert_int_equal(hd1_process_end(&server, SIGINT), 0);
}

static void
what_was_acknowledged_is_there_after_kill_9_and_after_a_stop(void **state)
{
    (void)state;
    assert_true(hd1_process_start(&server));
    assert_ask(201, "location: /api/sessions/demo", "POST", "/api/sessions", "{\"id\":\"demo\"}");
    assert_ask(201, "etag: ", "POST", DEMO "/objects", "{\"name\":\"a\",\"type\":\"cube\"}");
    assert_int_equal(hd1_process_end(&server, SIGKILL), -1);
    assert_true(hd1_process_start(&server));
    assert_ask(200, "\"version\":2}", "GET", DEMO "/objects/a", NULL);
    assert_ask(200, "\"x\":3", "PATCH", DEMO "/objects/a", "{\"x\":3}");
    assert_int_equal(hd1_process_end(&server, SIGTERM), 0);
    assert_true(hd1_process_start(&server));
    assert_ask(200, "\"x\":3", "GET", DEMO "/objects/a", NULL);
    assert_ask(200, "\"seq\":3", "GET", "/api/sessions", NULL);
    assert_int_equal(hd1_process_end(&server, SIGTERM), 0);
}

static void
configured_sessions_are_made_once(void **state)
{
    (void)state;
    hd1_process_configure(&server, "return { sessions = { demo = { world = { size = 9 } } } }");
    for (int i = 0; i < 2; i++) {
        assert_true(hd1_process_start(&server));
        assert_ask(200, "{\"size\":9}", "GET", DEMO "/world", NULL);
        assert_ask(200, "\"seq\":1,", "GET", DEMO, NULL);
        assert_int_equal(hd1_process_end(&server, SIGTERM), 0);
    }
}

static void
a_session_with_an_unknown_script_refuses_the_start(void **state)
{
    (void)state;
    hd1_process_configure(&server, "return { sessions = { demo = { script = \"nope\" } } }");
    assert_false(hd1_process_start(&server));
    assert_int_equal(hd1_process_wait(&server), 78);
}

static void
an_unknown_plugin_refuses_the_start(void **state)
{
    (void)state;
    hd1_process_configure(&server, "return { plugins = { \"nope\" } }");
    assert_false(hd1_process_start(&server));
    assert_int_equal(hd1_process_wait(&server), 78);
}

static void
a_database_that_another_server_owns_refuses_the_start(void **state)
{
    struct hd1_process second;

    (void)state;
    assert_true(hd1_process_start(&server));
    second = server;
    assert_false(hd1_process_start(&second));
    assert_int_equal(hd1_process_wait(&second), 1);
    assert_int_equal(hd1_process_end(&server, SIGTERM), 0);
}

static void
connections_that_say_nothing_do_not_hold_it_up(void **state)
{
    int idle, half;

    (void)state;
    assert_true(hd1_process_start(&server));
    idle = hd1_process_connect(&server);
    half = hd1_process_connect(&server);
    assert_int_equal(write(half, "POST /api/sessions HTT", 22), 22);
    assert_ask(200, "ok", "GET", "/healthz", NULL);
    assert_int_equal(hd1_process_end(&server, SIGTERM), 0);
    close(idle);
    close(half);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(it_serves_until_it_is_told_to_stop),
        TEST(a_hang_up_does_not_stop_it),
        TEST(what_was_acknowledged_is_there_after_kill_9_and_after_a_stop),
        TEST(configured_sessions_are_made_once),
        TEST(a_session_with_an_unknown_script_refuses_the_start),
        TEST(an_unknown_plugin_refuses_the_start),
        TEST(a_database_that_another_server_owns_refuses_the_start),
        TEST(connections_that_say_nothing_do_not_hold_it_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
