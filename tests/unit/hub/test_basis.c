/* What leaves the server waits for all that it rests on, and is dropped if any of it is lost. */
#include "counter.h"
#include "rest.h"
#include "scene.h"

#include "hub/basis.h"
#include "hub/kv.h"

static void
on_hold(void *ctx, bool is_kept)
{
    (void)ctx;
    counter.held += is_kept;
    counter.dropped += !is_kept;
}

static void
hold(const struct basis *basis)
{
    basis_hold(counter.scene->hub, basis, on_hold, NULL);
}

static void
look_into(struct basis *basis, const char *session)
{
    basis_add_session(basis, hub_session(counter.scene->hub, span_of(session)));
}

static void
emit(const char *text)
{
    assert_int_equal(
        hub_emit(counter.scene->hub, counter.plugin, SOURCE_PLUGIN, SPAN("s1"), span_of(text)), 0);
}

static void
what_is_on_disk_is_not_waited_for(void **state)
{
    struct scene *scene = *state;
    struct basis basis = {.space = counter.space};

    scene_settle(scene);
    look_into(&basis, "s1");
    assert_int_equal(basis.count, 0);
    assert_true(basis.has_looked);
    assert_false(basis_is_firm(&basis));
    hold(&basis);
    assert_int_equal(counter.held, 1);
    basis_clear(&basis);
    assert_true(basis_is_firm(&basis) && !basis.has_looked);
    basis_fini(&basis);
}

static void
it_waits_for_every_session_and_what_is_kept(void **state)
{
    struct scene *scene = *state;
    struct rest_answer one = {0}, two = {0};
    struct basis basis = {.space = counter.space};

    counter.reads_only = true;
    scene->is_store_held = 1;
    rest_send(scene, "s1", &one, CREATE("a"));
    scene_round(scene); /* at the writer */
    rest_send(scene, "s2", &two, CREATE("a"));
    counter_put(7);
    hub_kv_settle(scene->hub);
    look_into(&basis, "s1");
    look_into(&basis, "s2");
    look_into(&basis, "s1");
    assert_int_equal(basis.count, 3);
    hold(&basis);
    basis_fini(&basis);
    scene_round(scene);
    assert_int_equal(counter.held + counter.dropped, 0);
    scene->is_store_held = 0;
    assert_string_equal(rest_await(scene, &one), "");
    assert_string_equal(rest_await(scene, &two), "");
    scene_settle(scene);
    assert_int_equal(counter.held, 1);
    rest_fini(&one);
    rest_fini(&two);
}

static void
one_loss_is_enough(void **state)
{
    struct scene *scene = *state;
    struct rest_answer one = {0}, two = {0};
    struct basis basis = {.sessions = NULL};

    counter.reads_only = true;
    scene->is_store_held = 1;
    rest_send(scene, "s1", &one, CREATE("a"));
    scene_round(scene);
    rest_send(scene, "s2", &two, CREATE("a"));
    look_into(&basis, "s1");
    look_into(&basis, "s2");
    hold(&basis);
    basis_fini(&basis);
    scene_fail(scene, STORE_POINT_EVENT, FAULT_CONSTRAINT, 1);
    scene->is_store_held = 0;
    assert_string_equal(rest_await(scene, &one), "storage_unavailable");
    assert_string_equal(rest_await(scene, &two), "");
    assert_int_equal(counter.held, 0);
    assert_int_equal(counter.dropped, 1);
    rest_fini(&one);
    rest_fini(&two);
}

static void
two_may_wait_for_what_was_emitted(void **state)
{
    struct scene *scene = *state;
    struct basis basis = {.has_emitted = true};

    counter.reads_only = true;
    scene->is_store_held = 1;
    hub_emit_mark(scene->hub, &basis.emitted);
    emit(CREATE("a"));
    hold(&basis);
    hold(&basis);
    scene_round(scene);
    scene_round(scene);
    assert_int_equal(counter.held + counter.dropped, 0);
    scene->is_store_held = 0;
    scene_settle(scene);
    assert_int_equal(counter.held, 2);
    scene_fail(scene, STORE_POINT_COMMIT, FAULT_FULL, 1);
    hub_emit_mark(scene->hub, &basis.emitted);
    emit(CREATE("b"));
    hold(&basis);
    hold(&basis);
    scene_settle(scene);
    assert_int_equal(counter.dropped, 2);
}

static void
what_is_kept_meanwhile_is_bounded_with_what_is_emitted(void **state)
{
    struct hub *hub = ((struct scene *)*state)->hub;
    size_t mib = 1024 * 1024;

    assert_int_equal(hub_reserve(hub, 32 * mib), 0);
    assert_int_not_equal(hub_reserve(hub, 1), 0);
    assert_int_not_equal(hub_emit(hub, counter.plugin, SOURCE_PLUGIN, SPAN("s1"), SPAN("{}")), 0);
    hub_give_back(hub, mib);
    assert_int_equal(hub_reserve(hub, mib), 0);
    hub_give_back(hub, 32 * mib);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, counter_setup, counter_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_on_disk_is_not_waited_for),
        TEST(it_waits_for_every_session_and_what_is_kept),
        TEST(one_loss_is_enough),
        TEST(two_may_wait_for_what_was_emitted),
        TEST(what_is_kept_meanwhile_is_bounded_with_what_is_emitted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
