/* See play.h. */
#include "plugin/play.h"

#include "err.h"
#include "hub/rest.h"
#include "plugin/folder.h"
#include "plugin/peer.h"

#include <stdio.h>
#include <stdlib.h>

int
play_setup(void **state)
{
    struct play *play = mem_zalloc(sizeof(*play));

    scene_setup(&play->scene_state);
    play->scene = play->scene_state;
    play->mono_ms = 1000;
    folder_make(play->path);
    *state = play;
    return 0;
}

int
play_teardown(void **state)
{
    struct play *play = *state;

    while (play->peers)
        peer_end(play->peers);
    play->scene->is_store_held = 0;
    scene_settle(play->scene);
    hub_set_hooks(play->scene->hub, &play->scene->hooks);
    plugins_free(play->plugins);
    scene_teardown(&play->scene_state);
    folder_remove(play->path);
    buf_fini(&play->why);
    free(play);
    return 0;
}

void
play_add(struct play *play, const char *name, const char *options, const char *text)
{
    char file[80];

    snprintf(file, sizeof(file), "%s.lua", name);
    folder_write(play->path, file, text);
    play->entries[play->entry_count++] = (struct plugin_entry){
        .name = name, .options = span_of(options ? options : "{}"), .where = "hd1.lua:12"};
}

void
play_add_setup(struct play *play, const char *name, const char *body)
{
    struct buf text = BUF_INIT;

    buf_appendf(&text, "return { name = \"%s\", version = \"1\", api = 1,\n", name);
    buf_appendf(&text, "setup = function(hd1, config) %s end }\n", body);
    play_add(play, name, NULL, buf_cstr(&text));
    buf_fini(&text);
}

static int64_t
mono_ms(void *ctx)
{
    struct play *play = ctx;

    play->mono_ms += play->step_ms;
    return play->mono_ms;
}

struct plugins_options
play_options(struct play *play)
{
    return (struct plugins_options){.path = play->path,
                                    .entries = play->entries,
                                    .entry_count = play->entry_count,
                                    .memory_bytes = play->memory_bytes,
                                    .instructions = play->instructions,
                                    .mono_ms = mono_ms,
                                    .clock_ctx = play};
}

int
play_load(struct play *play)
{
    struct plugins_options options = play_options(play);
    int err;

    buf_clear(&play->why);
    err = plugins_load(&play->plugins, &options, hub_types(play->scene->hub), play->scene->hub,
                       &play->why);
    if (err == 0)
        hub_set_hooks(play->scene->hub, plugins_hooks(play->plugins));
    return err;
}

int
play_reload(struct play *play)
{
    struct plugins_options options = play_options(play);
    struct plugins *next;
    int err;

    buf_clear(&play->why);
    while (plugins_ask_stores(play->scene->hub, &options, false, &play->why) == HD1_EBUSY)
        store_wait(play->scene->store, 100);
    err = plugins_prepare(play->plugins, &next, &options, &play->why);
    return err ? err : plugins_replace(play->plugins, next, true, &play->why);
}

void
play_start(struct play *play)
{
    if (play_load(play) != 0)
        fail_msg("%s", buf_cstr(&play->why));
    assert_int_equal(play->why.len, 0);
}

void
play_expect_refusal(struct play *play, const char *part)
{
    assert_int_not_equal(play_load(play), 0);
    assert_null(play->plugins);
    if (!strstr(buf_cstr(&play->why), part))
        fail_msg("expected \"%s\" in: %s", part, play->why.data);
}

void
play_pass(struct play *play, int ms)
{
    play->mono_ms += ms;
    plugins_run_due(play->plugins);
    scene_settle(play->scene);
}

static void
expect_part(struct buf *text, const char *part)
{
    if (!strstr(buf_cstr(text), part))
        fail_msg("expected \"%s\" in: %s", part, text->data);
    buf_fini(text);
}

void
play_expect_described(struct play *play, const char *part)
{
    struct buf text = BUF_INIT;

    plugins_describe(play->plugins, &text);
    expect_part(&text, part);
}

void
play_expect_metric(struct play *play, const char *line)
{
    struct buf text = BUF_INIT;

    plugins_append_metrics(play->plugins, &text);
    expect_part(&text, line);
}

void
play_add_hook(struct play *play, const char *made, const char *body)
{
    struct buf text = BUF_INIT;

    buf_appendf(&text,
                "local function fails(part, fn, ...)\n"
                "  local ok, why = pcall(function(...) local _ = fn(...) end, ...)\n"
                "  why = tostring(why)\n"
                "  if ok or not why:find(part, 1, true) or not why:find('a.lua:', 1, true) then\n"
                "    error('instead of \"' .. part .. '\": ' .. why, 2)\n"
                "  end\n"
                "end\n"
                "%s\nreturn { before_event = { object_created = function(event, client)\n"
                "%s\nend } }",
                made, body);
    play_add_setup(play, "a", buf_cstr(&text));
    buf_fini(&text);
}

void
play_expect_post(struct play *play, const char *name, const char *code)
{
    struct rest_answer answer = {0};
    const char *got =
        scene_post(play->scene, "demo", &answer,
                   "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"%s\","
                   "\"type\":\"cube\"}}}",
                   name);

    if (strcmp(got, code) != 0)
        fail_msg("\"%s\" instead of \"%s\"", got, code);
    rest_fini(&answer);
}
