/* A file of tests: its state made, its cases listed and run. */
#include "testing/test_state.h"

#include "err.h"
#include "plugin/vm/sandbox.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <unistd.h>

#define MEMORY_BYTES (256 * 1024 * 1024)
#define INSTRUCTIONS 200000000 /* of loading, and of each case */

bool
test_file_subject(const char *path, struct span *name)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t len = strlen(base);

    if (len <= 9 || strcmp(base + len - 4, ".lua") != 0)
        return false;
    len -= 4;
    if (strncmp(base, "test_", 5) == 0)
        *name = (struct span){base + 5, len - 5};
    else if (strncmp(base + len - 5, "_test", 5) == 0)
        *name = (struct span){base, len - 5};
    else
        return false;
    return true;
}

static void
set_names(struct test_file *file, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct span subject = SPAN("");

    test_file_subject(path, &subject);
    file->path = mem_strndup(path, strlen(path));
    file->folder = slash ? mem_strndup(path, (size_t)(slash - path)) : mem_strndup(".", 1);
    file->subject = mem_strndup(subject.at, subject.len);
}

/* What require() finds besides "test": the libraries of the plugins. */
static void
append_lib_path(const struct test_file *file, struct buf *lib)
{
    const char *const folders[] = {file->folder, file->paths->plugins,
                                   file->paths->plugins_shipped};

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        buf_clear(lib);
        buf_appendf(lib, "%s/lib", folders[i]);
        if (access(buf_cstr(lib), F_OK) == 0)
            return;
    }
}

static void
load_body(lua_State *L, void *ctx)
{
    struct test_file *file = ctx;

    test_host_push(L);
    test_host_part(L, "test", 1, 3);
    file->name_ref = vm_ref(L);
    file->run_ref = vm_ref(L);
    require_preload(L, "test");
    vm_load_file(L, file->path);
    lua_call(L, 0, 0);
}

static void
list_body(lua_State *L, void *ctx)
{
    struct test_file *file = ctx;

    for (bool is_there = true; is_there; lua_settop(L, 0)) {
        vm_push_ref(L, file->name_ref);
        lua_pushinteger(L, (lua_Integer)file->count + 1);
        lua_call(L, 1, 1);
        is_there = lua_type(L, -1) == LUA_TSTRING && file->count < TEST_CASES_MAX;
        if (!is_there)
            continue;
        file->names = mem_realloc(file->names, (file->count + 1) * sizeof(*file->names));
        file->names[file->count++] = mem_strndup(lua_tostring(L, -1), lua_rawlen(L, -1));
    }
}

struct test_file *
test_file_open(const char *path, struct stage_store *store, const struct test_paths *paths,
               struct buf *why)
{
    struct test_file *file = mem_zalloc(sizeof(*file));
    struct buf lib = BUF_INIT;
    struct vm_options vm = {
        .name = "test", .memory_bytes = MEMORY_BYTES, .instructions = INSTRUCTIONS, .owner = file};
    int err;

    file->store = store;
    file->paths = paths;
    set_names(file, path);
    append_lib_path(file, &lib);
    vm.lib_path = buf_cstr(&lib);
    file->vm = vm_new(&vm);
    buf_fini(&lib);
    err = file->vm ? vm_call(file->vm, load_body, file) : HD1_ENOMEM;
    if (!err)
        err = vm_call(file->vm, list_body, file);
    if (!err)
        return file;
    buf_append_str(why, file->vm ? vm_error(file->vm) : "no memory for a Lua state");
    test_file_close(file);
    return NULL;
}

void
test_file_close(struct test_file *file)
{
    if (!file)
        return;
    test_host_close(file);
    vm_free(file->vm);
    for (size_t i = 0; i < file->count; i++)
        free(file->names[i]);
    free(file->names);
    buf_fini(&file->text);
    stage_answer_fini(&file->answer);
    free(file->path);
    free(file->folder);
    free(file->subject);
    free(file);
}

size_t
test_file_count(const struct test_file *file)
{
    return file->count;
}

const char *
test_file_name(const struct test_file *file, size_t index)
{
    return file->names[index];
}

struct running {
    struct test_file *file;
    size_t index;
    struct buf *why;
    bool has_passed;
};

static void
run_body(lua_State *L, void *ctx)
{
    struct running *running = ctx;

    vm_push_ref(L, running->file->run_ref);
    lua_pushinteger(L, (lua_Integer)running->index + 1);
    lua_call(L, 1, 1);
    running->has_passed = lua_isnil(L, -1);
    if (!running->has_passed)
        buf_append_str(running->why, luaL_tolstring(L, -1, NULL));
}

bool
test_file_run(struct test_file *file, size_t index, struct buf *why)
{
    struct running running = {file, index, why, false};

    if (vm_call(file->vm, run_body, &running) != 0) {
        running.has_passed = false;
        buf_appendf(why, "%s: the case was stopped: %s", file->path, vm_error(file->vm));
    }
    test_host_close(file);
    return running.has_passed;
}
