/*
 * One file of tests: Lua in a sandboxed state of its own, with require("test") (testing/lua). Its
 * cases run one after the other, each with a stage of its own.
 */
#ifndef HD1_TESTING_TEST_FILE_H
#define HD1_TESTING_TEST_FILE_H

#include "testing/stage.h"

/* Where plugins and scripts are, besides the folder of the test. Borrowed. */
struct test_paths {
    const char *plugins, *plugins_shipped, *scripts;
    const struct plugin_entry *configured; /* what plugins = "configured" stands for */
    size_t configured_count;
};

struct test_file;

/* Runs the file, which names its cases. NULL: it failed; why then holds text and traceback. */
struct test_file *test_file_open(const char *path, struct stage_store *store,
                                 const struct test_paths *paths, struct buf *why);
/* NULL ok. */
void test_file_close(struct test_file *file);

size_t test_file_count(const struct test_file *file);
const char *test_file_name(const struct test_file *file, size_t index);
/* True if it passed; else why says what is wrong, line by line. */
bool test_file_run(struct test_file *file, size_t index, struct buf *why);

/* The name in test_NAME.lua or NAME_test.lua; false if the file is called otherwise. */
bool test_file_subject(const char *path, struct span *name);

#endif
