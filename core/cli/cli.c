/* The command line: which command, with which options, and with what exit code. */
#include "cli/cli.h"

#include "cli/check.h"
#include "cli/cli_options.h"
#include "cli/cli_test.h"
#include "cli/plugin_new.h"
#include "cli/reload.h"
#include "config/config.h"
#include "exit_code.h"
#include "fault_lines.h"
#include "log.h"
#include "server/server.h"
#include "suggest.h"

#include <stdio.h>

struct command {
    const char *name;
    int (*run)(const struct cli_options *options);
};

static void
print(FILE *stream, struct buf *text)
{
    fwrite(text->data, 1, text->len, stream);
    fflush(stream);
}

static int
print_help(const char *command)
{
    struct buf text = BUF_INIT;

    cli_append_help(&text, command);
    print(stdout, &text);
    buf_fini(&text);
    return CODE_OK;
}

/* Loads it, sets the log up by it. */
static int
read_config(struct config *config, const struct cli_options *options, struct buf *faults)
{
    int err = config_load(config, &options->flags, faults);

    fault_lines_sort(faults, config->file);
    log_set_level(config->log_level);
    log_set_format(config->log_format);
    return err;
}

/* ... and prints the faults. */
static int
load(struct config *config, const struct cli_options *options)
{
    struct buf faults = BUF_INIT;
    int err = read_config(config, options, &faults);

    if (err)
        print(stderr, &faults);
    buf_fini(&faults);
    return err;
}

static int
run_serve(const struct cli_options *options)
{
    struct config config;
    int code = CODE_CONFIG;

    if (load(&config, options) == 0)
        code = server_run(&config, &options->flags);
    config_fini(&config);
    return code;
}

static int
run_check(const struct cli_options *options)
{
    struct config config;
    struct buf report = BUF_INIT;
    int code = CODE_CONFIG, err = read_config(&config, options, &report);

    if (!options->flags.log_level)
        log_set_level(LOG_WARN); /* the report is what is asked for */
    if (!err || !config.is_file_broken)
        code = check_run(&config, options->has_database, &report);
    print(code == CODE_OK ? stdout : stderr, &report);
    buf_fini(&report);
    config_fini(&config);
    return code;
}

static int
run_reload(const struct cli_options *options)
{
    struct config config = {0};
    struct buf out = BUF_INIT;
    int code = CODE_CONFIG;

    if (options->admin || load(&config, options) == 0)
        code = reload_run(options->admin ? options->admin : config.admin,
                          options->is_state_discarded, &out);
    print(code == CODE_OK ? stdout : stderr, &out);
    buf_fini(&out);
    config_fini(&config);
    return code;
}

static int
run_test(const struct cli_options *options)
{
    struct config config;
    int code = CODE_CONFIG;

    if (load(&config, options) == 0)
        code = cli_test(&config, options);
    config_fini(&config);
    return code;
}

static int
run_plugin(const struct cli_options *options)
{
    struct buf report = BUF_INIT;
    int code;

    if (options->argument_count != 2 || strcmp(options->arguments[0], "new") != 0) {
        fputs("hd1 plugin: say `hd1 plugin new NAME`; `hd1 plugin --help` says more\n", stderr);
        return CODE_USAGE;
    }
    code = plugin_new(options->dir ? options->dir : "plugins", options->arguments[1], &report);
    print(code == CODE_OK ? stdout : stderr, &report);
    buf_fini(&report);
    return code;
}

static int
run_version(const struct cli_options *options)
{
    (void)options;
    printf("hd1 %s\n", HD1_VERSION);
    return CODE_OK;
}

static const struct command commands[] = {
    {"serve", run_serve},   {"check", run_check},   {"test", run_test},
    {"plugin", run_plugin}, {"reload", run_reload}, {"version", run_version},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static int
refuse_unknown(const char *name)
{
    struct suggest suggest;

    suggest_init(&suggest, span_of(name));
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        suggest_try(&suggest, commands[i].name);
    if (suggest.best)
        fprintf(stderr, "hd1: unknown command %s; did you mean `hd1 %s`?\n", name, suggest.best);
    else
        fprintf(stderr, "hd1: unknown command %s; `hd1 --help` lists the commands\n", name);
    return CODE_USAGE;
}

static int
run(const struct command *command, int argc, char **argv)
{
    struct cli_options options;
    struct buf why = BUF_INIT;
    int code = CODE_USAGE;

    if (cli_options_parse(&options, command->name, argc, argv, &why) != 0)
        fprintf(stderr, "hd1 %s: %s\n", command->name, buf_cstr(&why));
    else if (options.is_help)
        code = print_help(command->name);
    else
        code = command->run(&options);
    cli_options_fini(&options);
    buf_fini(&why);
    return code;
}

int
cli_main(int argc, char **argv)
{
    if (argc < 2) {
        struct buf text = BUF_INIT;

        cli_append_help(&text, NULL);
        print(stderr, &text);
        buf_fini(&text);
        return CODE_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return print_help(argc > 2 ? argv[2] : NULL);
    if (strcmp(argv[1], "--version") == 0)
        return run_version(NULL);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return run(&commands[i], argc - 2, argv + 2);
    return refuse_unknown(argv[1]);
}
