/* Where an event becomes a row. The order is batch.h's: create, epoch, events, objects, columns,
 * deletion. part_find() below knows the same rows: change both together. */
#include "store/part.h"

#define SESSION_DELETED 1

static bool
has_columns(const struct batch_part *part)
{
    return part->world.at || part->camera.at || part->script.at || part->objects_seq >= 0;
}

/* An update of a session that is not there is as wrong as an event of one. */
static int
require_change(struct db *db, int rc)
{
    return rc == SQLITE_OK && sqlite3_changes(db->handle) == 0 ? SQLITE_CONSTRAINT : rc;
}

static int
write_create(struct db *db, const struct env *env, const struct batch_part *part)
{
    struct query query;
    int rc = env_fault(env, STORE_POINT_SESSION);

    if (rc != SQLITE_OK)
        return rc;
    query = query_start(db, STMT_SESSION_CREATE);
    query_int(&query, part->session);
    query_text(&query, part->create->id);
    query_int(&query, part->create->created_ms);
    query_text(&query, part->create->world);
    query_text(&query, part->create->script);
    return query_run(&query);
}

static int
write_epoch(struct db *db, const struct env *env, const struct batch_part *part)
{
    struct query query;
    int rc = env_fault(env, STORE_POINT_SESSION);

    if (rc != SQLITE_OK)
        return rc;
    query = query_start(db, STMT_EPOCH_ADD);
    query_int(&query, part->session);
    query_text(&query, part->epoch);
    query_int(&query, part->epoch_first_seq);
    return query_run(&query);
}

static int
write_event(struct db *db, const struct env *env, int64_t session, const struct batch_event *event)
{
    struct query query;
    int rc = env_fault(env, STORE_POINT_EVENT);

    if (rc != SQLITE_OK)
        return rc;
    query = query_start(db, STMT_EVENT_ADD);
    query_int(&query, session);
    query_int(&query, event->seq);
    query_int(&query, event->time_ms);
    query_text(&query, event->type);
    query_text(&query, event->client_id);
    query_int(&query, event->client_msg_id);
    query_text(&query, event->body);
    return query_run(&query);
}

static int
write_object(struct db *db, const struct env *env, int64_t session,
             const struct batch_object *object)
{
    struct query query;
    int rc = env_fault(env, STORE_POINT_OBJECT);

    if (rc != SQLITE_OK)
        return rc;
    query = query_start(db, object->body.at ? STMT_OBJECT_PUT : STMT_OBJECT_DELETE);
    query_int(&query, session);
    query_text(&query, object->name);
    if (object->body.at) {
        query_int(&query, object->version);
        query_int(&query, object->time_ms);
        query_text(&query, object->body);
        query_text(&query, object->writer);
    }
    return query_run(&query);
}

static int
write_columns(struct db *db, const struct env *env, const struct batch_part *part)
{
    struct query query;
    int rc = env_fault(env, STORE_POINT_SESSION);

    if (rc != SQLITE_OK)
        return rc;
    query = query_start(db, STMT_SESSION_UPDATE);
    query_int(&query, part->session);
    query_text(&query, part->world);
    query_text(&query, part->camera);
    query_text(&query, part->script);
    query_int(&query, part->objects_seq);
    query_int(&query, part->world_version);
    return require_change(db, query_run(&query));
}

static int
write_deletion(struct db *db, const struct env *env, const struct batch_part *part)
{
    struct query query;
    int rc = env_fault(env, STORE_POINT_SESSION);

    if (rc != SQLITE_OK)
        return rc;
    query = query_start(db, STMT_SESSION_MARK_DELETED);
    query_int(&query, part->session);
    return require_change(db, query_run(&query));
}

int
part_write(struct db *db, const struct env *env, const struct batch_part *part)
{
    int rc = SQLITE_OK;

    if (part->create)
        rc = write_create(db, env, part);
    if (rc == SQLITE_OK && part->epoch.at)
        rc = write_epoch(db, env, part);
    for (const struct batch_event *event = part->events; event && rc == SQLITE_OK;
         event = event->next)
        rc = write_event(db, env, part->session, event);
    for (const struct batch_object *object = part->objects; object && rc == SQLITE_OK;
         object = object->next)
        rc = write_object(db, env, part->session, object);
    if (rc == SQLITE_OK && has_columns(part))
        rc = write_columns(db, env, part);
    if (rc == SQLITE_OK && part->is_deletion)
        rc = write_deletion(db, env, part);
    return rc;
}

/* "Unchanged" agrees with everything. */
static bool
agrees(struct span wanted, struct span found)
{
    return !wanted.at || span_eq(wanted, found);
}

static int
find_event(struct db *db, int64_t session, const struct batch_event *event, bool *is_there)
{
    struct query query = query_start(db, STMT_EVENT_FIND);

    query_int(&query, session);
    query_int(&query, event->seq);
    *is_there = query_row(&query) && query_col_int(&query, 0) == event->time_ms &&
                span_eq(query_col_text(&query, 1), event->type) &&
                span_eq(query_col_text(&query, 2), event->client_id) &&
                query_col_int(&query, 3) == event->client_msg_id &&
                span_eq(query_col_text(&query, 4), event->body);
    return query_end(&query);
}

/* Its columns, and with them whether it was created and deleted. */
static int
find_session(struct db *db, const struct batch_part *part, bool *is_there)
{
    struct query query = query_start(db, STMT_SESSION_BY_KEY);
    bool has_row;

    query_int(&query, part->session);
    has_row = query_row(&query);
    if (part->is_deletion) {
        /* No row: maintenance was quick. It purges only what was marked. */
        *is_there = !has_row || query_col_int(&query, 0) == SESSION_DELETED;
    } else {
        *is_there = has_row &&
                    (part->objects_seq < 0 || query_col_int(&query, 1) == part->objects_seq) &&
                    agrees(part->world, query_col_text(&query, 2)) &&
                    agrees(part->camera, query_col_text(&query, 3)) &&
                    agrees(part->script, query_col_text(&query, 4));
    }
    return query_end(&query);
}

static int
find_epoch(struct db *db, const struct batch_part *part, bool *is_there)
{
    struct query query = query_start(db, STMT_EPOCH_FIND);

    query_int(&query, part->session);
    query_text(&query, part->epoch);
    *is_there = query_row(&query) && query_col_int(&query, 0) == part->epoch_first_seq;
    return query_end(&query);
}

static int
find_object(struct db *db, int64_t session, const struct batch_object *object, bool *is_there)
{
    struct query query = query_start(db, STMT_OBJECT_FIND);
    bool has_row;

    query_int(&query, session);
    query_text(&query, object->name);
    has_row = query_row(&query);
    *is_there = object->body.at ? has_row && query_col_int(&query, 0) == object->version &&
                                      query_col_int(&query, 1) == object->time_ms &&
                                      span_eq(query_col_text(&query, 2), object->body)
                                : !has_row;
    return query_end(&query);
}

int
part_find(struct db *db, const struct batch_part *part, bool *is_there)
{
    int rc;

    *is_there = true;
    /* A deleted session may have lost its events again. */
    if (part->last_event && !part->is_deletion)
        return find_event(db, part->session, part->last_event, is_there);
    rc = find_session(db, part, is_there);
    if (part->is_deletion)
        return rc;
    if (rc == SQLITE_OK && *is_there && part->epoch.at)
        rc = find_epoch(db, part, is_there);
    for (const struct batch_object *object = part->objects; object && rc == SQLITE_OK && *is_there;
         object = object->next)
        rc = find_object(db, part->session, object, is_there);
    return rc;
}
