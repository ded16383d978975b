/* For tests of one Lua state: makes one, and runs texts in it. Defines everything here: one test,
 * one file. */
#ifndef HD1_TESTS_VM_TEST_H
#define HD1_TESTS_VM_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "err.h"
#include "plugin/vm/vm.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

/* memory_bytes 0: as plugins have it. */
static inline struct vm *
make_vm(size_t memory_bytes)
{
    struct vm_options options = {.name = "test", .memory_bytes = memory_bytes};
    struct vm *vm = vm_new(&options);

    assert_non_null(vm);
    return vm;
}

static inline int
vm_setup(void **state)
{
    *state = make_vm(0);
    return 0;
}

static inline int
vm_teardown(void **state)
{
    vm_free(*state);
    return 0;
}

struct chunk {
    const char *text;
    char result[256]; /* what it returned, as text */
};

static inline void
run_chunk(lua_State *L, void *ctx)
{
    struct chunk *chunk = ctx;

    if (luaL_loadbufferx(L, chunk->text, strlen(chunk->text), "=chunk", "t") != LUA_OK)
        lua_error(L);
    lua_call(L, 0, 1);
    snprintf(chunk->result, sizeof(chunk->result), "%s", luaL_tolstring(L, -1, NULL));
}

/* What vm_call() says; the result of the last run is in *result, if given. */
static inline int
run_text(struct vm *vm, const char *text, char result[256])
{
    struct chunk chunk = {.text = text};
    int err = vm_call(vm, run_chunk, &chunk);

    if (result)
        memcpy(result, chunk.result, sizeof(chunk.result));
    return err;
}

/* The text must run and return something that reads like this. */
static inline void
expect_result(struct vm *vm, const char *text, const char *expected)
{
    char result[256];
    int err = run_text(vm, text, result);

    if (err)
        fail_msg("%s: %s", text, vm_error(vm));
    assert_string_equal(result, expected);
}

#endif
