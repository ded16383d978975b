/* Chunks that grow from 4 to 64 KiB; what would waste much of one gets its own. */
#include "arena.h"

#include "buf.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#define CHUNK_MIN ((size_t)4096)
#define CHUNK_MAX ((size_t)65536)
#define LARGE_MIN (CHUNK_MAX / 4)
#define ALIGNMENT alignof(max_align_t)

struct arena_chunk {
    struct arena_chunk *older;
    size_t size; /* of data */
    size_t used;
    max_align_t data[];
};

static struct arena_chunk *
chunk_new(size_t size)
{
    struct arena_chunk *chunk;

    /* A size near SIZE_MAX would wrap here; the failing malloc of SIZE_MAX says so. */
    size_t total = size > SIZE_MAX - sizeof(*chunk) ? SIZE_MAX : sizeof(*chunk) + size;
    chunk = mem_alloc(total);
    chunk->older = NULL;
    chunk->size = size;
    chunk->used = 0;
    return chunk;
}

static void
free_chunks(struct arena_chunk *chunk)
{
    while (chunk) {
        struct arena_chunk *older = chunk->older;

        free(chunk);
        chunk = older;
    }
}

/* Large ones go behind the newest, whose free rest stays in use. */
static struct arena_chunk *
add_large(struct arena *arena, size_t size)
{
    struct arena_chunk *chunk = chunk_new(size);

    if (arena->chunks) {
        chunk->older = arena->chunks->older;
        arena->chunks->older = chunk;
    } else {
        arena->chunks = chunk;
    }
    return chunk;
}

static struct arena_chunk *
add_chunk(struct arena *arena, size_t least)
{
    size_t size = arena->chunks ? arena->chunks->size * 2 : CHUNK_MIN;
    struct arena_chunk *chunk;

    while (size < least)
        size *= 2;
    chunk = chunk_new(size < CHUNK_MAX ? size : CHUNK_MAX);
    chunk->older = arena->chunks;
    arena->chunks = chunk;
    return chunk;
}

static struct arena_chunk *
chunk_with_room(struct arena *arena, size_t size)
{
    struct arena_chunk *newest = arena->chunks;

    if (newest && newest->size - newest->used >= size)
        return newest;
    return size > LARGE_MIN ? add_large(arena, size) : add_chunk(arena, size);
}

void
arena_fini(struct arena *arena)
{
    free_chunks(arena->chunks);
    *arena = (struct arena){0};
}

void
arena_reset(struct arena *arena)
{
    struct arena_chunk *kept = arena->chunks;

    arena->used = 0;
    if (!kept)
        return;
    free_chunks(kept->older);
    kept->older = NULL;
    kept->used = 0;
    if (kept->size > CHUNK_MAX)
        arena_fini(arena);
}

void *
arena_alloc(struct arena *arena, size_t size)
{
    struct arena_chunk *chunk;
    void *memory;

    if (size <= SIZE_MAX - ALIGNMENT)
        size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    chunk = chunk_with_room(arena, size);
    memory = (char *)chunk->data + chunk->used;
    chunk->used += size;
    arena->used += size;
    return memory;
}

struct span
arena_copy(struct arena *arena, struct span bytes)
{
    char *copy = arena_alloc(arena, bytes.len + 1);

    if (bytes.len > 0)
        memcpy(copy, bytes.at, bytes.len);
    copy[bytes.len] = '\0';
    return (struct span){copy, bytes.len};
}
