/*
 * What a plugin keeps goes with the events that caused it. The plugin of these tests counts the
 * objects made: whatever fails, its count is the number of object_created events on disk.
 */
#include "conn.h"
#include "message.h"
#include "rest.h"
#include "scene.h"

#include "hub/kv.h"

#include "err.h"

#include <stdio.h>
#include <stdlib.h>

#define CREATE(name)                                                                               \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"" name "\",\"type\":\"cube\"}}" \
    "}"
#define BYTES_MAX 4096

static struct {
    struct scene *scene;
    struct kv_space *space;
    struct client *plugin;
    bool refuses, reads_only, writes_after, drops_creations;
    int64_t count_seen;
    int held, dropped;
} hook;

static int64_t
count_of(struct kv_space *space)
{
    struct span text = kv_get(space, SPAN("count"));

    return text.at ? strtoll(text.at, NULL, 10) : 0;
}

static int
put_count(int64_t count)
{
    char text[32];

    snprintf(text, sizeof(text), "%lld", (long long)count);
    return kv_put(hook.space, SPAN("count"), span_of(text), BYTES_MAX);
}

static enum verdict
before_event(void *ctx, struct event *event, struct refusal *refusal)
{
    (void)ctx;
    if (hook.drops_creations && strcmp(event->type->name, "session_created") == 0) {
        assert_int_equal(put_count(count_of(hook.space) + 1), 0);
        return VERDICT_DROP;
    }
    if (strcmp(event->type->name, "object_created") != 0)
        return VERDICT_PASS;
    if (!kv_is_ready(hook.space)) {
        refuse(refusal, REFUSE_INTERNAL, "the store is being read");
        return VERDICT_REJECT;
    }
    hook.count_seen = count_of(hook.space);
    if (!hook.reads_only) {
        assert_int_equal(put_count(hook.count_seen + 1), 0);
        assert_int_equal(count_of(hook.space), hook.count_seen + 1);
    }
    if (hook.refuses) {
        refuse(refusal, REFUSE_INVALID_EVENT, "no %lld", (long long)hook.count_seen);
        return VERDICT_REJECT;
    }
    return VERDICT_PASS;
}

static void
after_event(void *ctx, const struct event *event)
{
    (void)ctx;
    if (hook.writes_after && strcmp(event->type->name, "object_created") == 0) {
        assert_int_equal(kv_put(hook.space, SPAN("last"), event->data, BYTES_MAX), 0);
        hub_kv_settle(hook.scene->hub);
    }
}

static void
open_space(void)
{
    struct hub_connection connection = {.kind = CLIENT_LOCAL, .address = "counter"};

    hook.space = hub_kv_open(hook.scene->hub, SPAN("counter"));
    assert_int_equal(hub_kv_await(hook.space, 20000), 0);
    hook.plugin = hub_connect(hook.scene->hub, &connection);
}

static int
setup(void **state)
{
    int status = scene_setup(state);
    struct scene *scene = *state;

    memset(&hook, 0, sizeof(hook));
    hook.scene = scene;
    scene->hooks = (struct hub_hooks){.before_event = before_event, .after_event = after_event};
    scene_create(scene, "s1");
    scene_create(scene, "s2");
    open_space();
    return status;
}

static int
teardown(void **state)
{
    hub_disconnect(hook.scene->hub, hook.plugin);
    return scene_teardown(state);
}

static void
expect_post(const char *session, const char *name, const char *code)
{
    assert_string_equal(
        scene_post(hook.scene, session, NULL,
                   "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"%s\",\"type\":"
                   "\"cube\"}}}",
                   name),
        code);
}

static void
expect_count(int64_t count)
{
    assert_true(kv_is_ready(hook.space));
    assert_int_equal(count_of(hook.space), count);
}

/* The same, as a fresh start finds it. */
static void
expect_count_on_disk(int64_t count)
{
    hub_disconnect(hook.scene->hub, hook.plugin);
    scene_restart(hook.scene);
    open_space();
    expect_count(count);
}

/* --- with the event --- */

