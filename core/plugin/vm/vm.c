/*
 * The Lua state that every plugin and script lives in.
 *
 * The budget (budget.h): a count hook fires every STEP instructions. Once the budget is used up it
 * raises, and is re-armed to fire at every single instruction, so that a plugin which catches the
 * error with its own pcall gets the next one at once, until vm_call() is really left.
 *
 * Making large texts takes long, and so does what can be done with them. Once there is a mebibyte
 * of them, the next instruction looks at the clock; but an allocator does not know which coroutine
 * it works for, so these always look more often.
 *
 * What nobody can look into is a single step of Lua itself: a table that grows while its integer
 * keys are chosen to collide, a cycle of collection over chains of tables with weak keys.
 */
#include "plugin/vm/vm.h"

#include "clock.h"
#include "err.h"
#include "log.h"
#include "plugin/vm/budget.h"
#include "plugin/vm/heap.h"
#include "plugin/vm/lua_json.h"
#include "plugin/vm/sandbox.h"

#include <assert.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#define STEP BUDGET_LOOK  /* instructions between two looks at the budget */
#define COROUTINE_STEP 25 /* in a coroutine */
#define TIDY_CYCLES 3     /* one under way, one that finds what has __gc, one that frees it */

struct vm {
    lua_State *L;
    char *name;
    char *lib_path;
    void *owner;
    struct heap heap;
    struct budget budget;
    int cycles_due; /* of garbage collection, until what the last call left behind is gone */
    bool is_running;
    bool has_grown; /* by HEAP_GROWN since the last look */
    struct buf error;
    struct buf error_line;
    struct buf scratch;
};

struct call {
    vm_body_fn body;
    void *ctx;
};

static void on_count(lua_State *L, lua_Debug *ar);

static void
arm(lua_State *L, int count)
{
    lua_sethook(L, on_count, LUA_MASKCOUNT, count);
}

/* level: of the function whose line is named, 0 for the one that a hook interrupts. where: in what,
 * and what to do about it; or "". */
static void
raise_over(lua_State *L, int level, const char *where)
{
    struct vm *vm = vm_of(L);

    arm(L, 1);
    luaL_where(L, level);
    lua_pushfstring(L, "the budget of %I instructions (or its time) is used up%s%s",
                    (LUAI_UACINT)vm->budget.instructions, *where ? " " : "", where);
    lua_concat(L, 2);
    lua_error(L);
}

/* How often L looks. */
static int
step_of(lua_State *L)
{
    return L == vm_of(L)->L ? STEP : COROUTINE_STEP;
}

/* For heap.c. */
static void
look_soon(lua_State *L)
{
    vm_of(L)->has_grown = true;
    arm(L, 1);
}

static void
on_count(lua_State *L, lua_Debug *ar)
{
    struct vm *vm = vm_of(L);
    int step = step_of(L);
    bool is_left =
        vm->has_grown ? budget_spend(&vm->budget, step) : budget_spend_some(&vm->budget, step);

    (void)ar;
    vm->has_grown = false;
    if (!is_left)
        raise_over(L, 0, "");
    if (lua_gethookcount(L) != step)
        arm(L, step); /* after look_soon(), or of a coroutine left over from a stopped call */
}

void
vm_look_often(lua_State *L, bool is_often)
{
    if (!vm_is_over(L))
        arm(L, is_often ? COROUTINE_STEP : step_of(L));
}

void
vm_charge_for(lua_State *L, int64_t instructions, const char *where)
{
    if (!budget_spend_some(&vm_of(L)->budget, instructions))
        raise_over(L, 1, where);
}

void
vm_charge(lua_State *L, int64_t instructions)
{
    vm_charge_for(L, instructions, "");
}

bool
vm_spend(lua_State *L, int64_t instructions)
{
    return budget_spend_some(&vm_of(L)->budget, instructions);
}

int64_t
vm_left(lua_State *L)
{
    const struct vm *vm = vm_of(L);

    return vm->budget.left > 0 ? vm->budget.left : 0;
}

bool
vm_is_over(lua_State *L)
{
    return vm_of(L)->budget.is_over;
}

/* The message handler: calls no metamethod, since a hook may be what raised, with hooks switched
 * off. */
static int
add_traceback(lua_State *L)
{
    const char *text = lua_isstring(L, 1) ? lua_tostring(L, 1) : NULL;

    if (!text)
        text = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
    luaL_traceback(L, L, text, 1);
    return 1;
}

static int
run_body(lua_State *L)
{
    const struct call *call = lua_touserdata(L, 1);

    lua_settop(L, 0);
    call->body(L, call->ctx);
    return 0;
}

static void
keep_error(struct vm *vm, int status)
{
    size_t len = 0;
    const char *text = NULL;

    if (lua_type(vm->L, -1) == LUA_TSTRING)
        text = lua_tolstring(vm->L, -1, &len);
    buf_clear(&vm->error);
    if (status == LUA_ERRMEM)
        heap_append_refused(&vm->heap, &vm->error);
    else if (text)
        buf_append(&vm->error, text, len < VM_ERROR_MAX ? len : VM_ERROR_MAX);
    else
        buf_append_str(&vm->error, "an error without a text");
    buf_cstr(&vm->error);
}

static void
begin_call(struct vm *vm, int64_t now_us)
{
    assert(!vm->is_running);
    vm->is_running = true;
    vm->cycles_due = TIDY_CYCLES;
    vm->heap.L = vm->L;
    buf_clear(&vm->heap.refused_at);
    budget_begin(&vm->budget, now_us);
}

