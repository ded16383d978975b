/*
 * A session in memory: one world, its objects, its camera, the people in it, its ring. Loaded from
 * the store when first needed, evicted when idle. This header is what REST, plugins and scripts may
 * read; how it changes is in apply_*.c, only through hub_receive().
 *
 * Invariant 3: the memory state = the committed state + the pending events applied in order.
 * Whoever shows it to somebody outside must hold the answer until hub_hold() says the state is
 * committed.
 *
 * Hub thread only. Everything lent is valid until the hub runs again.
 */
#ifndef HD1_HUB_SESSION_H
#define HD1_HUB_SESSION_H

#include "buf.h"
#include "span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct hub;
struct session;
struct object;

const char *session_id(const struct session *session);
/* The epoch in which that version was written, for ETags; "" if before all that are known. */
const char *session_epoch_of(const struct session *session, int64_t version);
int64_t session_seq(const struct session *session);        /* last applied */
int64_t session_committed(const struct session *session);  /* last that is on disk */
struct span session_script(const struct session *session); /* SPAN_NONE if none */
/* The world's properties, a JSON object; {} if nothing was said. */
struct span session_world(const struct session *session);
/* seq of the last change of the world, for its ETag. */
int64_t session_world_version(const struct session *session);
/* The newest camera, {"position":..,"target":..}, or SPAN_NONE. */
struct span session_camera(const struct session *session);
size_t session_object_count(const struct session *session);
size_t session_client_count(const struct session *session);

/* NULL if there is none of that name. */
const struct object *session_object(const struct session *session, struct span name);
/* Up to limit objects with name > after (SPAN_NONE: from the start), in the order of their names.
 */
size_t session_objects_after(const struct session *session, struct span after, size_t limit,
                             const struct object **objects);
const char *object_name(const struct object *object);
int64_t object_version(const struct object *object);
/* Compact JSON without `version`. */
struct span object_body(const struct object *object);
/* Appends the body with "version":N as its last member: what clients see. */
void object_append(struct buf *out, const struct object *object);

/*
 * Like session_objects_after(), for those that match: `is_match` is called in no order for each
 * object whose name is above `after`, calls nothing of the hub and answers 1 (take it), 0 (do not),
 * or -1: end here; then the result is 0 and *objects unspecified.
 */
size_t session_objects_find(const struct session *session, struct span after, size_t limit,
                            int (*is_match)(void *ctx, const struct object *object), void *ctx,
                            const struct object **objects);
/* Up to limit clients in the session with id > after, by id. */
size_t session_clients_after(const struct session *session, struct span after, size_t limit,
                             struct client **clients);
/* The member of that id, or NULL. */
struct client *session_find_client(const struct session *session, struct span id);
bool session_has_client(const struct session *session, const struct client *client);

/*
 * The sessions in which a client is joined, of those that are loaded: start with *pos = 0; NULL at
 * the end. Costs by their number alone, however many others there are. If clients join or leave
 * meanwhile, one may be missed or come twice.
 */
struct session *session_next_joined(const struct hub *hub, size_t *pos);
/* How many, those included that are being read again after a failure. */
size_t session_joined_count(const struct hub *hub);
/* Another one each time the session gets its first client; 0: nobody is joined. */
uint64_t session_joined_number(const struct session *session);

/* Clients in the session: start with *pos = 0; NULL at the end. */
struct client *session_next_client(const struct session *session, size_t *pos);
/* Appends a client's presence entry: {"client_id":..,"joined_ms":..,"presence":{..},"info":{..}}.
 */
void session_append_client(struct buf *out, const struct session *session,
                           const struct client *client);

/* Appends what GET /api/sessions/{id} shows: id, created_ms, seq, epoch, script, world, counts. */
void session_append_detail(struct buf *out, const struct session *session);

#endif
