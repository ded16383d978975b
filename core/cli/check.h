/* `hd1 check`: everything that could refuse a start, without starting. */
#ifndef HD1_CHECK_H
#define HD1_CHECK_H

#include "config/config.h"

/* Appends a line per fault, or a summary, to report. Returns the exit code (cli.h). */
int check_run(const struct config *config, bool has_database, struct buf *report);

#endif
