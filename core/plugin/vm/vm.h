/*
 * One sandboxed Lua state: a cap on its memory, a budget for each call, and the one function that
 * enters it. Whatever Lua code does inside (fails, loops, allocates, catches its own errors),
 * vm_call() returns. One thread at a time; never nested in itself.
 */
#ifndef HD1_PLUGIN_VM_VM_H
#define HD1_PLUGIN_VM_VM_H

#include "buf.h"
#include "span.h"

#include <lua.h>
#include <stdint.h>

#define VM_MEMORY_DEFAULT (16 * 1024 * 1024)
#define VM_INSTRUCTIONS_DEFAULT 1000000
#define VM_ERROR_MAX 4096 /* bytes of an error's text that are kept */

struct vm;

struct vm_options {
    const char *name;     /* of the plugin or script: its area in the log; copied */
    size_t memory_bytes;  /* 0: VM_MEMORY_DEFAULT */
    int64_t instructions; /* budget of one call; 0: VM_INSTRUCTIONS_DEFAULT */
    const char *lib_path; /* where require looks for NAME.lua; copied; NULL: there is no require */
    bool is_bare;         /* an empty environment: no library at all (configuration files) */
    void *owner;          /* what vm_owner() gives to C functions */
};

/* NULL if the cap is too small even for the libraries. */
struct vm *vm_new(const struct vm_options *options);
/* NULL ok. Not inside vm_call(). */
void vm_free(struct vm *vm);

/*
 * What is done inside protection: may push, call, raise. It starts with an empty stack of
 * LUA_MINSTACK free slots. Holds no malloc across anything that allocates in Lua.
 */
typedef void (*vm_body_fn)(lua_State *L, void *ctx);

/*
 * Runs body under protection, with a fresh budget. 0; HD1_ESCRIPT: Lua raised an error;
 * HD1_EBUDGET: the instructions, the time or the memory were used up. vm_error() then says which
 * and where. The state is usable afterwards. The only place that calls lua_pcall.
 */
int vm_call(struct vm *vm, vm_body_fn body, void *ctx);
/* The same for who has just read clock_mono_us(). */
int vm_call_at(struct vm *vm, vm_body_fn body, void *ctx, int64_t now_us);
/* Text and traceback of the last failure; lent until the next call. */
const char *vm_error(const struct vm *vm);
/* Its first line only: FILE:LINE: what. Lent until the next vm_call() or vm_error_line(). */
const char *vm_error_line(struct vm *vm);

/*
 * A step of garbage collection, well under a millisecond; nothing if all was collected since the
 * last call. For a state that is at rest, and so makes no step by itself. Not inside vm_call().
 */
void vm_tidy(struct vm *vm);
/* Other budgets from the next call on. */
void vm_set_instructions(struct vm *vm, int64_t instructions);
const char *vm_name(const struct vm *vm);
size_t vm_memory(const struct vm *vm);
/* Instructions of the last call, what was charged included; counted in steps of 250 (25 in
 * coroutines). */
int64_t vm_instructions_used(const struct vm *vm);

/* --- for C functions that run inside --- */

struct vm *vm_of(lua_State *L);
void *vm_owner(lua_State *L);
/* A buffer of the VM's own: safe from a longjmp. Whoever uses it clears it first and calls nobody
 * who might use it too. */
struct buf *vm_scratch(lua_State *L);
/* Takes that many instructions off the budget, for work that the count hook does not see. Raises
 * when it, or the call's time, is used up. */
void vm_charge(lua_State *L, int64_t instructions);
/* The same; the error's text ends in where: in what it was used up, and what to do about it. */
void vm_charge_for(lua_State *L, int64_t instructions, const char *where);
/* The same where nothing may raise. False: used up; whoever can raises by vm_charge(L, 0). */
bool vm_spend(lua_State *L, int64_t instructions);
/* Coroutines that L makes between true and false look at the budget often: see vm.c. */
void vm_look_often(lua_State *L, bool is_often);
/* How many instructions are left of it. */
int64_t vm_left(lua_State *L);
/* Has the budget been used up, and is the stack being unwound? */
bool vm_is_over(lua_State *L);
/* Loads NAME as a text chunk and pushes the function [-0, +1]; raises if it cannot. */
void vm_load_file(lua_State *L, const char *path);
/* Takes a reference in the registry to the value on top [-1, +0]; vm_push_ref pushes it [-0, +1].
 */
int vm_ref(lua_State *L);
void vm_push_ref(lua_State *L, int ref);

#endif
