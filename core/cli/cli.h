/* The command line: `hd1 serve`, `hd1 check`, `hd1 reload`, `hd1 version`, and the help to each. */
#ifndef HD1_CLI_H
#define HD1_CLI_H

#include "buf.h"

/* Runs the command that the arguments name; returns the exit code. */
int cli_main(int argc, char **argv);
/* Appends the help to a command ("serve", "check"), or the general one (NULL). */
void cli_append_help(struct buf *out, const char *command);

#endif
