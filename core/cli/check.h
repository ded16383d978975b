/* `hd1 check`: everything that could refuse a start, without starting. */
#ifndef HD1_CHECK_H
#define HD1_CHECK_H

#include "config/config.h"

/* Appends to report, which holds the faults of the configuration, a line per fault, and sorts it;
 * or a summary if there is none. Returns the exit code (cli.h). */
int check_run(const struct config *config, bool has_database, struct buf *report);

#endif
