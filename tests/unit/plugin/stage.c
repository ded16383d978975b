/* See stage.h. */
#include "plugin/stage.h"

#include "plugin/folder.h"
#include "plugin/script/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t
stage_mono_ms(void *ctx)
{
    return ((struct stage *)ctx)->mono_ms;
}

static void
open_scripts(struct stage *stage)
{
    stage->scripts = scripts_new(stage->path, stage->scene->hub);
    scripts_set_clock(stage->scripts, stage_mono_ms, stage);
    hub_set_scripts(stage->scene->hub, scripts_hooks(stage->scripts));
}

int
stage_setup(void **state)
{
    struct stage *stage = mem_zalloc(sizeof(*stage));

    scene_setup(&stage->scene_state);
    stage->scene = stage->scene_state;
    stage->mono_ms = 50000;
    folder_make(stage->path);
    open_scripts(stage);
    *state = stage;
    return 0;
}

int
stage_teardown(void **state)
{
    struct stage *stage = *state;

    scene_settle(stage->scene);
    hub_set_scripts(stage->scene->hub, NULL);
    scripts_free(stage->scripts);
    scene_teardown(&stage->scene_state);
    folder_remove(stage->path);
    free(stage);
    return 0;
}

void
stage_write(struct stage *stage, const char *text)
{
    folder_write(stage->path, "world.lua", text);
}

static void
on_ran(void *ctx, const struct outcome *outcome)
{
    struct ran *ran = ctx;

    ran->is_answered = true;
    snprintf(ran->code, sizeof(ran->code), "%s", outcome->refusal ? outcome->refusal->code : "");
    ran->first_seq = outcome->first_seq;
    ran->last_seq = outcome->last_seq;
}

const char *
stage_run(struct stage *stage, struct ran *ran)
{
    struct hub_connection connection = {.kind = CLIENT_REST, .address = "127.0.0.1"};
    struct client *client = hub_connect(stage->scene->hub, &connection);

    memset(ran, 0, sizeof(*ran));
    hub_run_script(stage->scene->hub, client, SPAN("demo"), SPAN("world"), on_ran, ran);
    scene_settle(stage->scene);
    assert_true(ran->is_answered);
    hub_disconnect(stage->scene->hub, client);
    return ran->code;
}

void
stage_pass(struct stage *stage, int ms)
{
    stage->mono_ms += ms;
    scripts_run_timers(stage->scripts);
    assert_true(scripts_due_ms(stage->scripts) > stage->mono_ms);
    scene_settle(stage->scene);
}

void
stage_restart(struct stage *stage)
{
    scene_settle(stage->scene);
    scripts_free(stage->scripts);
    hub_set_scripts(stage->scene->hub, NULL);
    scene_restart(stage->scene);
    open_scripts(stage);
}
