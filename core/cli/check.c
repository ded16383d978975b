/* `hd1 check`: plugins and scripts are loaded dry, with a hub that has no store and no clients;
 * when they load, the configured sessions are made on a stage. */
#include "cli/check.h"

#include "cli/check_worlds.h"
#include "err.h"
#include "exit_code.h"
#include "plugin/plugin.h"
#include "plugin/script/script.h"
#include "server/server_plugins.h"
#include "store/store.h"

#include <stdio.h>

static void
end_line(struct buf *report)
{
    if (report->len && report->data[report->len - 1] != '\n')
        buf_append_char(report, '\n');
}

static int
check_plugins(const struct config *config, struct hub *hub, struct buf *report)
{
    struct plugins *plugins;
    int err = server_plugins_load(&plugins, config, hub, NULL, true, report);

    end_line(report);
    plugins_free(plugins);
    return err;
}

/* Is there a file for each script that a configured session names? */
static int
check_session(const struct config *config, const struct config_session *session,
              const struct hub_scripts *hooks, struct buf *report)
{
    struct refusal refusal;
    int err = 0;

    refusal_init(&refusal);
    if (session->script && hooks->check)
        err = hooks->check(hooks->ctx, span_of(session->script), &refusal);
    if (err)
        buf_appendf(report, "%s:%d: session %s: %s (scripts are in %s)\n", config->file,
                    session->line, session->id, refusal.message, config->script_path);
    refusal_fini(&refusal);
    return err;
}

static int
check_scripts(const struct config *config, struct buf *report)
{
    struct scripts *scripts = scripts_new(config->script_path, NULL);
    int err = config_check_script_path(config, report);

    if (scripts_check(scripts, report) != 0)
        err = HD1_ESCRIPT;
    end_line(report);
    for (size_t i = 0; i < config->session_count; i++) {
        int refused = check_session(config, &config->sessions[i], scripts_hooks(scripts), report);

        err = err ? err : refused;
    }
    scripts_free(scripts);
    return err;
}

static void
append_summary(const struct config *config, bool has_database, struct buf *report)
{
    buf_appendf(report, "ok: %s, %zu plugins from %s, world scripts from %s, %zu sessions",
                config->file ? config->file : "no configuration file", config->plugin_count,
                config->plugin_path, config->script_path, config->session_count);
    if (has_database)
        buf_appendf(report, ", database in %s", config->data);
    buf_append_char(report, '\n');
}

int
check_run(const struct config *config, bool has_database, struct buf *report)
{
    struct hub_options options = {.limits = config->limits};
    struct hub *hub = hub_new(&options);
    int is_wrong = check_plugins(config, hub, report) != 0;
    int is_database_wrong = 0;

    is_wrong |= check_scripts(config, report) != 0;
    hub_free(hub);
    if (!is_wrong)
        is_wrong |= check_worlds(config, report) != 0;
    if (has_database) {
        struct buf findings = BUF_INIT;

        is_database_wrong = store_check(config->data, &findings) != 0;
        if (is_database_wrong)
            buf_append_span(report, buf_span(&findings));
        buf_fini(&findings);
        end_line(report);
    }
    if (is_wrong)
        return CODE_CONFIG;
    if (is_database_wrong)
        return CODE_FAILURE;
    append_summary(config, has_database, report);
    return CODE_OK;
}
