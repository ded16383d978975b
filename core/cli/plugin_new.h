/* `hd1 plugin new NAME`: a plugin to begin with, and its test. */
#ifndef HD1_PLUGIN_NEW_H
#define HD1_PLUGIN_NEW_H

#include "buf.h"

/* Writes FOLDER/NAME.lua and FOLDER/test_NAME.lua; overwrites nothing. Appends what to do next, or
 * what is wrong, to report. Returns the exit code (cli.h). */
int plugin_new(const char *folder, const char *name, struct buf *report);

#endif
