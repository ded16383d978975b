/* See rest_scene.h. */
#include "rest_scene.h"

#include "fake_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scene *scene;

static void
append_words(void *ctx, struct buf *out)
{
    (void)ctx;
    buf_append_str(out, "[{\"name\":\"word\"}]");
}

static bool
is_ready(void *ctx, struct buf *detail)
{
    buf_append_str(detail, "{\"storage\":\"?\"}");
    return ((struct scene *)ctx)->lost_holds == 0;
}

int
scene_setup(void **state)
{
    struct rest_registry registry = {
        .append_plugins = append_words, .append_scripts = append_words, .is_ready = is_ready};

    scene = mem_zalloc(sizeof(*scene));
    registry.ctx = scene;
    registry.web = &scene->web;
    scene->rest = rest_new(NULL, NULL, &registry);
    scene->session.world = "{\"size\":25}";
    scene->version = 9;
    *state = scene;
    return 0;
}

int
scene_teardown(void **state)
{
    (void)state;
    rest_free(scene->rest);
    table_fini(&scene->types.by_name);
    free(scene);
    return 0;
}

void
ask_with(const char *header, const char *value, enum method method, const char *target,
         const char *body)
{
    struct request *request = mem_zalloc(sizeof(*request));
    const char *query = strchr(target, '?');
    int answers = scene->answers;

    request->method = method;
    request->query = query ? query + 1 : NULL;
    snprintf(request->path, sizeof(request->path), "%.*s",
             query ? (int)(query - target) : (int)strlen(target), target);
    request->header = header;
    request->value = value;
    request->body = body;
    scene->headers[0] = '\0';
    scene->said_count = 0;
    rest_handle(scene->rest, request);
    assert_int_equal(scene->answers, answers + 1); /* exactly once */
}

void
ask(enum method method, const char *target, const char *body)
{
    ask_with(NULL, NULL, method, target, body);
}

void
assert_answer(int status, const char *body_part)
{
    if (scene->status != status || (body_part && !strstr(scene->body, body_part)))
        fail_msg("%d %s wanted; got %d %s", status, body_part ? body_part : "", scene->status,
                 scene->body);
}

void
assert_header(const char *line)
{
    if (!strstr(scene->headers, line))
        fail_msg("\"%s\" is not in: %s", line, scene->headers);
}

void
assert_said(size_t index, const char *text)
{
    assert_true(index < scene->said_count);
    assert_string_equal(scene->said[index], text);
}

void
add_object(const char *name, const char *body, int64_t version)
{
    struct object *object = &scene->session.objects[scene->session.object_count++];

    snprintf(object->name, sizeof(object->name), "%s", name);
    snprintf(object->body, sizeof(object->body), "%s", body);
    object->version = version;
}
