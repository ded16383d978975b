/* require("json_schema"): PATH/lib/json_schema.lua, once per state, and nothing else. */
#include "folder.h"
#include "plugin/vm/sandbox.h"
#include "plugin/vm/vm.h"
#include "suggest.h"

#include <errno.h>
#include <lauxlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_MAX_BYTES 64
#define SHOWN_MAX 20 /* names of libraries in a message */

static bool
is_library_name(const char *name, size_t len)
{
    return len > 0 && len <= NAME_MAX_BYTES &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

/* Appends the names of those that are there. */
static void
append_names(struct buf *out, const struct folder *folder, const char *name)
{
    const char *comma;
    struct suggest suggest;

    suggest_init(&suggest, span_of(name));
    for (size_t i = 0; i < folder->count; i++)
        suggest_try(&suggest, folder->names[i]);
    comma = suggest.best ? " There are " : "; there are ";
    if (suggest.best)
        buf_appendf(out, "; did you mean %s?", suggest.best);
    if (folder->count == 0)
        buf_append_str(out, "; there are none");
    for (size_t i = 0; i < folder->count && i < SHOWN_MAX; i++, comma = ", ")
        buf_appendf(out, "%s%s", comma, folder->names[i]);
    if (folder->count > SHOWN_MAX)
        buf_append_str(out, ", ...");
}

static void
append_missing(struct buf *out, const char *path, const char *name)
{
    struct folder folder;
    size_t start;

    buf_appendf(out, "there is no library '%s', for ", name);
    start = out->len - strlen(", for ");
    if (folder_check(path, out) != 0)
        return;
    out->len = start;
    buf_appendf(out, " in %s", path);
    folder_init(&folder, path);
    append_names(out, &folder, name);
    folder_fini(&folder);
}

/* Raises, with the place of who requires it, if the file is not there. */
static void
check_file(lua_State *L, const char *folder, const char *name, const char *path)
{
    struct buf *why = vm_scratch(L);

    if (access(path, R_OK) == 0)
        return;
    buf_clear(why);
    if (errno == ENOENT)
        append_missing(why, folder, name);
    else
        buf_appendf(why, "library '%s': cannot read %s: %s", name, path, strerror(errno));
    luaL_error(L, "%s", buf_cstr(why));
}

/* Upvalues: 1 the folder, 2 the table of what was loaded; false in it: being loaded. */
static int
require(lua_State *L)
{
    size_t len;
    const char *name = luaL_checklstring(L, 1, &len), *folder, *path;

    luaL_argcheck(L, strlen(name) == len && is_library_name(name, len), 1,
                  "a library's name is [a-z0-9_]{1,64}");
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, lua_upvalueindex(2)) == LUA_TBOOLEAN && !lua_toboolean(L, -1))
        return luaL_error(L, "library '%s' requires itself, or failed before", name);
    if (!lua_isnil(L, -1))
        return 1;
    folder = lua_tostring(L, lua_upvalueindex(1));
    path = lua_pushfstring(L, "%s/%s.lua", folder, name);
    check_file(L, folder, name, path);
    lua_pushvalue(L, 1);
    lua_pushboolean(L, 0);
    lua_rawset(L, lua_upvalueindex(2));
    vm_load_file(L, path);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1))
        luaL_error(L, "library '%s' returns nothing", name);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, lua_upvalueindex(2));
    return 1;
}

void
require_preload(lua_State *L, const char *name)
{
    lua_getglobal(L, "require");
    lua_getupvalue(L, -1, 2);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, name);
    lua_pop(L, 3);
}

void
require_open(lua_State *L, const char *lib_path)
{
    lua_pushstring(L, lib_path);
    lua_newtable(L);
    lua_pushcclosure(L, require, 2);
    lua_setglobal(L, "require");
}
