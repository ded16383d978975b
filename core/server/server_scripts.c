/* World scripts are checked before the server starts and at a reload. */
#include "server/server_state.h"

#include "err.h"

static bool
needs_scripts(const struct config *config)
{
    for (size_t i = 0; i < config->session_count; i++)
        if (config->sessions[i].script)
            return true;
    return false;
}

/* Dry, as `hd1 check` does it: a script that a configured session names must load; others may wait.
 */
int
server_scripts_check(const struct config *config, struct buf *faults, struct buf *warnings)
{
    struct scripts *scripts = scripts_new(config->script_path, NULL);
    int err = 0;

    if (config_check_script_path(config, needs_scripts(config) ? faults : warnings) != 0)
        err = needs_scripts(config) ? HD1_ENOENT : 0;
    for (size_t i = 0; i < config->session_count; i++)
        if (config->sessions[i].script &&
            scripts_check_one(scripts, config->sessions[i].script, faults) != 0)
            err = HD1_ESCRIPT;
    if (!err)
        scripts_check(scripts, warnings);
    scripts_free(scripts);
    return err;
}
