/* Sessions made for trial, as the server would make them at its start (server_sessions.c). */
#include "cli/check_worlds.h"

#include "cli/check_stage.h"
#include "err.h"
#include "log.h"
#include "plugin/script/script.h"
#include "json/json.h"

#include <stdio.h>

struct trial {
    const struct config *config;
    struct scripts *scripts; /* without a hub: which of them load? */
    struct stage *stage;
    struct buf *report;
    int err;
};

/* What is wrong with it, if it does not load, is told already. */
static bool
is_sound(const struct trial *trial, const char *script)
{
    struct buf ignored = BUF_INIT;
    int err = scripts_check_one(trial->scripts, script, &ignored);

    buf_fini(&ignored);
    return err == 0;
}

/* Leaves the refusal, if it is refused, to the caller. */
static int
make(struct trial *trial, const char *id, const char *world, const char *script,
     struct refusal *refusal)
{
    struct buf data = BUF_INIT;
    int err;

    buf_appendf(&data, "{\"session_id\":\"%s\"", id);
    if (world)
        buf_appendf(&data, ",\"world\":%s", world);
    if (script)
        buf_appendf(&data, ",\"script\":\"%s\"", script);
    buf_append_char(&data, '}');
    err = stage_make_session(trial->stage, buf_span(&data), refusal);
    buf_fini(&data);
    return err;
}

static void
try_session(struct trial *trial, const struct config_session *session)
{
    const char *script =
        session->script && is_sound(trial, session->script) ? session->script : NULL;
    struct refusal refusal;

    refusal_init(&refusal);
    if (make(trial, session->id, session->world, script, &refusal) != 0) {
        trial->err = HD1_EINVAL;
        buf_appendf(trial->report, "%s:%d: session %s would be refused: %s (%s)\n",
                    trial->config->file, session->line, session->id, refusal.message, refusal.code);
    }
    refusal_fini(&refusal);
}

/* The refusal's message begins with NAME.lua:LINE if it is about one of the script's calls. */
static void
try_script(struct trial *trial, const char *name)
{
    char id[ID_SIZE];
    struct refusal refusal;

    idgen(id, sizeof(id), "check-");
    refusal_init(&refusal);
    if (make(trial, id, NULL, name, &refusal) != 0) {
        trial->err = HD1_EINVAL;
        buf_appendf(trial->report, "%s/", trial->config->script_path);
        if (!strstr(refusal.message, ".lua:"))
            buf_appendf(trial->report, "%s.lua: ", name);
        buf_appendf(trial->report, "%s (%s): the plugins refuse what it sets up\n", refusal.message,
                    refusal.code);
    }
    refusal_fini(&refusal);
}

static void
try_scripts(struct trial *trial)
{
    struct buf list = BUF_INIT;
    struct json_iter iter;
    struct span entry, value;
    char name[ID_SIZE];

    scripts_describe(trial->scripts, &list);
    json_iter_init(&iter, buf_span(&list));
    while (json_next_element(&iter, &entry))
        if (json_member(entry, "name", &value) && json_copy_string(value, name, sizeof(name)) > 0 &&
            is_sound(trial, name))
            try_script(trial, name);
    buf_fini(&list);
}

static void
try_all(struct trial *trial)
{
    trial->scripts = scripts_new(trial->config->script_path, NULL);
    for (size_t i = 0; i < trial->config->session_count; i++)
        try_session(trial, &trial->config->sessions[i]);
    try_scripts(trial);
    scripts_free(trial->scripts);
}

static void
note_faulty(const struct config *config, const bool *is_faulty, struct buf *notes)
{
    const char *before = "note: sessions and world scripts were tried without what does not load: ";

    for (size_t i = 0; i < config->plugin_count; i++) {
        if (!is_faulty[i])
            continue;
        buf_appendf(notes, "%s%s", before, config->plugins[i].name);
        before = ", ";
    }
    if (notes->len > 0)
        buf_append_char(notes, '\n');
}

static void
try_on_stage(struct trial *trial, struct stage_store *store, bool *is_faulty, struct buf *notes)
{
    size_t len = trial->report->len;

    trial->stage = check_stage_open(trial->config, store, is_faulty, trial->report);
    if (trial->report->len > len)
        trial->err = HD1_EINVAL;
    if (trial->stage) {
        try_all(trial);
        note_faulty(trial->config, is_faulty, notes);
    }
    stage_free(trial->stage);
}

int
check_worlds(const struct config *config, bool *is_faulty, struct buf *report, struct buf *notes)
{
    struct trial trial = {.config = config, .report = report};
    struct stage_store *store;

    log_set_level(LOG_SILENT); /* the report says it better */
    trial.err = stage_store_open(&store, report);
    if (!trial.err) {
        try_on_stage(&trial, store, is_faulty, notes);
        stage_store_close(store);
    }
    log_set_level(config->log_level);
    return trial.err;
}
