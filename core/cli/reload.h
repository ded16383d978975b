/* `hd1 reload`: asks a running server to reload, and says what came of it. */
#ifndef HD1_RELOAD_H
#define HD1_RELOAD_H

#include "buf.h"

#include <stdbool.h>

/*
 * address: of the server's listener for administration; "": it has none. Appends what is to be
 * printed to out and returns the exit code (cli.h). Blocks, for a minute at most.
 */
int reload_run(const char *address, bool is_state_discarded, struct buf *out);

#endif
