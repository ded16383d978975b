/* `hd1 check`: plugins and scripts are loaded dry, without store and clients; then the configured
 * sessions and the scripts are tried on a stage, with those plugins that load. */
#include "cli/check.h"

#include "cli/check_worlds.h"
#include "err.h"
#include "exit_code.h"
#include "fault_lines.h"
#include "plugin/plugin.h"
#include "plugin/script/script.h"
#include "server/server_plugins.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

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
    for (size_t i = 0; i < config->session_count; i++) {
        int refused = check_session(config, &config->sessions[i], scripts_hooks(scripts), report);

        err = err ? err : refused;
    }
    scripts_free(scripts);
    return err;
}

/* All that is loaded, and what comes of it, in the order of files and lines. */
static int
check_parts(const struct config *config, struct buf *report)
{
    bool *is_faulty = mem_zalloc((config->plugin_count + 1) * sizeof(*is_faulty));
    struct buf notes = BUF_INIT;
    int is_wrong = server_plugins_try(config, is_faulty, report) != 0;

    is_wrong |= check_scripts(config, report) != 0;
    is_wrong |= check_worlds(config, is_faulty, report, &notes) != 0;
    fault_lines_sort(report, config->file);
    buf_append_span(report, buf_span(&notes));
    buf_fini(&notes);
    free(is_faulty);
    return is_wrong ? HD1_EINVAL : 0;
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

static int
check_database(const struct config *config, struct buf *report)
{
    struct buf findings = BUF_INIT;
    int err = store_check(config->data, &findings);

    if (err)
        buf_append_span(report, buf_span(&findings));
    if (err && report->len && report->data[report->len - 1] != '\n')
        buf_append_char(report, '\n');
    buf_fini(&findings);
    return err;
}

int
check_run(const struct config *config, bool has_database, struct buf *report)
{
    bool is_wrong = report->len > 0;
    int err;

    is_wrong |= check_parts(config, report) != 0;
    err = has_database ? check_database(config, report) : 0;
    if (is_wrong)
        return CODE_CONFIG;
    if (err)
        return CODE_FAILURE;
    append_summary(config, has_database, report);
    return CODE_OK;
}
