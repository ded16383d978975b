/*
 * The memory of a Lua state: a cap, and who asked for more. Lua calls no message handler for want
 * of memory, so the stack is noted by the allocator itself.
 */
#ifndef HD1_PLUGIN_VM_HEAP_H
#define HD1_PLUGIN_VM_HEAP_H

#include "buf.h"

#include <lua.h>

#define HEAP_GROWN (1024 * 1024)
#define HEAP_LARGE (64 * 1024)

struct heap {
    lua_State *L; /* borrowed; NULL: nothing is noted, nobody is told */
    size_t used, cap;
    size_t grown; /* bytes of large blocks since grows was called last */
    /* Called when HEAP_GROWN bytes were got in large blocks, inside of lua_Alloc. */
    void (*grows)(lua_State *L);
    struct buf refused_at; /* FILE:LINE per level, where more was last asked for */
};

/* A lua_Alloc; ud is the heap. */
void *heap_allocate(void *ud, void *old, size_t old_size, size_t size);
/* Appends what is to be said of it as an error: place, cap, traceback. */
void heap_append_refused(const struct heap *heap, struct buf *out);
void heap_fini(struct heap *heap);

#endif
