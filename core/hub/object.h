/*
 * An object of a world: its name, its version, its properties as compact JSON text. Private to
 * hub/; others read objects through session.h.
 */
#ifndef HD1_HUB_OBJECT_H
#define HD1_HUB_OBJECT_H

#include "buf.h"
#include "hub/refusal.h"
#include "idgen.h"
#include "span.h"

#include <stdbool.h>
#include <stdint.h>

#define OBJECT_BYTES_MAX (32 * 1024)

struct object {
    struct object *next_dirty; /* in the session's list of rows not yet written */
    int64_t dirty_seq;         /* the first change its row does not hold; 0: the row holds all */
    int64_t dirty_ms;          /* when that was, monotonic */
    int64_t version;
    int64_t time_ms; /* of its last change, by the client's clock, clamped to ours */
    char *body;      /* compact JSON object; owned */
    uint32_t body_len;
    bool is_deleted; /* only its row is still to go */
    char *writer;    /* who changed it last, where conflicts go by time; or NULL; owned */
    char name[];     /* NUL-terminated */
};

struct object *object_new(struct span name);
void object_free(struct object *object);

/*
 * The body of a new object: the properties proposed, compact, without `version` and without nulls.
 * 0, or HD1_ETOOBIG with a refusal.
 */
int object_body_create(struct span proposed, struct buf *body, struct refusal *refusal);
/* The body after a change: top-level properties replace, null removes, name and version stay. */
int object_body_update(struct span old, struct span change, struct buf *body,
                       struct refusal *refusal);

#endif
