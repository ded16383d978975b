/* --name VALUE and --name=VALUE; an unknown one is answered with the nearest. */
#include "cli/cli_options.h"

#include "err.h"
#include "suggest.h"

#include <stdlib.h>

enum option_id {
    OPTION_CONFIG,
    OPTION_LISTEN,
    OPTION_DATA,
    OPTION_LOG_LEVEL,
    OPTION_LOG_FORMAT,
    OPTION_DATABASE,
    OPTION_ADMIN,
    OPTION_DISCARD_STATE,
    OPTION_FILTER,
    OPTION_VERBOSE,
    OPTION_TIME,
    OPTION_DIR,
    OPTION_HELP
};

struct option {
    const char *name;
    enum option_id id;
    bool has_value;
    const char *commands; /* that know it, separated by spaces */
};

static const struct option options_known[] = {
    {"--config", OPTION_CONFIG, true, "serve check test reload"},
    {"--listen", OPTION_LISTEN, true, "serve"},
    {"--data", OPTION_DATA, true, "serve check reload"},
    {"--log-level", OPTION_LOG_LEVEL, true, "serve check"},
    {"--log-format", OPTION_LOG_FORMAT, true, "serve check"},
    {"--database", OPTION_DATABASE, false, "check"},
    {"--admin", OPTION_ADMIN, true, "reload"},
    {"--discard-state", OPTION_DISCARD_STATE, false, "reload"},
    {"--filter", OPTION_FILTER, true, "test"},
    {"--verbose", OPTION_VERBOSE, false, "test"},
    {"--time", OPTION_TIME, false, "test"},
    {"--dir", OPTION_DIR, true, "plugin"},
    {"--help", OPTION_HELP, false, "serve check test plugin reload version"},
};

#define OPTION_COUNT (sizeof(options_known) / sizeof(options_known[0]))

/* The commands that take more than options. */
static bool
takes_arguments(const char *command)
{
    return strcmp(command, "test") == 0 || strcmp(command, "plugin") == 0;
}

static const struct option *
find(const char *command, struct span name)
{
    if (span_is(name, "-h"))
        name = SPAN("--help");
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (span_is(name, options_known[i].name) && strstr(options_known[i].commands, command))
            return &options_known[i];
    return NULL;
}

static const struct option *
find_anywhere(struct span name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (span_is(name, options_known[i].name))
            return &options_known[i];
    return NULL;
}

static int
refuse_unknown(const char *command, struct span name, struct buf *why)
{
    const struct option *elsewhere = find_anywhere(name);
    struct suggest suggest;

    if (elsewhere) {
        buf_appendf(why, "%s is no option of %s; it belongs to: %s", elsewhere->name, command,
                    elsewhere->commands);
        return HD1_EINVAL;
    }
    suggest_init(&suggest, name);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (strstr(options_known[i].commands, command))
            suggest_try(&suggest, options_known[i].name);
    buf_appendf(why, "unknown option %.*s; ", (int)name.len, name.at);
    if (suggest.best)
        buf_appendf(why, "did you mean %s?", suggest.best);
    else
        buf_appendf(why, "`hd1 %s --help` lists the options", command);
    return HD1_EINVAL;
}

static void
add_listen(struct config_flags *flags, const char *value)
{
    flags->listen = mem_realloc(flags->listen, (flags->listen_count + 1) * sizeof(char *));
    flags->listen[flags->listen_count++] = value;
}

static void
set(struct cli_options *options, enum option_id id, const char *value)
{
    switch (id) {
    case OPTION_CONFIG:
        options->flags.file = value;
        break;
    case OPTION_LISTEN:
        add_listen(&options->flags, value);
        break;
    case OPTION_DATA:
        options->flags.data = value;
        break;
    case OPTION_LOG_LEVEL:
        options->flags.log_level = value;
        break;
    case OPTION_LOG_FORMAT:
        options->flags.log_format = value;
        break;
    case OPTION_DATABASE:
        options->has_database = true;
        break;
    case OPTION_ADMIN:
        options->admin = value;
        break;
    case OPTION_DISCARD_STATE:
        options->is_state_discarded = true;
        break;
    case OPTION_FILTER:
        options->filter = value;
        break;
    case OPTION_VERBOSE:
        options->is_verbose = true;
        break;
    case OPTION_TIME:
        options->has_times = true;
        break;
    case OPTION_DIR:
        options->dir = value;
        break;
    case OPTION_HELP:
        options->is_help = true;
        break;
    }
}

/* Reads the option at argv[*i], and its value. */
static int
parse_one(struct cli_options *options, const char *command, int argc, char **argv, int *i,
          struct buf *why)
{
    const char *argument = argv[*i], *equals = strchr(argument, '=');
    struct span name = {argument, equals ? (size_t)(equals - argument) : strlen(argument)};
    const struct option *option = find(command, name);
    const char *value = equals ? equals + 1 : NULL;

    if (!option)
        return refuse_unknown(command, name, why);
    if (!option->has_value && value) {
        buf_appendf(why, "%s takes no value", option->name);
        return HD1_EINVAL;
    }
    if (option->has_value && !value && *i + 1 < argc)
        value = argv[++*i];
    if (option->has_value && (!value || !value[0])) {
        buf_appendf(why, "%s needs a value", option->name);
        return HD1_EINVAL;
    }
    set(options, option->id, value);
    return 0;
}

int
cli_options_parse(struct cli_options *options, const char *command, int argc, char **argv,
                  struct buf *why)
{
    memset(options, 0, sizeof(*options));
    options->arguments = mem_zalloc(((size_t)argc + 1) * sizeof(*options->arguments));
    for (int i = 0; i < argc; i++) {
        int err;

        if (argv[i][0] != '-' && takes_arguments(command)) {
            options->arguments[options->argument_count++] = argv[i];
            continue;
        }
        if (argv[i][0] != '-') {
            buf_appendf(why, "unexpected argument %s; `hd1 %s --help` says what there is", argv[i],
                        command);
            return HD1_EINVAL;
        }
        err = parse_one(options, command, argc, argv, &i, why);
        if (err)
            return err;
    }
    return 0;
}

void
cli_options_fini(struct cli_options *options)
{
    free(options->flags.listen);
    options->flags.listen = NULL;
    free(options->arguments);
    options->arguments = NULL;
}
