/* The configuration file: Lua in an empty environment; what it returns leaves as JSON. */
#include "plugin/vm/config_lua.h"

#include "err.h"
#include "plugin/vm/lua_json.h"
#include "plugin/vm/vm.h"

#include <errno.h>
#include <unistd.h>

#define CONFIG_BYTES_MAX (4 * 1024 * 1024)

struct run {
    const char *file;
    struct buf *out;
    int err;
    char why[LUA_JSON_WHY_MAX];
};

static void
run_file(lua_State *L, void *ctx)
{
    struct lua_json_options options = {.bytes_max = CONFIG_BYTES_MAX, .is_mixed = true};
    struct run *run = ctx;

    vm_load_file(L, run->file);
    lua_call(L, 0, 1);
    run->err = lua_json_append(L, -1, &options, run->out, run->why);
}

int
config_lua_run(const char *file, struct buf *out, struct buf *why)
{
    struct vm_options options = {.name = "config", .is_bare = true};
    struct run run = {.file = file, .out = out};
    size_t start = out->len;
    struct vm *vm;
    int err;

    if (access(file, R_OK) != 0) {
        buf_appendf(why, "%s: %s", file, strerror(errno));
        return HD1_ENOENT;
    }
    vm = vm_new(&options);
    if (!vm)
        return HD1_ENOMEM;
    err = vm_call(vm, run_file, &run);
    if (err) {
        if (!strstr(vm_error_line(vm), file))
            buf_appendf(why, "%s: ", file);
        buf_append_str(why, vm_error_line(vm));
        err = HD1_ESCRIPT;
    } else if (run.err) {
        buf_appendf(why, "%s: what it returns cannot be a configuration: %s", file, run.why);
        err = HD1_EINVAL;
    } else if (out->data[start] != '{') {
        buf_appendf(why, "%s: must return a table of options", file);
        err = HD1_EINVAL;
    }
    if (err)
        out->len = start;
    vm_free(vm);
    return err;
}
