/* What a before_event hook does besides its answer waits for what becomes of the event. */
#include "rest.h"
#include "scene.h"

#include <string.h>

static struct {
    struct scene *scene;
    struct client *plugin;
    bool is_on_disk;
    int kept, lost;
} hook;

static void
on_end(void *ctx, bool is_kept)
{
    (void)ctx;
    *(is_kept ? &hook.kept : &hook.lost) += 1;
}

static enum verdict
before_event(void *ctx, struct event *event, struct refusal *refusal)
{
    (void)ctx;
    hub_hold_accepted(hook.scene->hub, hook.plugin, hook.is_on_disk, on_end, NULL);
    if (strcmp(event->type->name, "object_deleted") != 0)
        return VERDICT_PASS;
    refuse(refusal, REFUSE_FORBIDDEN, "nothing is deleted here");
    return VERDICT_REJECT;
}

static int
setup(void **state)
{
    struct hub_connection connection = {.kind = CLIENT_LOCAL, .address = "game"};
    int status = scene_setup(state);

    memset(&hook, 0, sizeof(hook));
    hook.scene = *state;
    scene_create(hook.scene, "s");
    hook.plugin = hub_connect(hook.scene->hub, &connection);
    hook.scene->hooks.before_event = before_event;
    return status;
}

static int
teardown(void **state)
{
    hub_disconnect(hook.scene->hub, hook.plugin);
    return scene_teardown(state);
}

#define CREATE(name)                                                                               \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"" name "\",\"type\":\"cube\"}}" \
    "}"
#define DELETE(name) "{\"type\":\"object_deleted\",\"data\":{\"name\":\"" name "\"}}"
#define MOVE(name)                                                                                 \
    "{\"type\":\"object_moved\",\"data\":{\"name\":\"" name "\",\"x\":1,\"y\":2,\"z\":3}}"

static void
expect(int kept, int lost)
{
    assert_int_equal(hook.kept, kept);
    assert_int_equal(hook.lost, lost);
}

static void
a_refusal_is_told_at_once(void **state)
{
    (void)state;
    assert_string_equal(scene_post(hook.scene, "s", NULL, CREATE("a")), "");
    expect(1, 0);
    assert_string_equal(scene_post(hook.scene, "s", NULL, DELETE("a")), "forbidden");
    expect(1, 1);
    assert_string_equal(scene_post(hook.scene, "s", NULL, CREATE("a")), "object_exists");
    expect(1, 2);
    assert_string_equal(
        scene_post(hook.scene, "s", NULL, "[" CREATE("b") "," CREATE("a") "," CREATE("c") "]"),
        "object_exists");
    expect(1, 4); /* the third was not asked for */
}

/* The store is held: what is accepted does not get to the disk. */
static void
it_waits_for_the_disk_if_it_is_to(void **state)
{
    struct scene *scene = *state;
    struct rest_answer one = {0}, two = {0}, three = {0};

    scene->is_store_held = 1;
    rest_send(scene, "s", &one, CREATE("a"));
    expect(0, 0); /* the end of the round */
    scene_round(scene);
    expect(1, 0);
    hook.is_on_disk = true;
    rest_send(scene, "s", &two, CREATE("b"));
    scene_round(scene);
    scene_round(scene);
    expect(1, 0);
    rest_send(scene, "s", &three, MOVE("a")); /* volatile: but its session is not on disk */
    scene_round(scene);
    expect(1, 0);
    scene->is_store_held = 0;
    assert_string_equal(rest_await(scene, &one), "");
    assert_string_equal(rest_await(scene, &two), "");
    assert_string_equal(rest_await(scene, &three), "");
    scene_settle(scene);
    expect(3, 0);
    rest_fini(&one);
    rest_fini(&two);
    rest_fini(&three);
}

static void
what_is_not_committed_is_lost(void **state)
{
    struct scene *scene = *state;

    hook.is_on_disk = true;
    scene_fail(scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    assert_string_equal(scene_post(scene, "s", NULL, CREATE("a")), "storage_full");
    expect(0, 1);
    scene_create(scene, "new");
    expect(1, 1);
    scene_fail(scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    assert_string_equal(
        scene_post(scene, NULL, NULL,
                   "{\"type\":\"session_created\",\"data\":{\"session_id\":\"newer\"}}"),
        "storage_full");
    expect(1, 2);
    assert_string_equal(
        scene_post(scene, "new", NULL, "{\"type\":\"session_deleted\",\"data\":{}}"), "");
    expect(2, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_refusal_is_told_at_once),
        TEST(it_waits_for_the_disk_if_it_is_to),
        TEST(what_is_not_committed_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
