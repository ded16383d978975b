/* The session below REST, with the objects that the test has put in. */
#include "fake_request.h"
#include "rest_scene.h"

#include <string.h>

const char *
session_epoch_of(const struct session *session, int64_t version)
{
    (void)session;
    (void)version;
    return "abc";
}

struct span
session_world(const struct session *session)
{
    return span_of(session->world);
}

int64_t
session_world_version(const struct session *session)
{
    (void)session;
    return 3;
}

struct span
session_camera(const struct session *session)
{
    return span_of(session->camera);
}

size_t
session_client_count(const struct session *session)
{
    (void)session;
    return 1;
}

struct client *
session_next_client(const struct session *session, size_t *pos)
{
    (void)session;
    return (*pos)++ == 0 ? &caller : NULL;
}

const char *
client_id(const struct client *client)
{
    (void)client;
    return "client-1";
}

void
session_append_client(struct buf *out, const struct session *session, const struct client *client)
{
    (void)session;
    buf_appendf(out, "{\"client_id\":\"%s\"}", client_id(client));
}

void
session_append_detail(struct buf *out, const struct session *session)
{
    (void)session;
    buf_append_str(out, "{\"id\":\"demo\"}");
}

const struct object *
session_object(const struct session *session, struct span name)
{
    for (size_t i = 0; i < session->object_count; i++)
        if (span_is(name, session->objects[i].name))
            return &session->objects[i];
    return NULL;
}

size_t
session_objects_after(const struct session *session, struct span after, size_t limit,
                      const struct object **objects)
{
    size_t count = 0;

    for (size_t i = 0; i < session->object_count && count < limit; i++)
        if (span_cmp(span_of(session->objects[i].name), after) > 0)
            objects[count++] = &session->objects[i];
    return count;
}

const char *
object_name(const struct object *object)
{
    return object->name;
}

int64_t
object_version(const struct object *object)
{
    return object->version;
}

struct span
object_body(const struct object *object)
{
    return span_of(object->body);
}

void
object_append(struct buf *out, const struct object *object)
{
    buf_appendf(out, "%.*s,\"version\":%lld}", (int)strlen(object->body) - 1, object->body,
                (long long)object->version);
}