static void
writes_are_as_durable_as_their_events(void **state)
{
    (void)state;
    expect_post("s1", "a", "");
    expect_post("s2", "a", "");
    expect_post("s1", "b", "");
    expect_count(3);
    expect_count_on_disk(3);
}

static void
a_refused_event_leaves_nothing(void **state)
{
    (void)state;
    expect_post("s1", "a", "");
    expect_post("s1", "a", "object_exists"); /* the hook had passed it */
    hook.refuses = true;
    expect_post("s1", "b", "invalid_event");
    hook.refuses = false;
    assert_string_equal(scene_post(hook.scene, "s1", NULL, "[" CREATE("c") "," CREATE("a") "]"),
                        "object_exists");
    expect_count(1);
    assert_string_equal(scene_post(hook.scene, "s1", NULL, "[" CREATE("c") "," CREATE("d") "]"),
                        "");
    expect_count_on_disk(3);
}

static void
a_dropped_creation_leaves_its_writes_and_no_session(void **state)
{
    (void)state;
    hook.drops_creations = true;
    for (int i = 0; i < 2; i++) {
        assert_string_equal(scene_post(hook.scene, NULL, NULL,
                                       "{\"type\":\"session_created\",\"data\":{\"session_id\":"
                                       "\"s3\"}}"),
                            "");
        assert_null(hub_session(hook.scene->hub, SPAN("s3")));
    }
    expect_count_on_disk(2);
}

static void
writes_by_themselves_are_committed_too(void **state)
{
    struct span last;

    (void)state;
    hook.writes_after = true;
    expect_post("s1", "a", "");
    scene_settle(hook.scene);
    expect_count_on_disk(1);
    last = kv_get(hook.space, SPAN("last"));
    assert_true(message_is(last, "object.name", "a"));
}

static void
what_was_not_settled_can_be_taken_back(void **state)
{
    struct hub *hub = hook.scene->hub;
    size_t mark;

    (void)state;
    assert_int_equal(put_count(1), 0);
    mark = hub_kv_mark(hub);
    assert_int_equal(put_count(2), 0);
    assert_int_equal(kv_put(hook.space, SPAN("other"), SPAN("{}"), BYTES_MAX), 0);
    assert_int_equal(kv_put(hook.space, SPAN("count"), SPAN_NONE, BYTES_MAX), 0);
    assert_null(kv_get(hook.space, SPAN("count")).at);
    hub_kv_take_back(hub, mark);
    assert_int_equal(count_of(hook.space), 1);
    assert_int_equal(kv_all(hook.space)->count, 1);
    hub_kv_settle(hub);
    expect_count_on_disk(1);
}

static void
a_space_is_bounded(void **state)
{
    static char big[BYTES_MAX];

    (void)state;
    memset(big, '1', sizeof(big));
    assert_int_equal(kv_put(hook.space, SPAN("k"), (struct span){big, BYTES_MAX}, BYTES_MAX),
                     HD1_EFULL);
    assert_int_equal(kv_put(hook.space, SPAN("k"), (struct span){big, BYTES_MAX - 1}, BYTES_MAX),
                     0);
    assert_int_equal(kv_put(hook.space, SPAN("l"), SPAN("1"), BYTES_MAX), HD1_EFULL);
    /* What it replaces makes room. */
    assert_int_equal(kv_put(hook.space, SPAN("k"), (struct span){big, BYTES_MAX - 1}, BYTES_MAX),
                     0);
    assert_int_equal(kv_put(hook.space, SPAN("k"), SPAN_NONE, 0), 0);
    for (int i = 0; i < KV_KEYS_MAX; i++) {
        char key[16];

        snprintf(key, sizeof(key), "%d", i);
        assert_int_equal(kv_put(hook.space, span_of(key), SPAN("1"), SIZE_MAX), 0);
    }
    assert_int_equal(kv_put(hook.space, SPAN("more"), SPAN("1"), SIZE_MAX), HD1_EFULL);
    assert_int_equal(kv_put(hook.space, SPAN("7"), SPAN("2"), SIZE_MAX), 0);
    hub_kv_take_back(hook.scene->hub, 0);
    assert_int_equal(kv_all(hook.space)->count, 0);
}

