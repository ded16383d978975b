/* The world scripts of all sessions: what the hub asks for, and the timers. */
#include "plugin/script/script.h"

#include "clock.h"
#include "err.h"
#include "log.h"
#include "plugin/case/case_text.h"
#include "plugin/script/script_state.h"

#include <stdlib.h>
#include <unistd.h>

#define LOG_LINES_PER_SECOND 5

int64_t
scripts_mono_ms(const struct scripts *scripts)
{
    return scripts->mono_ms ? scripts->mono_ms(scripts->clock_ctx) : clock_mono_ms();
}

bool
scripts_may_log(struct scripts *scripts)
{
    int64_t second = clock_mono_ms() / 1000;

    if (second != scripts->log_second)
        scripts->log_lines = 0;
    scripts->log_second = second;
    return scripts->log_lines++ < LOG_LINES_PER_SECOND;
}

char *
scripts_file(const struct scripts *scripts, const char *name)
{
    struct buf path = BUF_INIT;
    char *text;

    if (*name)
        buf_appendf(&path, "%s/%s.lua", scripts->path, name);
    else
        buf_appendf(&path, "%s/lib", scripts->path);
    text = mem_strndup(path.data, path.len);
    buf_fini(&path);
    return text;
}

static struct script *
find_by_id(const struct scripts *scripts, const struct session *session)
{
    return table_get(&scripts->by_session, span_of(session_id(session)));
}

/* Something may still hold a deleted session when the next one of that id has a script. */
static struct script *
find(const struct scripts *scripts, const struct session *session)
{
    struct script *script = find_by_id(scripts, session);

    return script && script->session == session ? script : NULL;
}

static void
forget_script(struct scripts *scripts, struct script *script)
{
    if (!script)
        return;
    table_del(&scripts->by_session, span_of(script->session_id));
    script_free(script);
}

static void
keep(struct scripts *scripts, struct script *script)
{
    forget_script(scripts, find_by_id(scripts, script->session));
    script->is_paused = session_client_count(script->session) == 0;
    script_settle(script);
    table_put(&scripts->by_session, span_of(script->session_id), script);
}

/* --- what the hub asks for --- */

static int
check(void *ctx, struct span name, struct refusal *refusal)
{
    const struct scripts *scripts = ctx;
    char text[ID_SIZE] = "";
    char *file;
    bool is_there;

    if (id_is_valid(name)) {
        memcpy(text, name.at, name.len);
        file = scripts_file(scripts, text);
        is_there = access(file, R_OK) == 0;
        free(file);
        if (is_there)
            return 0;
    }
    refuse(refusal, REFUSE_UNKNOWN_SCRIPT, "there is no script %s", text);
    return HD1_ENOENT;
}

/* Where the folder is is not for everybody. */
static void
append_without(struct buf *out, struct span text, const char *folder)
{
    size_t len = strlen(folder);
    const char *found;

    while (len > 0 && (found = memmem(text.at, text.len, folder, len))) {
        size_t before = (size_t)(found - text.at), skip = before + len;

        skip += skip < text.len && text.at[skip] == '/';
        buf_append(out, text.at, before);
        text = (struct span){text.at + skip, text.len - skip};
    }
    buf_append_span(out, text);
}

/* In why is the line of its error, if there is one. */
static void
refuse_failed(const struct scripts *scripts, struct refusal *refusal, struct span name,
              const struct buf *why)
{
    struct buf line = BUF_INIT, clean = BUF_INIT;

    append_without(&line, why->len ? buf_span(why) : SPAN(""), scripts->path);
    case_append_clean(&clean, case_without_folders(line.len ? buf_span(&line) : SPAN("")));
    buf_fini(&line);
    if (clean.len > 1)
        refuse(refusal, REFUSE_SCRIPT_FAILED, "%.*s", (int)clean.len - 1, clean.data);
    else
        refuse(refusal, REFUSE_SCRIPT_FAILED, "script %.*s failed", (int)name.len, name.at);
    buf_fini(&clean);
}

