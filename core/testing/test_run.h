/* `hd1 test`: all cases of all files, their report, the exit code. */
#ifndef HD1_TESTING_TEST_RUN_H
#define HD1_TESTING_TEST_RUN_H

#include "testing/test_file.h"

struct test_options {
    const char *const *paths; /* files, or folders to look beneath */
    size_t path_count;
    struct test_paths where;
    const char *filter; /* only cases with this text in "FILE: NAME"; NULL: all */
    bool has_times;     /* says of each case how long it took */
};

enum test_result { TEST_PASSED, TEST_FAILED, TEST_IMPOSSIBLE };

/* Prints TAP to standard output. TEST_IMPOSSIBLE: nothing was run, and standard error says why. */
enum test_result test_run(const struct test_options *options);

/* test_find.c: the test files among or beneath the paths, sorted; a file that is named is one
 * whatever its name. Appends to *files (the caller frees each and the list). Negative with why
 * filled in if a path is not there. */
int test_find(const char *const *paths, size_t path_count, char ***files, size_t *count,
              struct buf *why);

#endif