static void
too_much_at_once_is_busy(void **state)
{
    struct scene *scene = *state;
    static char big[32 * 1024];
    int err = 0, puts = 0;

    hub_disconnect(scene->hub, hook.plugin);
    scene->options.limits.pending_bytes = 1024 * 1024;
    scene_restart(scene);
    open_space();
    memset(big, '1', sizeof(big));
    while (err == 0 && puts++ < 1000)
        err = kv_put(hook.space, SPAN("k"), (struct span){big, sizeof(big)}, SIZE_MAX);
    assert_int_equal(err, HD1_EBUSY);
    hub_kv_settle(scene->hub);
    scene_settle(scene);
    assert_int_equal(kv_put(hook.space, SPAN("k"), SPAN("1"), SIZE_MAX), 0);
}

/* --- failures --- */

static const int codes[] = {FAULT_FULL, FAULT_BUSY, FAULT_IOERR, FAULT_CONSTRAINT, FAULT_CORRUPT};

/* Both sessions in one batch; how often it fails decides who fails. */
static void
memory_is_what_is_on_disk_after_every_failure(void **state)
{
    static const enum store_point points[] = {STORE_POINT_BEGIN, STORE_POINT_EVENT, STORE_POINT_KV,
                                              STORE_POINT_COMMIT, STORE_POINT_COMMITTED};
    struct scene *scene = *state;
    struct rest_answer one = {0}, two = {0};
    int64_t made = 0;

    for (size_t p = 0; p < sizeof(points) / sizeof(*points); p++) {
        for (size_t c = 0; c < sizeof(codes) / sizeof(*codes); c++) {
            for (int times = 1; times <= 3; times++) {
                int n = (int)(p * 100 + c * 10) + times;

                scene_fail(scene, points[p], codes[c], times);
                rest_send(scene, "s1", &one, CREATE("o%d"), n);
                rest_send(scene, "s2", &two, CREATE("o%d"), n);
                made += !*rest_await(scene, &one);
                made += !*rest_await(scene, &two);
                scene_fail(scene, points[p], 0, 0);
                expect_post("s1", "again", "");
                assert_string_equal(scene_post(scene, "s1", NULL,
                                               "{\"type\":\"object_deleted\",\"data\":{"
                                               "\"name\":\"again\"}}"),
                                    "");
                expect_count(++made);
                rest_fini(&one);
                rest_fini(&two);
                one = two = (struct rest_answer){0};
            }
        }
    }
    expect_count_on_disk(made);
}

static void
a_failed_batch_takes_the_writes_of_the_next_one_along(void **state)
{
    struct scene *scene = *state;
    struct rest_answer one = {0}, two = {0}, three = {0};

    scene->is_store_held = 1;
    rest_send(scene, "s1", &one, CREATE("a"));
    scene_round(scene); /* handed over, and held */
    rest_send(scene, "s2", &two, CREATE("a"));
    hook.reads_only = true; /* what it shows may never have been */
    rest_send(scene, "s2", &three, CREATE("b"));
    assert_int_equal(hook.count_seen, 2);
    scene_fail(scene, STORE_POINT_KV, FAULT_FULL, 1);
    scene->is_store_held = 0;
    assert_string_equal(rest_await(scene, &one), "storage_full");
    assert_string_equal(rest_await(scene, &two), "storage_full");
    assert_string_equal(rest_await(scene, &three), "storage_full");
    hook.reads_only = false;
    expect_count(0);
    expect_post("s2", "a", "");
    expect_count_on_disk(1);
}

