/* `hd1 test`: tests of plugins and world scripts, and case files played again. */
#ifndef HD1_CLI_TEST_H
#define HD1_CLI_TEST_H

#include "cli/cli_options.h"
#include "config/config.h"

/* Returns the exit code. */
int cli_test(const struct config *config, const struct cli_options *options);

#endif
