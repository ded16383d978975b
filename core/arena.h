/*
 * An arena: many small allocations that die together (a batch, a page of history). Leaf.
 * Not thread-safe; may be handed from thread to thread.
 */
#ifndef HD1_ARENA_H
#define HD1_ARENA_H

#include "span.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* newest first */
    size_t used;                /* bytes handed out in all */
};

/* A zeroed struct is an empty arena. */
void arena_fini(struct arena *arena);
/* Forgets all allocations and keeps one chunk for reuse. */
void arena_reset(struct arena *arena);
/* Memory aligned for any type, valid until reset or fini; never NULL (aborts). Not zeroed. */
void *arena_alloc(struct arena *arena, size_t size);
/* A copy of the bytes, with a NUL behind that len does not count. */
struct span arena_copy(struct arena *arena, struct span bytes);

#endif
