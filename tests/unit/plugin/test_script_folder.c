/* The folder of world scripts: described, and checked without a hub. */
#include "plugin/stage.h"

#include "plugin/folder.h"
#include "plugin/script/script.h"

#include <string.h>

static void
the_folder_is_described_and_checked(void **state)
{
    struct stage *stage = *state;
    struct buf out = BUF_INIT, why = BUF_INIT;

    stage_write(stage, WORLD);
    folder_write(stage->path, "empty.lua", "");
    folder_write(stage->path, "notes.txt", "-- no script");
    scripts_describe(stage->scripts, &out);
    assert_string_equal(buf_cstr(&out), "[{\"name\":\"empty\",\"doc\":\"\"},"
                                        "{\"name\":\"world\",\"doc\":\"A world.\"}]");
    assert_int_equal(scripts_check(stage->scripts, &why), 0);
    folder_write(stage->path, "bad.lua", "\nworld{ x = nothing() }");
    assert_int_not_equal(scripts_check(stage->scripts, &why), 0);
    assert_non_null(strstr(buf_cstr(&why), "/bad.lua:2: "));
    buf_fini(&out);
    buf_fini(&why);
}

static void
a_check_needs_no_hub(void **state)
{
    struct stage *stage = *state;
    struct scripts *dry = scripts_new(stage->path, NULL);
    struct buf why = BUF_INIT;

    stage_write(stage, WORLD "every(1, print) session.move(\"a\", { x = session.clients })");
    assert_int_equal(scripts_check(dry, &why), 0);
    stage_write(stage, "object{ name = 'o', type = 'cube' }\n"
                       "assert(session.update('o', { x = 1 }))\n"
                       "assert(session.move('o', { x = 2 }))\n"
                       "assert(session.emit('object_deleted', { name = 'o' }))\n");
    if (scripts_check(dry, &why) != 0)
        fail_msg("%s", buf_cstr(&why));
    scripts_free(dry);
    dry = scripts_new("/nowhere/at/all", NULL);
    assert_int_not_equal(scripts_check(dry, &why), 0);
    scripts_free(dry);
    buf_fini(&why);
}

static void
the_shipped_scripts_check(void **state)
{
    struct scripts *dry = scripts_new(HD1_SOURCE_DIR "/scripts", NULL);
    struct buf why = BUF_INIT;

    (void)state;
    if (scripts_check(dry, &why) != 0)
        fail_msg("%s", buf_cstr(&why));
    scripts_free(dry);
    buf_fini(&why);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_folder_is_described_and_checked),
        TEST(a_check_needs_no_hub),
        cmocka_unit_test(the_shipped_scripts_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
