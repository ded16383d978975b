/*
 * A case file (plugin/plugin_case.c) played again: that plugin with those options, what it kept,
 * the sessions it may look into as they were, as far as they are in the file (their seq is another
 * one), the same call. A fresh plugin: what the old one had in variables is not there.
 */
#ifndef HD1_TESTING_REPLAY_H
#define HD1_TESTING_REPLAY_H

#include "testing/test_file.h"

enum replay_result {
    REPLAY_GONE,       /* the call does not fail any more */
    REPLAY_REPRODUCED, /* it fails with the same first line */
    REPLAY_OTHER,      /* it fails otherwise */
    REPLAY_IMPOSSIBLE, /* no such file, no case file, the plugin does not load, ... */
};

/* Appends what came of it to report, for people. */
enum replay_result replay_run(const char *path, const struct test_paths *paths, struct buf *report);

#endif
