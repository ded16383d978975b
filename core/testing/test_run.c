/* File by file, case by case, over one store. */
#include "testing/test_run.h"

#include "clock.h"
#include "testing/test_report.h"

#include <stdio.h>
#include <stdlib.h>

struct run {
    const struct test_options *options;
    struct stage_store *store;
    struct test_report report;
};

static bool
is_chosen(const struct run *run, const char *path, const char *name)
{
    struct buf text = BUF_INIT;
    bool is_found;

    if (!run->options->filter)
        return true;
    buf_appendf(&text, "%s: %s", path, name);
    is_found = strstr(buf_cstr(&text), run->options->filter) != NULL;
    buf_fini(&text);
    return is_found;
}

static void
run_cases(struct run *run, struct test_file *file, const char *path)
{
    struct buf why = BUF_INIT;

    for (size_t i = 0; i < test_file_count(file); i++) {
        const char *name = test_file_name(file, i);
        int64_t began_us = clock_mono_us();
        bool has_passed;

        if (!is_chosen(run, path, name))
            continue;
        buf_clear(&why);
        has_passed = test_file_run(file, i, &why);
        test_report_case(&run->report, path, name, has_passed, clock_mono_us() - began_us, &why);
    }
    buf_fini(&why);
}

static void
run_file(struct run *run, const char *path)
{
    struct buf why = BUF_INIT;
    struct test_file *file = test_file_open(path, run->store, &run->options->where, &why);

    if (!file)
        test_report_case(&run->report, path, "the file loads", false, 0, &why);
    else if (test_file_count(file) == 0) {
        buf_appendf(&why, "%s: no case in it: test(\"what it shows\", function(t) ... end)", path);
        test_report_case(&run->report, path, "the file has cases", false, 0, &why);
    } else {
        run_cases(run, file, path);
    }
    test_file_close(file);
    buf_fini(&why);
}

static enum test_result
run_files(const struct test_options *options, char **files, size_t count)
{
    struct run run = {.options = options};
    struct buf why = BUF_INIT;

    if (stage_store_open(&run.store, &why) != 0) {
        fprintf(stderr, "hd1 test: %s", buf_cstr(&why));
        buf_fini(&why);
        return TEST_IMPOSSIBLE;
    }
    test_report_begin(&run.report, options->has_times);
    for (size_t i = 0; i < count; i++)
        run_file(&run, files[i]);
    stage_store_close(run.store);
    test_report_end(&run.report);
    buf_fini(&why);
    if (run.report.passed + run.report.failed == 0) {
        fprintf(stderr, "hd1 test: no case has \"%s\" in its name\n",
                options->filter ? options->filter : "");
        return TEST_IMPOSSIBLE;
    }
    return run.report.failed ? TEST_FAILED : TEST_PASSED;
}

enum test_result
test_run(const struct test_options *options)
{
    enum test_result result = TEST_IMPOSSIBLE;
    struct buf why = BUF_INIT;
    char **files;
    size_t count;

    if (test_find(options->paths, options->path_count, &files, &count, &why) != 0)
        fprintf(stderr, "hd1 test: %s", buf_cstr(&why));
    else if (count == 0)
        fputs("hd1 test: no test found: they are called test_NAME.lua or NAME_test.lua\n", stderr);
    else
        result = run_files(options, files, count);
    for (size_t i = 0; i < count; i++)
        free(files[i]);
    free(files);
    buf_fini(&why);
    return result;
}
