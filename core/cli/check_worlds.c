/* Sessions made for trial, as the server would make them at its start (server_sessions.c). */
#include "cli/check_worlds.h"

#include "err.h"
#include "log.h"
#include "plugin/script/script.h"
#include "server/server_plugins.h"
#include "testing/stage.h"
#include "json/json.h"

#include <stdio.h>

struct trial {
    const struct config *config;
    struct stage *stage;
    struct buf *report;
    int err;
};

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
    struct refusal refusal;

    refusal_init(&refusal);
    if (make(trial, session->id, session->world, session->script, &refusal) != 0) {
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
    struct scripts *scripts = scripts_new(trial->config->script_path, NULL);
    struct buf list = BUF_INIT;
    struct json_iter iter;
    struct span entry, value;
    char name[ID_SIZE];

    scripts_describe(scripts, &list);
    json_iter_init(&iter, buf_span(&list));
    while (json_next_element(&iter, &entry))
        if (json_member(entry, "name", &value) && json_copy_string(value, name, sizeof(name)) > 0)
            try_script(trial, name);
    buf_fini(&list);
    scripts_free(scripts);
}

static void
try_all(struct trial *trial, struct stage_store *store)
{
    struct server_plugin_list list;
    struct stage_options options = {.plugin_path = trial->config->plugin_path,
                                    .plugin_shipped = trial->config->plugin_shipped,
                                    .script_path = trial->config->script_path};

    server_plugin_list_init(&list, trial->config);
    options.plugins = list.items;
    options.plugin_count = list.count;
    trial->stage = stage_new(store, &options, trial->report);
    if (!trial->stage) {
        trial->err = HD1_EINVAL;
    } else {
        for (size_t i = 0; i < trial->config->session_count; i++)
            try_session(trial, &trial->config->sessions[i]);
        try_scripts(trial);
    }
    stage_free(trial->stage);
    server_plugin_list_fini(&list);
}

int
check_worlds(const struct config *config, struct buf *report)
{
    struct trial trial = {.config = config, .report = report};
    struct stage_store *store;

    log_set_level(LOG_SILENT); /* the report says it better */
    trial.err = stage_store_open(&store, report);
    if (!trial.err) {
        try_all(&trial, store);
        stage_store_close(store);
    }
    log_set_level(config->log_level);
    return trial.err;
}
