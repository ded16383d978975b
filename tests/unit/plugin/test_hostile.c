/*
 * Every plugin in tests/plugins/hostile is stopped within its budget, which is a time as well, and
 * the server goes on. The first line of each says what is expected:
 *
 *   -- hook: why it is bad         each event is refused
 *   -- setup: what is said         it does not load, for this reason
 *   -- tick: why, -- timer: why    each call fails, and harms nobody
 *   -- runs: why                   it may do what it does, but no more than it may
 */
#include "hub/conn.h"
#include "hub/rest.h"
#include "plugin/play.h"

#include "plugin/call_time.h"
#include "plugin/folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER HD1_SOURCE_DIR "/tests/plugins/hostile"
#define OBJECT(name)                                                                               \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"" name "\",\"type\":\"cube\"}}" \
    "}"

static int
select_lua(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return len > 4 && strcmp(entry->d_name + len - 4, ".lua") == 0;
}

static void
read_file(const char *name, struct buf *text)
{
    char path[512];
    FILE *file;
    int c;

    snprintf(path, sizeof(path), "%s/%s.lua", FOLDER, name);
    file = fopen(path, "r");
    assert_non_null(file);
    while ((c = fgetc(file)) != EOF)
        buf_append_char(text, (char)c);
    fclose(file);
}

/* Did the plugin that is played hold the thread for too long? A core may be slow for a moment, at a
 * tenth of its speed, which the thread's time does not show; what is slow by itself is so each
 * time. */
static bool was_slow;
#define TRIES 3

/* What began then was calls: so many may be in it. */
static void
expect_short(const char *name, int64_t start_ms, int calls)
{
    int64_t took_ms = call_time_ms() - start_ms;

    if (getenv("HD1_TEST_TIMES"))
        print_message("%6d ms  %s (at most %d calls)\n", (int)took_ms, name, calls);
    if (took_ms > (int64_t)calls * CALL_TIME_MAX_MS) {
        print_message("%s: took %d ms\n", name, (int)took_ms);
        was_slow = true;
    }
}

static void
post(struct play *play, const char *name, const char *code)
{
    struct rest_answer answer = {0};
    int64_t start_ms = call_time_ms();
    const char *got = scene_post(play->scene, "demo", &answer, OBJECT("a"));

    expect_short(name, start_ms, 1);
    if (strcmp(got, code) != 0)
        fail_msg("%s: \"%s\" instead of \"%s\"", name, got, code);
    buf_fini(&answer.result);
}

static void
delete_object(struct play *play, const char *name)
{
    struct rest_answer answer = {0};
    const char *got = scene_post(play->scene, "demo", &answer,
                                 "{\"type\":\"object_deleted\",\"data\":{\"name\":\"a\"}}");

    if (strcmp(got, "") != 0)
        fail_msg("%s: \"%s\"", name, got);
    buf_fini(&answer.result);
}

/* Ticks and timers run for half a second, in which the server serves. */
static void
run_for_a_while(struct play *play, const char *name)
{
    struct conn *conn = conn_join(play->scene, "demo");

    for (int i = 0; i < 5; i++) {
        int64_t start_ms = call_time_ms();

        play_pass(play, 100);
        expect_short(name, start_ms, 1);
        while (conn_next(conn).at) /* whatever it did */
            ;
    }
    post(play, name, "");
    delete_object(play, name);
    conn_close(play->scene, conn);
}

static void
expect_all_failed(struct play *play, const char *moment)
{
    char part[80];

    snprintf(part, sizeof(part), "\"%s\":{\"calls\":5,\"errors\":5,", moment);
    play_expect_described(play, part);
}

/* The state is used again and again. */
static void
drive(struct play *play, const char *name, const char *kind)
{
    if (strcmp(kind, "hook") == 0) {
        for (int i = 0; i < 3; i++)
            post(play, name, "plugin_failed");
        return;
    }
    run_for_a_while(play, name);
    if (strcmp(kind, "tick") == 0)
        expect_all_failed(play, "on_tick");
    else if (strcmp(kind, "timer") == 0)
        expect_all_failed(play, "timer");
    else
        assert_string_equal(kind, "runs");
}

static void
judge(struct play *play, const char *name)
{
    struct buf text = BUF_INIT;
    char kind[16] = "", expected[80] = "";

    read_file(name, &text);
    if (sscanf(text.data, "-- %15[a-z]: %79[^\n]", kind, expected) != 2)
        fail_msg("%s: the first line does not say what is expected", name);
    play->entry_count = 0;
    play_add(play, name, NULL, buf_cstr(&text));
    if (strcmp(kind, "setup") == 0) {
        play_expect_refusal(play, expected);
    } else {
        play_start(play);
        drive(play, name, kind);
        hub_set_hooks(play->scene->hub, &play->scene->hooks);
        plugins_free(play->plugins);
        play->plugins = NULL;
    }
    buf_fini(&text);
}

static void
hostile_plugins_are_stopped_and_the_server_goes_on(void **state)
{
    struct play *play = *state;
    struct dirent **entries;
    int count = scandir(FOLDER, &entries, select_lua, alphasort);

    assert_true(count >= 40);
    scene_create(play->scene, "demo");
    for (int i = 0; i < count; i++) {
        entries[i]->d_name[strlen(entries[i]->d_name) - 4] = '\0';
        was_slow = true;
        for (int try = 0; was_slow && try < TRIES; try++) {
            was_slow = false;
            judge(play, entries[i]->d_name);
        }
        if (was_slow)
            fail_msg("%s: too slow each time", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    post(play, "after all", "");
    assert_false(was_slow);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hostile_plugins_are_stopped_and_the_server_goes_on,
                                        play_setup, play_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
