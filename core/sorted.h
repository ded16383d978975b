/*
 * A map from byte strings to byte strings, in memcmp's order of the keys: a skip list. Leaf; not
 * thread-safe. It owns copies of both. Finding, setting and removing take time logarithmic in the
 * number of keys; walking goes from key to key.
 */
#ifndef HD1_SORTED_H
#define HD1_SORTED_H

#include "span.h"

#include <stdint.h>

#define SORTED_LEVELS 12

struct sorted_node;

struct sorted {
    struct sorted_node *heads[SORTED_LEVELS];
    size_t count;
    size_t bytes;    /* of all keys and values */
    uint64_t random; /* of the levels */
};

/* A zeroed struct is an empty map. Legal on one. */
void sorted_fini(struct sorted *map);
/* The value, lent until it is changed; SPAN_NONE if there is none. */
struct span sorted_get(const struct sorted *map, struct span key);
/* Adds or replaces. value.at must not be NULL. */
void sorted_set(struct sorted *map, struct span key, struct span value);
/* Removes; false if there was none. */
bool sorted_remove(struct sorted *map, struct span key);
/*
 * The first entry with a key >= from (is_after: > from), then the one behind each. NULL at the end.
 * Lent until the map changes.
 */
const struct sorted_node *sorted_from(const struct sorted *map, struct span from, bool is_after);
const struct sorted_node *sorted_next(const struct sorted_node *node);
struct span sorted_key(const struct sorted_node *node);
struct span sorted_value(const struct sorted_node *node);

#endif
