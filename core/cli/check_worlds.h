/* What `hd1 check` can only tell by doing it: do the plugins let the configured sessions and the
 * world scripts pass? */
#ifndef HD1_CHECK_WORLDS_H
#define HD1_CHECK_WORLDS_H

#include "config/config.h"

/*
 * Makes each configured session, and one with each world script that loads, on a stage with the
 * configured plugins but for the faulty ones (is_faulty: by plugin; those are added that do not
 * load without the others). Appends a line per refusal to report, and to notes with what it was not
 * tried; negative if something is refused.
 */
int check_worlds(const struct config *config, bool *is_faulty, struct buf *report,
                 struct buf *notes);

#endif
