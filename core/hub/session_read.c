/* What others may read of a session: session.h. */
#include "hub/hub_state.h"

#include "hub/smallest.h"
#include "json/json.h"

const char *
session_id(const struct session *session)
{
    return session->id;
}

int64_t
session_seq(const struct session *session)
{
    return session->seq;
}

int64_t
session_committed(const struct session *session)
{
    return session->committed;
}

struct span
session_script(const struct session *session)
{
    return session->script.len ? buf_span(&session->script) : SPAN_NONE;
}

struct span
session_world(const struct session *session)
{
    return buf_span(&session->world);
}

int64_t
session_world_version(const struct session *session)
{
    return session->world_version;
}

struct span
session_camera(const struct session *session)
{
    return session->camera.len ? buf_span(&session->camera) : SPAN_NONE;
}

size_t
session_object_count(const struct session *session)
{
    return session->objects.count;
}

size_t
session_client_count(const struct session *session)
{
    return session->in_count;
}

struct client *
session_next_client(const struct session *session, size_t *pos)
{
    while (*pos < session->member_count) {
        const struct member *member = session->members[(*pos)++];

        if (member->state != MEMBER_JOINING)
            return member->client;
    }
    return NULL;
}

bool
session_has_client(const struct session *session, const struct client *client)
{
    const struct member *member = client_member(client, session);

    return member && member->state != MEMBER_JOINING;
}

struct client *
session_find_client(const struct session *session, struct span id)
{
    struct client *client;
    size_t pos = 0;

    while ((client = session_next_client(session, &pos)))
        if (span_eq(client_id_span(client), id))
            return client;
    return NULL;
}

static int
by_id(const void *a, const void *b)
{
    return strcmp(client_id(*(struct client *const *)a), client_id(*(struct client *const *)b));
}

size_t
session_clients_after(const struct session *session, struct span after, size_t limit,
                      struct client **clients)
{
    struct smallest smallest;
    struct client *client;
    size_t pos = 0, count;

    smallest_init(&smallest, limit, by_id);
    while ((client = session_next_client(session, &pos)))
        if (!after.at || span_cmp(client_id_span(client), after) > 0)
            smallest_add(&smallest, client);
    count = smallest_copy(&smallest, clients);
    smallest_fini(&smallest);
    return count;
}

void
session_append_client(struct buf *out, const struct session *session, const struct client *client)
{
    const struct member *member = client_member(client, session);

    buf_append_str(out, "{\"client_id\":");
    json_append_string(out, span_of(client_id(client)));
    if (member) {
        buf_append_str(out, ",\"joined_ms\":");
        buf_append_int(out, member->joined_ms);
        if (presence_seen(member).at) {
            buf_append_str(out, ",\"presence\":");
            buf_append_span(out, presence_seen(member));
        }
    }
    if (client_info(client).at) {
        buf_append_str(out, ",\"info\":");
        buf_append_span(out, client_info(client));
    }
    buf_append_char(out, '}');
}

void
session_append_detail(struct buf *out, const struct session *session)
{
    buf_appendf(out, "{\"session_id\":\"%s\",\"created_ms\":%lld,\"seq\":%lld", session->id,
                (long long)session->created_ms, (long long)session->seq);
    if (session->is_epoch_kept) /* else it is nobody's yet: a restart would forget it */
        buf_appendf(out, ",\"epoch\":\"%s\"", session->epoch);
    if (session->script.len) {
        buf_append_str(out, ",\"script\":");
        json_append_string(out, buf_span(&session->script));
    }
    buf_append_str(out, ",\"world\":");
    buf_append_span(out, buf_span(&session->world));
    if (session->camera.len) {
        buf_append_str(out, ",\"camera\":");
        buf_append_span(out, buf_span(&session->camera));
    }
    buf_appendf(out, ",\"objects\":%zu,\"clients\":%zu}", session->objects.count,
                session_client_count(session));
}

/* --- objects --- */

const struct object *
session_object(const struct session *session, struct span name)
{
    return table_get(&session->objects, name);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp((*(const struct object *const *)a)->name,
                  (*(const struct object *const *)b)->name);
}

/* Walks them all: no order is kept in memory. */
size_t
session_objects_find(const struct session *session, struct span after, size_t limit,
                     int (*is_match)(void *ctx, const struct object *object), void *ctx,
                     const struct object **objects)
{
    struct smallest smallest;
    size_t pos = 0, count;
    struct span key;
    void *value;
    int taken = 0;

    smallest_init(&smallest, limit, by_name);
    while (taken >= 0 && table_next(&session->objects, &pos, &key, &value)) {
        taken = after.at && span_cmp(key, after) <= 0 ? 0 : is_match ? is_match(ctx, value) : 1;
        if (taken > 0)
            smallest_add(&smallest, value);
    }
    count = taken < 0 ? 0 : smallest_copy(&smallest, objects);
    smallest_fini(&smallest);
    return count;
}

size_t
session_objects_after(const struct session *session, struct span after, size_t limit,
                      const struct object **objects)
{
    return session_objects_find(session, after, limit, NULL, NULL, objects);
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
    return (struct span){object->body, object->body_len};
}

void
object_append(struct buf *out, const struct object *object)
{
    buf_append(out, object->body, object->body_len - 1);
    if (object->body_len > 2)
        buf_append_char(out, ',');
    buf_append_str(out, "\"version\":");
    buf_append_int(out, object->version);
    buf_append_char(out, '}');
}
