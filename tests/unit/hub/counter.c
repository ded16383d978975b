/* See counter.h. */
#include "counter.h"

#include "hub/kv.h"
#include "rest.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct counter counter;

int64_t
counter_count(struct kv_space *space)
{
    struct span text = kv_get(space, SPAN("count"));

    return text.at ? strtoll(text.at, NULL, 10) : 0;
}

int
counter_put(int64_t count)
{
    char text[32];

    snprintf(text, sizeof(text), "%lld", (long long)count);
    return kv_put(counter.space, SPAN("count"), span_of(text), BYTES_MAX);
}

static enum verdict
before_event(void *ctx, struct event *event, struct refusal *refusal)
{
    (void)ctx;
    if (counter.drops_creations && strcmp(event->type->name, "session_created") == 0) {
        assert_int_equal(counter_put(counter_count(counter.space) + 1), 0);
        return VERDICT_DROP;
    }
    if (strcmp(event->type->name, "object_created") != 0)
        return VERDICT_PASS;
    if (!kv_is_ready(counter.space)) {
        refuse(refusal, REFUSE_INTERNAL, "the store is being read");
        return VERDICT_REJECT;
    }
    counter.count_seen = counter_count(counter.space);
    if (!counter.reads_only) {
        assert_int_equal(counter_put(counter.count_seen + 1), 0);
        assert_int_equal(counter_count(counter.space), counter.count_seen + 1);
    }
    if (counter.refuses) {
        refuse(refusal, REFUSE_INVALID_EVENT, "no %lld", (long long)counter.count_seen);
        return VERDICT_REJECT;
    }
    return VERDICT_PASS;
}

static void
after_event(void *ctx, const struct event *event)
{
    (void)ctx;
    if (counter.writes_after && strcmp(event->type->name, "object_created") == 0) {
        assert_int_equal(kv_put(counter.space, SPAN("last"), event->data, BYTES_MAX), 0);
        hub_kv_settle(counter.scene->hub);
    }
}

void
counter_open(void)
{
    struct hub_connection connection = {.kind = CLIENT_LOCAL, .address = "counter"};

    counter.space = hub_kv_open(counter.scene->hub, SPAN("counter"));
    assert_int_equal(hub_kv_await(counter.space, 20000), 0);
    counter.plugin = hub_connect(counter.scene->hub, &connection);
}

int
counter_setup(void **state)
{
    int status = scene_setup(state);
    struct scene *scene = *state;

    memset(&counter, 0, sizeof(counter));
    counter.scene = scene;
    scene->hooks = (struct hub_hooks){.before_event = before_event, .after_event = after_event};
    scene_create(scene, "s1");
    scene_create(scene, "s2");
    counter_open();
    return status;
}

int
counter_teardown(void **state)
{
    hub_disconnect(counter.scene->hub, counter.plugin);
    return scene_teardown(state);
}

void
counter_expect_post(const char *session, const char *name, const char *code)
{
    assert_string_equal(
        scene_post(counter.scene, session, NULL,
                   "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"%s\",\"type\":"
                   "\"cube\"}}}",
                   name),
        code);
}

void
counter_expect(int64_t count)
{
    assert_true(kv_is_ready(counter.space));
    assert_int_equal(counter_count(counter.space), count);
}

void
counter_expect_on_disk(int64_t count)
{
    hub_disconnect(counter.scene->hub, counter.plugin);
    scene_restart(counter.scene);
    counter_open();
    counter_expect(count);
}
