/*
 * A hash table from byte strings to pointers, keyed with SipHash under a random key, because
 * clients choose the names of objects, sessions and types. Leaf; not thread-safe. Keys are
 * borrowed: they must live inside the value or outlive its entry.
 */
#ifndef HD1_TABLE_H
#define HD1_TABLE_H

#include "span.h"

#include <stdint.h>

struct table_slot;

struct table {
    struct table_slot *slots; /* NULL until the first put */
    size_t count;
    size_t cap;  /* a power of two, or 0 */
    size_t dead; /* slots of removed entries, not yet swept */
};

/* A zeroed struct is an empty table. fini frees the slots, not the values. */
void table_fini(struct table *table);
/* The value, or NULL. */
void *table_get(const struct table *table, struct span key);
/* Adds or replaces; returns the value it replaced, or NULL. value must not be NULL. */
void *table_put(struct table *table, struct span key, void *value);
/* Removes; returns what was there, or NULL. */
void *table_del(struct table *table, struct span key);
/*
 * Walks all entries in no order: start with *pos = 0; false at the end. The table must not be
 * changed meanwhile, except by table_del of the entry just returned. key and value may be NULL.
 */
bool table_next(const struct table *table, size_t *pos, struct span *key, void **value);

/* The hash itself (SipHash-1-3 under this process's random key). */
uint64_t table_hash(struct span key);

#endif
