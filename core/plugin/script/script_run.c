/* One world script in one session: its state made, its file run. */
#include "plugin/script/script_state.h"

#include "log.h"
#include "plugin/case/case_text.h"
#include "plugin/vm/lua_json.h"

#include <lauxlib.h>
#include <stdlib.h>

/* FNV-1a: any fixed function will do, so that a session always gets the same numbers. */
static uint64_t
seed_of(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return hash;
}

static void
run_body(lua_State *L, void *ctx)
{
    const char *file = ctx;

    script_api_open(L);
    script_session_open(L);
    vm_load_file(L, file);
    lua_call(L, 0, 0);
}

static void
connect_client(struct script *script)
{
    char name[ID_SIZE + 8];
    struct hub_connection connection = {
        .kind = CLIENT_LOCAL, .address = name, .path_session = SPAN_NONE};

    if (!script->all->hub || !script->session)
        return;
    snprintf(name, sizeof(name), "script:%s", script->name);
    script->client = hub_connect(script->all->hub, &connection);
}

/* FILE:LINE: what. An error that is a table says nothing of its place, but the traceback does. */
static void
append_error(const struct script *script, struct buf *why)
{
    const char *line = vm_error_line(script->vm);
    struct span place = case_place(span_of(vm_error(script->vm)));
    size_t len = strlen(script->name);

    if (!strstr(line, ".lua:")) {
        buf_appendf(why, "%s/%s.lua:", script->all->path, script->name);
        if (place.len > len + 5 && memcmp(place.at, script->name, len) == 0)
            buf_appendf(why, "%.*s:", (int)(place.len - len - 5), place.at + len + 5);
        buf_append_char(why, ' ');
    }
    buf_appendf(why, "%s\n", line);
}

/* A check is told, and nobody else. */
static void
report(struct script *script, struct buf *why)
{
    scripts_tell_failed(script);
    if (why)
        append_error(script, why);
    if (script->session && scripts_may_log(script->all))
        log_error(script->name, "script failed", log_str("session", script->session_id),
                  log_str("error", vm_error(script->vm)));
}

/* Runs the file. 0, or negative: reported. */
static int
run(struct script *script, struct buf *why)
{
    char *file = scripts_file(script->all, script->name);
    char *lib = scripts_file(script->all, "");
    struct vm_options options = {.name = script->name,
                                 .instructions = SCRIPT_SETUP_INSTRUCTIONS,
                                 .lib_path = lib,
                                 .owner = script};
    int err = -1;

    script->vm = vm_new(&options);
    if (script->vm) {
        script->is_setting_up = true;
        err = script_call(script, run_body, file);
        script->is_setting_up = false;
        vm_set_instructions(script->vm, VM_INSTRUCTIONS_DEFAULT);
        if (err)
            report(script, why);
    }
    free(lib);
    free(file);
    return err;
}

struct script *
script_new(struct scripts *scripts, struct session *session, struct span name, struct buf *why)
{
    struct script *script = mem_zalloc(sizeof(*script));

    script->all = scripts;
    script->session = session;
    snprintf(script->session_id, sizeof(script->session_id), "%s",
             session ? session_id(session) : "check");
    memcpy(script->name, name.at, name.len < ID_MAX ? name.len : ID_MAX);
    script->random = seed_of(script->session_id);
    timers_init(&script->timers, SCRIPT_TIMERS_MAX);
    connect_client(script);
    if (run(script, why) != 0) {
        script_free(script);
        return NULL;
    }
    return script;
}

void
script_free(struct script *script)
{
    if (!script)
        return;
    vm_free(script->vm);
    if (script->client)
        hub_disconnect(script->all->hub, script->client);
    script_plan_fini(&script->plan);
    timers_fini(&script->timers);
    free(script);
}

void
script_settle(struct script *script)
{
    script_plan_fini(&script->plan);
    if (script->timers.running > 0)
        return;
    vm_free(script->vm);
    script->vm = NULL;
}
