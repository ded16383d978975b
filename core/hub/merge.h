/* Members of one JSON object put over those of another: a change, a patch. Private to hub/. */
#ifndef HD1_HUB_MERGE_H
#define HD1_HUB_MERGE_H

#include "buf.h"
#include "span.h"

#include <stdbool.h>

struct merge_rules {
    bool is_null_removal; /* null removes a member; else it is a value like others */
    bool is_compact;      /* values of `over` are written without white space; else as they are */
    const char *inner;    /* a member of this name merges if both are objects; or NULL */
    bool (*may_change)(struct span key); /* which members of `over` count; NULL: all */
};

/*
 * Appends base with the members of over put over it, in base's order, new ones behind; what is kept
 * of base is kept byte for byte. Both are checked JSON objects. Time is linear in their bytes.
 */
void merge(struct buf *out, struct span base, struct span over, const struct merge_rules *rules);

/* A change of free properties: values compact, null removes. For worlds. */
void merge_change(struct buf *out, struct span base, struct span over);

#endif
