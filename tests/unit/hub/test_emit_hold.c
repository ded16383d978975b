/* An answer waits for what was emitted with it, as a plugin's route does. */
#include "rest.h"
#include "scene.h"

#include <stdio.h>

static struct {
    struct scene *scene;
    struct client *plugin;
    struct hub_emit_mark mark;
    int kept, lost;
} act;

static int
setup(void **state)
{
    struct hub_connection connection = {.kind = CLIENT_LOCAL, .address = "game"};
    int status = scene_setup(state);

    memset(&act, 0, sizeof(act));
    act.scene = *state;
    scene_create(act.scene, "s");
    act.plugin = hub_connect(act.scene->hub, &connection);
    return status;
}

static int
teardown(void **state)
{
    hub_disconnect(act.scene->hub, act.plugin);
    return scene_teardown(state);
}

static void
emit(const char *name)
{
    char text[160];
    int len = snprintf(text, sizeof(text),
                       "{\"type\":\"object_created\",\"data\":{\"session_id\":\"s\",\"object\":{"
                       "\"name\":\"%s\",\"type\":\"cube\"}}}",
                       name);

    assert_int_equal(hub_emit(act.scene->hub, act.plugin, SOURCE_PLUGIN, SPAN("s"),
                              (struct span){text, (size_t)len}),
                     0);
}

static void
on_end(void *ctx, bool is_kept)
{
    (void)ctx;
    *(is_kept ? &act.kept : &act.lost) += 1;
}

static void
hold(void)
{
    hub_hold_emitted(act.scene->hub, &act.mark, on_end, NULL);
}

static void
what_emitted_nothing_does_not_wait(void **state)
{
    (void)state;
    emit("before");
    hub_emit_mark(act.scene->hub, &act.mark);
    hold();
    assert_int_equal(act.kept, 1);
    scene_settle(act.scene);
    assert_int_equal(act.kept + act.lost, 1);
}

static void
it_waits_until_all_is_on_disk(void **state)
{
    (void)state;
    act.scene->is_store_held = 1;
    hub_emit_mark(act.scene->hub, &act.mark);
    emit("a");
    emit("b");
    hold();
    scene_round(act.scene);
    scene_round(act.scene);
    assert_int_equal(act.kept + act.lost, 0);
    act.scene->is_store_held = 0;
    scene_settle(act.scene);
    assert_int_equal(act.kept, 1);
    assert_int_equal(act.lost, 0);
}

/* Refused, it has ended as an event may; what is lost has not ended. */
static void
a_refusal_is_an_end_and_a_failed_commit_is_none(void **state)
{
    (void)state;
    emit("a");
    scene_settle(act.scene);
    hub_emit_mark(act.scene->hub, &act.mark);
    emit("a");
    hold();
    scene_settle(act.scene);
    assert_int_equal(act.kept, 1);

    scene_fail(act.scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    hub_emit_mark(act.scene->hub, &act.mark);
    emit("b");
    emit("a");
    hold();
    scene_settle(act.scene);
    assert_int_equal(act.kept, 1);
    assert_int_equal(act.lost, 1);
}

static void
what_is_taken_back_is_lost(void **state)
{
    (void)state;
    hub_emit_mark(act.scene->hub, &act.mark);
    emit("a");
    hold();
    hub_emit_take_back(act.scene->hub, &act.mark);
    assert_int_equal(act.lost, 1);
    scene_settle(act.scene);
    assert_int_equal(act.kept + act.lost, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_emitted_nothing_does_not_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(it_waits_until_all_is_on_disk, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refusal_is_an_end_and_a_failed_commit_is_none, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_taken_back_is_lost, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
