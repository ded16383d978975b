/*
 * The server: builds everything in order (store, hub, plugins, scripts, network), makes the
 * configured sessions, serves until it is told to stop, and takes all down in reverse.
 *
 * One libuv loop on this thread. Each of its rounds ends in hub_round_end(), before the loop waits.
 */
#ifndef HD1_SERVER_H
#define HD1_SERVER_H

#include "config/config.h"

/*
 * Runs until SIGTERM or SIGINT. Returns the exit code (cli.h); what went wrong is in the log. A
 * reload reads the configuration again with these flags, and changes what config_exchange_live()
 * says. Both are borrowed.
 */
int server_run(struct config *config, const struct config_flags *flags);

#endif
