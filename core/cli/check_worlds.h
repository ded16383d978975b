/* What `hd1 check` can only tell by doing it: do the plugins let the configured sessions and the
 * world scripts pass? */
#ifndef HD1_CHECK_WORLDS_H
#define HD1_CHECK_WORLDS_H

#include "config/config.h"

/* Makes each configured session, and one with each world script, on a stage with the configured
 * plugins, which must load. Appends a line per refusal to report; negative if there is one. */
int check_worlds(const struct config *config, struct buf *report);

#endif