/* Returns what vm_call() does. */
static int
end_call(struct vm *vm, int status)
{
    bool was_over = vm->budget.is_over;

    if (status != LUA_OK)
        keep_error(vm, status);
    lua_settop(vm->L, 0);
    vm->is_running = false;
    vm->heap.L = NULL;
    vm->budget.is_over = false;
    if (lua_gethookcount(vm->L) != STEP)
        arm(vm->L, STEP);
    if (was_over && status == LUA_OK) {
        buf_clear(&vm->error);
        buf_append_str(&vm->error, "the budget is used up");
        buf_cstr(&vm->error);
    }
    if (status == LUA_ERRMEM)
        lua_gc(vm->L, LUA_GCCOLLECT);
    if (status == LUA_OK)
        return was_over ? HD1_EBUDGET : 0;
    return was_over || status == LUA_ERRMEM ? HD1_EBUDGET : HD1_ESCRIPT;
}

int
vm_call_at(struct vm *vm, vm_body_fn body, void *ctx, int64_t now_us)
{
    struct call call = {body, ctx};

    begin_call(vm, now_us);
    /* Nothing here allocates: light functions, a light pointer, slots that are always there. */
    lua_pushcfunction(vm->L, add_traceback);
    lua_pushcfunction(vm->L, run_body);
    lua_pushlightuserdata(vm->L, &call);
    return end_call(vm, lua_pcall(vm->L, 1, 0, 1));
}

int
vm_call(struct vm *vm, vm_body_fn body, void *ctx)
{
    return vm_call_at(vm, body, ctx, clock_mono_us());
}

void
vm_tidy(struct vm *vm)
{
    assert(!vm->is_running);
    if (vm->cycles_due > 0 && lua_gc(vm->L, LUA_GCSTEP, 0))
        vm->cycles_due--;
}

const char *
vm_error(const struct vm *vm)
{
    return vm->error.data ? vm->error.data : "";
}

const char *
vm_error_line(struct vm *vm)
{
    const char *text = vm_error(vm);

    buf_clear(&vm->error_line);
    buf_append(&vm->error_line, text, strcspn(text, "\n"));
    return buf_cstr(&vm->error_line);
}

void
vm_set_instructions(struct vm *vm, int64_t instructions)
{
    vm->budget.instructions = instructions;
}

const char *
vm_name(const struct vm *vm)
{
    return vm->name;
}

size_t
vm_memory(const struct vm *vm)
{
    return vm->heap.used;
}

int64_t
vm_instructions_used(const struct vm *vm)
{
    return vm->budget.instructions - vm->budget.left;
}

struct vm *
vm_of(lua_State *L)
{
    struct vm *vm;

    memcpy(&vm, lua_getextraspace(L), sizeof(vm)); /* new coroutines get a copy of it */
    return vm;
}

void *
vm_owner(lua_State *L)
{
    return vm_of(L)->owner;
}

struct buf *
vm_scratch(lua_State *L)
{
    return &vm_of(L)->scratch;
}

void
vm_load_file(lua_State *L, const char *path)
{
    if (luaL_loadfilex(L, path, "t") != LUA_OK)
        lua_error(L);
}

int
vm_ref(lua_State *L)
{
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

void
vm_push_ref(lua_State *L, int ref)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
}

/* Reached only by an error outside of vm_call(), which is our own mistake. */
static int
on_panic(lua_State *L)
{
    log_error(vm_of(L)->name, "Lua error outside of protection",
              log_str("error", lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?"));
    return 0; /* Lua aborts */
}

static void
open_all(lua_State *L, void *ctx)
{
    const struct vm_options *options = ctx;

    lua_json_open(L);
    if (!options->is_bare)
        sandbox_open(L, vm_of(L)->lib_path);
}

static void
set_options(struct vm *vm, const struct vm_options *options)
{
    vm->name = mem_strndup(options->name, strlen(options->name));
    if (options->lib_path)
        vm->lib_path = mem_strndup(options->lib_path, strlen(options->lib_path));
    vm->owner = options->owner;
    vm->heap.cap = options->memory_bytes ? options->memory_bytes : VM_MEMORY_DEFAULT;
    vm->budget.instructions =
        options->instructions ? options->instructions : VM_INSTRUCTIONS_DEFAULT;
}

struct vm *
vm_new(const struct vm_options *options)
{
    struct vm *vm = mem_zalloc(sizeof(*vm));

    set_options(vm, options);
    vm->heap.grows = look_soon;
    vm->L = lua_newstate(heap_allocate, &vm->heap);
    if (!vm->L)
        goto fail;
    memcpy(lua_getextraspace(vm->L), &vm, sizeof(vm));
    lua_atpanic(vm->L, on_panic);
    arm(vm->L, STEP);
    if (vm_call(vm, open_all, (void *)options) != 0)
        goto fail;
    return vm;
fail:
    vm_free(vm);
    return NULL;
}

void
vm_free(struct vm *vm)
{
    if (!vm)
        return;
    assert(!vm->is_running);
    if (vm->L)
        lua_close(vm->L);
    heap_fini(&vm->heap);
    buf_fini(&vm->error);
    buf_fini(&vm->error_line);
    buf_fini(&vm->scratch);
    free(vm->name);
    free(vm->lib_path);
    free(vm);
}
