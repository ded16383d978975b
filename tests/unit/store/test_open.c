/* Opening: what is made, what is climbed, what is refused and with which words. */
#include "scene.h"

#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
change(struct scene *scene, const char *sql)
{
    sqlite3 *handle;

    assert_int_equal(sqlite3_open(scene_path(scene, "hd1.db"), &handle), SQLITE_OK);
    if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
    sqlite3_close(handle);
}

static void
overwrite(struct scene *scene, long offset, size_t len, char with)
{
    FILE *file = fopen(scene_path(scene, "hd1.db"), "r+");

    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    while (len--)
        fputc(with, file);
    assert_int_equal(fclose(file), 0);
}

static void
remove_database(struct scene *scene)
{
    scene_close(scene);
    assert_int_equal(unlink(scene_path(scene, "hd1.db")), 0);
}

static void
assert_check(struct scene *scene, int err, const char *text)
{
    struct buf why = BUF_INIT;

    assert_int_equal(store_check(scene->dir, &why), err);
    if (!strstr(buf_cstr(&why), text))
        fail_msg("\"%s\" does not say \"%s\"", buf_cstr(&why), text);
    buf_fini(&why);
}

static void
an_empty_directory_becomes_a_database(void **state)
{
    struct scene *scene = *state;
    struct stat info;

    assert_int_equal(scene_sql(scene, "PRAGMA user_version", 0), 1);
    assert_int_equal(scene_sql(scene, "PRAGMA application_id", 0), 0x48443101);
    assert_int_equal(scene_sql(scene,
                               "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN"
                               " ('sessions', 'epochs', 'objects', 'events', 'clients',"
                               " 'idempotency', 'plugin_kv', 'meta')",
                               0),
                     8);
    assert_int_equal(scene_sql(scene, "SELECT value = '" HD1_VERSION "' FROM meta", 0), 1);
    /* It will hold secrets. */
    assert_int_equal(stat(scene_path(scene, "hd1.db"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void
a_missing_directory_is_made(void **state)
{
    struct scene *scene = *state;
    struct stat info;

    remove_database(scene);
    unlink(scene_path(scene, "hd1.lock"));
    assert_int_equal(rmdir(scene->dir), 0);
    scene_open(scene);
    assert_int_equal(stat(scene->dir, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void
a_directory_that_cannot_be_made_is_named(void **state)
{
    struct scene *scene = *state;

    scene_close(scene);
    scene->options.dir = "/nowhere/at/all";
    scene_refuse(scene, HD1_EIO, "/nowhere/at/all", "cannot make", "No such file");
    scene->options.dir = scene->dir;
}

static void
closing_leaves_one_file_with_everything(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "demo");
    scene_close(scene);
    assert_int_equal(access(scene_path(scene, "hd1.db-wal"), F_OK), -1);
    assert_int_equal(scene_sql(scene, "SELECT count(*) FROM sessions", 0), 1);
    scene_open(scene);
}

static void
a_second_server_is_refused(void **state)
{
    struct scene *scene = *state;
    struct store *mine = scene->store;
    char pid[32];

    snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
    scene_refuse(scene, HD1_ELOCKED, "hd1.lock", pid, "--data");
    scene->store = mine;
}

/* The other process says when it is open, and ends when told. */
static pid_t
open_elsewhere(struct scene *scene, int *told, int *tell)
{
    int up[2], down[2];
    pid_t child;
    char byte;

    assert_int_equal(pipe(up) + pipe(down), 0);
    child = fork();
    if (child == 0) {
        scene_open(scene);
        _exit(write(up[1], "o", 1) == 1 && read(down[0], &byte, 1) == 1 ? 0 : 1);
    }
    close(up[1]);
    close(down[0]);
    assert_int_equal(read(up[0], &byte, 1), 1);
    *told = up[0];
    *tell = down[1];
    return child;
}

static void
the_server_that_owns_the_directory_is_named(void **state)
{
    struct scene *scene = *state;
    char pid[32];
    pid_t child;
    int told, tell;

    scene_close(scene);
    child = open_elsewhere(scene, &told, &tell);
    snprintf(pid, sizeof(pid), "process %ld", (long)child);
    scene_refuse(scene, HD1_ELOCKED, "hd1.lock", pid, "--data");
    assert_int_equal(write(tell, "e", 1), 1);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(told);
    close(tell);
    /* It died without closing: the lock died with it. */
    scene_open(scene);
}

static void
a_newer_database_is_refused(void **state)
{
    struct scene *scene = *state;

    scene_close(scene);
    change(scene, "PRAGMA user_version = 99");
    scene_refuse(scene, HD1_EVERSION, "hd1.db", "99", "newer");
    assert_check(scene, HD1_EVERSION, "newer");
}

static void
a_database_of_another_program_is_refused(void **state)
{
    struct scene *scene = *state;

    scene_close(scene);
    change(scene, "PRAGMA application_id = 7");
    scene_refuse(scene, HD1_EFOREIGN, "hd1.db", "another program", "--data");
    assert_check(scene, HD1_EFOREIGN, "another program");
}

static void
tables_of_somebody_else_are_refused_untouched(void **state)
{
    struct scene *scene = *state;

    remove_database(scene);
    change(scene, "CREATE TABLE sessions (theirs)");
    scene_refuse(scene, HD1_EFOREIGN, "hd1.db", "another program", "--data");
    assert_int_equal(scene_sql(scene, "SELECT count(*) FROM sqlite_schema", 0), 1);
    assert_int_equal(
        scene_sql(scene, "SELECT 1 FROM pragma_journal_mode WHERE journal_mode = 'wal'", 0), -1);
}

static void
a_file_that_is_no_database_is_refused(void **state)
{
    struct scene *scene = *state;

    scene_close(scene);
    overwrite(scene, 0, 4096, 'x');
    scene_refuse(scene, HD1_ECORRUPT, "hd1.db", "not a database", "backup");
    assert_check(scene, HD1_ECORRUPT, "not a database");
}

static void
a_damaged_schema_is_refused(void **state)
{
    struct scene *scene = *state;

    scene_close(scene);
    overwrite(scene, 100, 3996, '\7');
    scene_refuse(scene, HD1_ECORRUPT, "hd1.db", "damaged", "backup");
    assert_check(scene, HD1_ECORRUPT, "damaged");
}

static void
a_missing_table_is_refused(void **state)
{
    struct scene *scene = *state;

    scene_close(scene);
    change(scene, "DROP TABLE events");
    scene_refuse(scene, HD1_ECORRUPT, "hd1.db", "events", "backup");
}

static void
a_header_that_makes_no_sense_is_refused(void **state)
{
    struct scene *scene = *state;

    scene_close(scene);
    change(scene, "PRAGMA user_version = 0");
    scene_refuse(scene, HD1_ECORRUPT, "hd1.db", "form 0", "backup");
}

static void
checking_finds_nothing_in_a_good_database(void **state)
{
    struct scene *scene = *state;

    scene_create(scene, "demo");
    /* Beside a running server. */
    assert_check(scene, 0, "no damage");
    scene_close(scene);
    assert_check(scene, 0, "no damage");
}

static void
checking_finds_damage(void **state)
{
    struct scene *scene = *state;
    int64_t page;

    scene_append(scene, scene_create(scene, "demo"), 1, 50);
    scene_close(scene);
    page = scene_sql(scene, "SELECT rootpage FROM sqlite_schema WHERE name = 'events'", 0);
    overwrite(scene, (long)(page - 1) * 4096, 2048, '\7');
    assert_check(scene, HD1_ECORRUPT, "damaged");
}

static void
checking_wants_a_file(void **state)
{
    struct scene *scene = *state;

    remove_database(scene);
    assert_check(scene, HD1_ENOENT, "hd1.db");
    assert_int_equal(access(scene_path(scene, "hd1.db"), F_OK), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(an_empty_directory_becomes_a_database),
        SCENE_TEST(a_missing_directory_is_made),
        SCENE_TEST(a_directory_that_cannot_be_made_is_named),
        SCENE_TEST(closing_leaves_one_file_with_everything),
        SCENE_TEST(a_second_server_is_refused),
        SCENE_TEST(the_server_that_owns_the_directory_is_named),
        SCENE_TEST(a_newer_database_is_refused),
        SCENE_TEST(a_database_of_another_program_is_refused),
        SCENE_TEST(tables_of_somebody_else_are_refused_untouched),
        SCENE_TEST(a_file_that_is_no_database_is_refused),
        SCENE_TEST(a_damaged_schema_is_refused),
        SCENE_TEST(a_missing_table_is_refused),
        SCENE_TEST(a_header_that_makes_no_sense_is_refused),
        SCENE_TEST(checking_finds_nothing_in_a_good_database),
        SCENE_TEST(checking_finds_damage),
        SCENE_TEST(checking_wants_a_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
