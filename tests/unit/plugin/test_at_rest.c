/* What is at rest takes no memory in plugins: boxes of clients, garbage, full buckets. */
#include "hub/conn.h"
#include "hub/message.h"
#include "plugin/folder.h"
#include "plugin/play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CLIENTS 600
#define SPARE 16384 /* bytes: what the first clients bring about, and the rest has no part in */

/* Bytes of the first plugin's state. */
static long
memory(struct play *play)
{
    struct buf text = BUF_INIT;
    const char *at;
    long bytes;

    plugins_describe(play->plugins, &text);
    at = strstr(buf_cstr(&text), "\"memory\":");
    assert_non_null(at);
    bytes = strtol(at + strlen("\"memory\":"), NULL, 10);
    buf_fini(&text);
    return bytes;
}

/* Seconds in which nobody says anything. */
static void
rest(struct play *play, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        play_pass(play, 1000);
        plugins_tidy(play->plugins);
    }
}

static void
say(struct play *play, struct conn *conn)
{
    conn_send(play->scene, conn, "{\"type\":\"presence\",\"data\":{}}");
}

/* Nearly all of them stay, and say nothing more after the first message. */
static void
expect_all_given_back(struct play *play)
{
    struct conn *conns[CLIENTS];
    long before, busy;

    rest(play, 20);
    before = memory(play);
    for (int i = 0; i < CLIENTS; i++) {
        conns[i] = conn_greet(play->scene);
        say(play, conns[i]);
    }
    busy = memory(play);
    assert_true(busy > before + CLIENTS * 60); /* there is something to be given back */
    rest(play, 40);
    assert_true(memory(play) < before + SPARE);
    for (int i = 0; i < CLIENTS; i++)
        conn_vanish(play->scene, conns[i]);
}

static void
the_boxes_of_clients_at_rest_are_let_go_of(void **state)
{
    struct play *play = *state;

    play_add_setup(play, "a", "return { before_message = function(client) end }");
    play_start(play);
    expect_all_given_back(play);
}

static void
add_shipped(struct play *play, const char *name)
{
    char path[1024], text[16384];
    FILE *file;
    size_t len;

    snprintf(path, sizeof(path), HD1_SOURCE_DIR "/plugins/%s", name);
    file = fopen(path, "r");
    assert_non_null(file);
    len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[len] = '\0';
    folder_write(play->path, name, text);
}

static void
so_are_the_buckets_of_the_rate_limiter(void **state)
{
    struct play *play = *state;

    add_shipped(play, "lib/token_bucket.lua");
    add_shipped(play, "rate_limit.lua");
    play->entries[play->entry_count++] =
        (struct plugin_entry){.name = "rate_limit",
                              .options = SPAN("{\"address\":{\"rate\":10000,\"burst\":10000}}"),
                              .where = "hd1.lua:1"};
    play_start(play);
    expect_all_given_back(play);
}

static void
a_box_that_a_plugin_keeps_stays_the_clients(void **state)
{
    struct play *play = *state;
    struct conn *conn;

    play_add_setup(play, "a",
                   "local counts = {} "
                   "return { before_message = function(client) "
                   "counts[client] = (counts[client] or 0) + 1 "
                   "return hd1.reject{ code = 'n' .. counts[client] } end }");
    play_start(play);
    conn = conn_greet(play->scene);
    for (int i = 1; i <= 3; i++) {
        char code[8];

        snprintf(code, sizeof(code), "n%d", i);
        say(play, conn);
        scene_settle(play->scene);
        assert_true(message_is(conn_skip_to(conn, "error"), "data.code", code));
        rest(play, 40);
    }
    conn_close(play->scene, conn);
}

/* Lua still finds a key in a weak table after its __gc was called. */
static void
a_box_in_a_weak_table_raises_when_it_was_let_go_of(void **state)
{
    struct play *play = *state;
    struct conn *conn;

    play_add_setup(play, "a",
                   "local seen = setmetatable({}, { __mode = 'k' }) "
                   "local gone = 0 "
                   "return { before_message = function(client) "
                   "for other in pairs(seen) do if other.is_gone then gone = gone + 1 end end "
                   "seen[client] = true "
                   "for i = 1, 40 do local garbage = { {}, {}, {} } end end }");
    play_start(play);
    for (int i = 0; i < CLIENTS; i++) {
        conn = conn_greet(play->scene);
        say(play, conn);
        conn_vanish(play->scene, conn);
        if (i % 20 == 0) {
            play_pass(play, 6000);
            plugins_tidy(play->plugins);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_boxes_of_clients_at_rest_are_let_go_of),
        TEST(so_are_the_buckets_of_the_rate_limiter),
        TEST(a_box_in_a_weak_table_raises_when_it_was_let_go_of),
        TEST(a_box_that_a_plugin_keeps_stays_the_clients),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
