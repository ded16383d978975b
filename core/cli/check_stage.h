/* The stage of check_worlds.c: with those of the configured plugins that load. */
#ifndef HD1_CHECK_STAGE_H
#define HD1_CHECK_STAGE_H

#include "config/config.h"
#include "testing/stage.h"

/*
 * is_faulty, by plugin: those that are left out; those are marked besides that do not load without
 * them. If nothing is marked yet and one does not load all the same, that is a fault, and appended
 * to report. NULL: there can be none, and report says why.
 */
struct stage *check_stage_open(const struct config *config, struct stage_store *store,
                               bool *is_faulty, struct buf *report);

#endif