/* Only the session fails, but its next event had written already. */
static void
a_failed_session_takes_its_writes_along(void **state)
{
    struct scene *scene = *state;
    struct rest_answer one = {0}, two = {0}, other = {0};

    scene->is_store_held = 1;
    rest_send(scene, "s1", &one, "{\"type\":\"world_updated\",\"data\":{\"world\":{\"a\":1}}}");
    scene_round(scene);
    rest_send(scene, "s1", &two, CREATE("a"));
    rest_send(scene, "s2", &other, CREATE("a"));
    scene_fail(scene, STORE_POINT_EVENT, FAULT_CONSTRAINT, 1);
    scene->is_store_held = 0;
    assert_string_equal(rest_await(scene, &one), "storage_unavailable");
    assert_string_equal(rest_await(scene, &two), "storage_unavailable");
    assert_string_equal(rest_await(scene, &other), "storage_unavailable"); /* it counted on s1 */
    expect_count(0);
    expect_post("s2", "a", "");
    expect_count_on_disk(1);
}

static void
after_an_unknown_outcome_the_disk_is_asked(void **state)
{
    struct scene *scene = *state;
    struct rest_answer one = {0};

    expect_post("s1", "a", "");
    scene_fail(scene, STORE_POINT_COMMITTED, FAULT_IOERR, 1);
    scene_fail(scene, STORE_POINT_REOPEN, FAULT_IOERR, 1);
    assert_string_equal(scene_post(scene, "s1", &one, CREATE("b")), "outcome_unknown");
    rest_fini(&one);
    expect_post("s2", "a", "");
    expect_count(3); /* it was there after all */
    expect_count_on_disk(3);
}

static void
a_space_that_cannot_be_read_is_tried_again(void **state)
{
    struct scene *scene = *state;

    expect_post("s1", "a", "");
    scene_fail(scene, STORE_POINT_COMMITTED, FAULT_IOERR, 1);
    scene_fail(scene, STORE_POINT_REOPEN, FAULT_IOERR, 1);
    scene_fail(scene, STORE_POINT_READ, FAULT_IOERR, 20);
    scene_post(scene, "s1", NULL, CREATE("b"));
    assert_false(kv_is_ready(hook.space));
    expect_post("s2", "a", "internal"); /* nothing is counted on a guess */
    scene_fail(scene, STORE_POINT_READ, 0, 0);
    scene_pass(scene, 2000);
    hub_tick(scene->hub);
    scene_settle(scene);
    expect_count(2);
}

/* --- what leaves the server --- */

static void
on_hold(void *ctx, bool is_kept)
{
    (void)ctx;
    hook.held += is_kept;
    hook.dropped += !is_kept;
}

static void
a_refusal_that_may_show_what_is_not_on_disk_waits(void **state)
{
    struct scene *scene = *state;
    struct rest_answer one = {0}, two = {0};

    scene->is_store_held = 1;
    rest_send(scene, "s1", &one, CREATE("a"));
    scene_round(scene);
    hook.refuses = hook.reads_only = true;
    rest_send(scene, "s2", &two, CREATE("a"));
    assert_false(two.is_answered);
    scene_fail(scene, STORE_POINT_KV, FAULT_FULL, 1);
    scene->is_store_held = 0;
    assert_string_equal(rest_await(scene, &one), "storage_full");
    assert_string_equal(rest_await(scene, &two), "storage_full"); /* "no 1" was never true */
    rest_send(scene, "s2", &two, CREATE("a"));
    assert_true(two.is_answered); /* now there is nothing to wait for */
    assert_string_equal(rest_await(scene, &two), "invalid_event");
}

static void
hold_kv_waits_for_what_was_written(void **state)
{
    struct scene *scene = *state;

    hub_hold_kv(hook.space, on_hold, NULL);
    assert_int_equal(hook.held, 1);
    put_count(5);
    hub_kv_settle(scene->hub);
    hub_hold_kv(hook.space, on_hold, NULL);
    assert_int_equal(hook.held, 1);
    scene_settle(scene);
    assert_int_equal(hook.held, 2);
    scene_fail(scene, STORE_POINT_KV, FAULT_FULL, 1);
    put_count(6);
    hub_kv_settle(scene->hub);
    hub_hold_kv(hook.space, on_hold, NULL);
    scene_settle(scene);
    assert_int_equal(hook.dropped, 1);
    expect_count(5);
}

static void
tell(struct conn *conn, const char *text)
{
    struct hub_act act = {.plugin = hook.plugin,
                          .session = hub_session(hook.scene->hub, SPAN("s1")),
                          .client = conn->client,
                          .type = "hint",
                          .data = span_of(text)};

    hub_act(hook.scene->hub, &act);
}

