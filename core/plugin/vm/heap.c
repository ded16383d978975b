/* The memory of a Lua state. Nothing here allocates in Lua. */
#include "plugin/vm/heap.h"

#include <stdlib.h>
#include <string.h>

#define REFUSED_LEVELS 10 /* of the stack, noted when memory is refused */

static void
note_refused(struct heap *heap)
{
    lua_Debug level;

    buf_clear(&heap->refused_at);
    for (int i = 0; i < REFUSED_LEVELS && lua_getstack(heap->L, i, &level); i++) {
        lua_getinfo(heap->L, "Sl", &level);
        if (level.currentline > 0)
            buf_appendf(&heap->refused_at, "%s:%d\n", level.short_src, level.currentline);
    }
}

static void
note_grown(struct heap *heap, size_t bytes)
{
    heap->grown += bytes;
    if (heap->grown < HEAP_GROWN || !heap->L)
        return;
    heap->grown = 0;
    heap->grows(heap->L);
}

void *
heap_allocate(void *ud, void *old, size_t old_size, size_t size)
{
    struct heap *heap = ud;
    void *block;

    if (!old)
        old_size = 0; /* then it tells the kind of object */
    if (size == 0) {
        free(old);
        heap->used -= old_size;
        return NULL;
    }
    if (size > old_size && size - old_size > heap->cap - heap->used) {
        if (heap->L)
            note_refused(heap);
        return NULL;
    }
    block = old ? realloc(old, size) : malloc(size);
    if (block)
        heap->used += size - old_size;
    if (size >= HEAP_LARGE && size > old_size)
        note_grown(heap, size - old_size);
    return block;
}

void
heap_append_refused(const struct heap *heap, struct buf *out)
{
    struct span at = buf_span(&heap->refused_at);
    const char *end = at.len ? memchr(at.at, '\n', at.len) : NULL;

    if (end) {
        buf_append(out, at.at, (size_t)(end - at.at));
        buf_append_str(out, ": ");
    }
    buf_appendf(out, "not enough memory (cap: %zu bytes)", heap->cap);
    if (end)
        buf_append_str(out, "\nstack traceback:");
    while (end) {
        buf_append_str(out, "\n\t");
        buf_append(out, at.at, (size_t)(end - at.at));
        at = (struct span){end + 1, at.len - (size_t)(end + 1 - at.at)};
        end = at.len ? memchr(at.at, '\n', at.len) : NULL;
    }
}

void
heap_fini(struct heap *heap)
{
    buf_fini(&heap->refused_at);
}
