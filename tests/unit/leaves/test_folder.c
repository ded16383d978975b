/* Folders are looked into. */
#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void
make_file(const char *folder, const char *name)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static void
remove_file(const char *folder, const char *name)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_int_equal(unlink(path), 0);
}

static void
lua_files_are_listed_by_name(void **state)
{
    static const char *const files[] = {"b.lua", "a.lua", "c.txt", ".lua"};
    char path[] = "/tmp/hd1-folder-XXXXXX";
    struct buf why = BUF_INIT;
    struct folder folder;

    (void)state;
    assert_non_null(mkdtemp(path));
    for (size_t i = 0; i < 4; i++)
        make_file(path, files[i]);
    assert_int_equal(folder_check(path, &why), 0);
    assert_int_equal(why.len, 0);
    folder_init(&folder, path);
    assert_int_equal(folder.count, 2);
    assert_string_equal(folder.names[0], "a");
    assert_string_equal(folder.names[1], "b");
    folder_fini(&folder);
    for (size_t i = 0; i < 4; i++)
        remove_file(path, files[i]);
    rmdir(path);
}

static void
what_is_no_folder_is_empty_and_says_why(void **state)
{
    struct buf why = BUF_INIT;
    struct folder folder;

    (void)state;
    folder_init(&folder, "/nowhere/at/all");
    assert_int_equal(folder.count, 0);
    folder_fini(&folder);
    assert_int_not_equal(folder_check("/nowhere/at/all", &why), 0);
    assert_string_equal(buf_cstr(&why), "there is no folder /nowhere/at/all");
    buf_clear(&why);
    assert_int_not_equal(folder_check("/dev/null", &why), 0);
    assert_string_equal(buf_cstr(&why), "/dev/null is no folder");
    buf_fini(&why);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lua_files_are_listed_by_name),
        cmocka_unit_test(what_is_no_folder_is_empty_and_says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