static void
a_message_to_one_waits_for_session_and_store(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s1");
    struct conn *bob = conn_join_quietly(scene, "s1");

    tell(alice, "{\"n\":1}");
    scene_round(scene);
    scene_round(scene);
    struct span hint = conn_expect(alice, "hint");

    assert_int_equal(message_int(hint, "data.n"), 1);
    assert_false(message_has(hint, "seq"));
    put_count(1);
    hub_kv_settle(scene->hub);
    tell(alice, "{\"n\":2}");
    scene->is_store_held = 1;
    scene_round(scene);
    scene_round(scene);
    conn_expect_nothing(alice);
    scene_fail(scene, STORE_POINT_KV, FAULT_FULL, 1);
    scene->is_store_held = 0;
    scene_settle(scene);
    conn_expect_nothing(alice); /* it was never true */
    put_count(1);
    hub_kv_settle(scene->hub);
    tell(alice, "{\"n\":3}");
    scene_settle(scene);
    assert_int_equal(message_int(conn_expect(alice, "hint"), "data.n"), 3);
    conn_expect_nothing(bob);
    conn_close(scene, alice);
    conn_close(scene, bob);
}

static void
who_left_meanwhile_is_told_nothing(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s1");

    tell(alice, "{}");
    conn_send(scene, alice, "{\"type\":\"leave\",\"data\":{\"session_id\":\"s1\"}}");
    scene_settle(scene);
    conn_expect_nothing(alice);
    tell(alice, "{}");
    conn_close(scene, alice);
    scene_settle(scene);
}

static void
a_client_can_be_made_to_leave_or_cut(void **state)
{
    struct scene *scene = *state;
    struct conn *alice = conn_join_quietly(scene, "s1");
    struct hub_act act = {.plugin = hook.plugin,
                          .session = hub_session(scene->hub, SPAN("s1")),
                          .client = alice->client,
                          .type = "error",
                          .data = SPAN("{\"code\":\"kicked\"}"),
                          .is_leaving = true};

    hub_act(scene->hub, &act);
    scene_settle(scene);
    assert_true(message_is(conn_expect(alice, "error"), "data.code", "kicked"));
    assert_int_equal(session_client_count(act.session), 0);
    assert_int_equal(alice->close_code, 0);
    conn_send(scene, alice, "{\"type\":\"join\",\"data\":{\"session_id\":\"s1\"}}");
    scene_settle(scene);
    act.is_leaving = false;
    act.close_code = 4501;
    act.reason = "enough";
    hub_act(scene->hub, &act);
    scene_settle(scene);
    conn_skip_to(alice, "error");
    assert_int_equal(alice->close_code, 4501);
    conn_close(scene, alice);
}

int
main(void)
{
#define KV_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        KV_TEST(writes_are_as_durable_as_their_events),
        KV_TEST(a_refused_event_leaves_nothing),
        KV_TEST(a_dropped_creation_leaves_its_writes_and_no_session),
        KV_TEST(writes_by_themselves_are_committed_too),
        KV_TEST(what_was_not_settled_can_be_taken_back),
        KV_TEST(a_space_is_bounded),
        KV_TEST(too_much_at_once_is_busy),
        KV_TEST(memory_is_what_is_on_disk_after_every_failure),
        KV_TEST(a_failed_batch_takes_the_writes_of_the_next_one_along),
        KV_TEST(a_failed_session_takes_its_writes_along),
        KV_TEST(after_an_unknown_outcome_the_disk_is_asked),
        KV_TEST(a_space_that_cannot_be_read_is_tried_again),
        KV_TEST(a_refusal_that_may_show_what_is_not_on_disk_waits),
        KV_TEST(hold_kv_waits_for_what_was_written),
        KV_TEST(a_message_to_one_waits_for_session_and_store),
        KV_TEST(who_left_meanwhile_is_told_nothing),
        KV_TEST(a_client_can_be_made_to_leave_or_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
