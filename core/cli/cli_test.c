/* From the command line and the configuration to what is tested, and with what. */
#include "cli/cli_test.h"

#include "exit_code.h"
#include "log.h"
#include "server/server_plugins.h"
#include "testing/replay.h"
#include "testing/test_run.h"

#include <stdio.h>
#include <unistd.h>

#define DEFAULTS_MAX 2

/* The configuration's folders, or, without one, those of the working directory. */
static size_t
default_paths(const struct config *config, const char *paths[DEFAULTS_MAX])
{
    const char *const here[DEFAULTS_MAX] = {"plugins", "scripts"};
    const char *const configured[DEFAULTS_MAX] = {config->plugin_path, config->script_path};
    size_t count = 0;

    for (size_t i = 0; i < DEFAULTS_MAX; i++) {
        const char *path = config->file ? configured[i] : here[i];

        if (access(path, F_OK) == 0)
            paths[count++] = path;
    }
    return count;
}

static int
run_tests(const struct config *config, const struct cli_options *options)
{
    const char *paths[DEFAULTS_MAX];
    struct server_plugin_list list;
    struct test_options test = {.paths = options->arguments,
                                .path_count = options->argument_count,
                                .where = {.plugins = config->plugin_path,
                                          .plugins_shipped = config->plugin_shipped,
                                          .scripts = config->script_path,
                                          .configured_count = config->plugin_count},
                                .filter = options->filter,
                                .has_times = options->has_times};
    static const int codes[] = {
        [TEST_PASSED] = CODE_OK, [TEST_FAILED] = CODE_FAILURE, [TEST_IMPOSSIBLE] = CODE_USAGE};
    int code;

    if (test.path_count == 0) {
        test.paths = paths;
        test.path_count = default_paths(config, paths);
    }
    server_plugin_list_init(&list, config);
    test.where.configured = list.items;
    code = codes[test_run(&test)];
    server_plugin_list_fini(&list);
    return code;
}

static bool
is_case_file(const char *path)
{
    size_t len = strlen(path);

    return len > 5 && strcmp(path + len - 5, ".json") == 0;
}

/* The worst of them counts. */
static int
replay_all(const struct config *config, const struct cli_options *options)
{
    static const int codes[] = {[REPLAY_GONE] = CODE_OK,
                                [REPLAY_REPRODUCED] = CODE_FAILURE,
                                [REPLAY_OTHER] = CODE_FAILURE,
                                [REPLAY_IMPOSSIBLE] = CODE_USAGE};
    struct server_plugin_list list;
    struct test_paths paths = {.plugins = config->plugin_path,
                               .plugins_shipped = config->plugin_shipped,
                               .scripts = config->script_path,
                               .configured_count = config->plugin_count};
    struct buf report = BUF_INIT;
    int code = CODE_OK;

    server_plugin_list_init(&list, config);
    paths.configured = list.items;
    for (size_t i = 0; i < options->argument_count; i++) {
        int one = codes[replay_run(options->arguments[i], &paths, &report)];

        code = one > code ? one : code;
    }
    fwrite(report.data, 1, report.len, code == CODE_USAGE ? stderr : stdout);
    buf_fini(&report);
    server_plugin_list_fini(&list);
    return code;
}

/* How many of the arguments are case files. */
static size_t
count_case_files(const struct cli_options *options)
{
    size_t count = 0;

    for (size_t i = 0; i < options->argument_count; i++)
        count += is_case_file(options->arguments[i]);
    return count;
}

int
cli_test(const struct config *config, const struct cli_options *options)
{
    log_set_level(options->is_verbose ? LOG_DEBUG : LOG_SILENT);
    if (count_case_files(options) == 0)
        return run_tests(config, options);
    if (count_case_files(options) == options->argument_count)
        return replay_all(config, options);
    fputs("hd1 test: either case files (.json) or tests, not both at once\n", stderr);
    return CODE_USAGE;
}