static int
setup(void *ctx, struct session *session, struct span name, struct refusal *refusal)
{
    struct scripts *scripts = ctx;
    struct buf why = BUF_INIT;
    struct script *script;
    int err = check(ctx, name, refusal);

    if (err)
        return err;
    script = script_new(scripts, session, name, &why);
    if (!script)
        refuse_failed(scripts, refusal, name, &why);
    buf_fini(&why);
    if (!script)
        return HD1_ESCRIPT;
    err = script_plan_send(script, refusal);
    if (err) {
        script_free(script);
        return err;
    }
    keep(scripts, script);
    return 0;
}

/* After a restart or an eviction only the timers are needed: the world is what the session has. */
static void
resume(void *ctx, struct session *session)
{
    struct scripts *scripts = ctx;
    struct script *script = find(scripts, session);
    struct span name = session_script(session);
    struct refusal refusal;

    if (!script) {
        refusal_init(&refusal);
        if (name.at && check(ctx, name, &refusal) == 0)
            script = script_new(scripts, session, name, NULL);
        refusal_fini(&refusal);
        if (!script)
            return;
        keep(scripts, script);
    }
    script->is_paused = false;
    script_timers_restart(script);
}

static void
pause_timers(void *ctx, struct session *session)
{
    struct script *script = find(ctx, session);

    if (script)
        script->is_paused = true;
}

static void
forget(void *ctx, struct session *session)
{
    forget_script(ctx, find(ctx, session));
}

/* --- life --- */

struct scripts *
scripts_new(const char *path, struct hub *hub)
{
    struct scripts *scripts = mem_zalloc(sizeof(*scripts));

    scripts->path = mem_strndup(path, strlen(path));
    scripts->hub = hub;
    scripts->due_ms = INT64_MAX;
    scripts->hooks = (struct hub_scripts){.ctx = scripts,
                                          .check = check,
                                          .setup = setup,
                                          .resume = resume,
                                          .pause = pause_timers,
                                          .forget = forget};
    return scripts;
}

void
scripts_free(struct scripts *scripts)
{
    void *script;
    size_t pos = 0;

    if (!scripts)
        return;
    while (table_next(&scripts->by_session, &pos, NULL, &script))
        script_free(script);
    table_fini(&scripts->by_session);
    scripts_stats_fini(scripts);
    free(scripts->path);
    free(scripts);
}

const struct hub_scripts *
scripts_hooks(struct scripts *scripts)
{
    return &scripts->hooks;
}

void
scripts_set_path(struct scripts *scripts, const char *path)
{
    char *copy = mem_strndup(path, strlen(path));

    free(scripts->path);
    scripts->path = copy;
}

void
scripts_set_clock(struct scripts *scripts, int64_t (*mono_ms)(void *ctx), void *ctx)
{
    scripts->mono_ms = mono_ms;
    scripts->clock_ctx = ctx;
}

void
scripts_set_failed(struct scripts *scripts,
                   void (*failed)(void *ctx, const char *script, const char *error), void *ctx)
{
    scripts->failed = failed;
    scripts->failed_ctx = ctx;
}

void
scripts_tell_failed(const struct script *script)
{
    if (script->all->failed)
        script->all->failed(script->all->failed_ctx, script->name, vm_error(script->vm));
}

void
scripts_run_timers(struct scripts *scripts)
{
    int64_t now_ms = scripts_mono_ms(scripts), next_ms = INT64_MAX, due_ms;
    void *script;
    size_t pos = 0;

    if (now_ms < scripts->due_ms)
        return;
    /* Timers only queue events: nothing is added to or removed from the table meanwhile. */
    while (table_next(&scripts->by_session, &pos, NULL, &script)) {
        due_ms = script_timers_run(script, now_ms);
        if (due_ms < next_ms)
            next_ms = due_ms;
    }
    scripts->due_ms = next_ms;
}

int64_t
scripts_due_ms(const struct scripts *scripts)
{
    return scripts->due_ms;
}
