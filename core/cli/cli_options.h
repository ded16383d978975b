/* The options of a command. Private to cli*.c. */
#ifndef HD1_CLI_OPTIONS_H
#define HD1_CLI_OPTIONS_H

#include "config/config.h"

#include <stdbool.h>

struct cli_options {
    struct config_flags flags; /* lends from argv, but for listen */
    bool is_help;
    bool has_database; /* --database */
    const char *admin; /* --admin; NULL: what the configuration says */
    bool is_state_discarded;
    const char *filter; /* --filter; NULL: none */
    const char *dir;    /* --dir; NULL: not said */
    bool is_verbose, has_times;
    const char **arguments; /* what is no option, for commands that take any */
    size_t argument_count;
};

/*
 * Reads the arguments after the command. 0, or HD1_EINVAL with what is wrong in why. Call
 * cli_options_fini in either case.
 */
int cli_options_parse(struct cli_options *options, const char *command, int argc, char **argv,
                      struct buf *why);
void cli_options_fini(struct cli_options *options);

#endif
