/*
 * host: the functions that the test library in testing/lua is made of. It gets them as an argument;
 * tests themselves do not see them. Here are those about worlds, in test_visit.c those about who
 * comes.
 */
#include "testing/test_state.h"

#include "plugin/api/api.h"
#include "testing/embedded.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <unistd.h>

#define SECONDS_MAX 86400000 /* of one advance, in ms: a day */
#define CHUNK_PREFIX "=hd1:"

struct stage *
test_host_stage(lua_State *L)
{
    const struct test_file *file = vm_owner(L);

    if (!file->stage)
        luaL_error(L, "there is no world: make one by t:world()");
    return file->stage;
}

void
test_host_check_settled(lua_State *L, bool is_settled)
{
    if (!is_settled)
        luaL_error(L, "the world does not come to rest: something causes itself again and again");
}

bool
test_host_has_file(const char *folder, const char *name)
{
    struct buf path = BUF_INIT;
    bool is_there;

    buf_appendf(&path, "%s/%s.lua", folder, name);
    is_there = access(buf_cstr(&path), R_OK) == 0;
    buf_fini(&path);
    return is_there;
}

/* --- worlds --- */

void
test_host_close(struct test_file *file)
{
    stage_free(file->stage);
    file->stage = NULL;
    free(file->clients);
    free(file->sockets);
    file->clients = NULL;
    file->sockets = NULL;
    file->client_count = file->socket_count = 0;
}

/* The folder of the test, if it holds one of the plugins. */
static const char *
plugin_folder(const struct test_file *file, const struct stage_options *options)
{
    for (size_t i = 0; i < options->plugin_count; i++)
        if (test_host_has_file(file->folder, options->plugins[i].name))
            return file->folder;
    return file->paths->plugins;
}

/* The same for a world script. */
static const char *
script_folder(const struct test_file *file, const char *script)
{
    return test_host_has_file(file->folder, script) ? file->folder : file->paths->scripts;
}

/* Is what is beside the test a world script, not a plugin? */
static bool
is_among_scripts(const struct test_file *file)
{
    const char *slash = strrchr(file->folder, '/');

    return strcmp(file->folder, file->paths->scripts) == 0 ||
           strcmp(slash ? slash + 1 : file->folder, "scripts") == 0;
}

/* The list { { NAME, OPTIONS as JSON }, ... } at 1; lent by it, in memory of Lua. [-0, +1] */
static struct plugin_entry *
push_entries(lua_State *L, const struct test_file *file, size_t count)
{
    struct plugin_entry *entries = lua_newuserdatauv(L, (count + 1) * sizeof(*entries), 0);

    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        entries[i] =
            (struct plugin_entry){lua_tostring(L, -2), span_of(lua_tostring(L, -1)), file->path};
        lua_pop(L, 3);
    }
    return entries;
}

/* open(entries, is_configured, script or ""): nil, or why the plugins do not load. */
static int
open_world(lua_State *L)
{
    struct test_file *file = vm_owner(L);
    struct stage_options options = {.plugin_shipped = file->paths->plugins_shipped};

    const char *script = luaL_checkstring(L, 3);

    luaL_checktype(L, 1, LUA_TTABLE);
    test_host_close(file);
    options.plugin_count = lua_rawlen(L, 1);
    options.plugins = push_entries(L, file, options.plugin_count);
    if (lua_toboolean(L, 2)) {
        options.plugins = file->paths->configured;
        options.plugin_count = file->paths->configured_count;
    }
    options.plugin_path = plugin_folder(file, &options);
    options.script_path = script_folder(file, script);
    buf_clear(&file->text);
    file->stage = stage_new(file->store, &options, &file->text);
    if (file->stage)
        return 0;
    lua_pushlstring(L, file->text.data ? file->text.data : "", file->text.len);
    return 1;
}

/* make_session(data as JSON): true; or false, status, code, message. */
static int
make_session(lua_State *L)
{
    struct stage *stage = test_host_stage(L);
    struct refusal refusal;
    struct span data;
    int err;

    data.at = luaL_checklstring(L, 1, &data.len);
    refusal_init(&refusal);
    err = stage_make_session(stage, data, &refusal);
    buf_fini(&refusal.details);
    lua_pushboolean(L, err == 0);
    if (!err)
        return 1;
    lua_pushinteger(L, refusal.status);
    lua_pushstring(L, refusal.code);
    lua_pushstring(L, refusal.message);
    return 4;
}

/* advance(ms) */
static int
advance(lua_State *L)
{
    lua_Integer ms = luaL_checkinteger(L, 1);

    luaL_argcheck(L, ms >= 0 && ms <= SECONDS_MAX, 1, "time goes by 0 to 86400 seconds at once");
    test_host_check_settled(L, stage_advance(test_host_stage(L), ms));
    return 0;
}

static int
now_ms(lua_State *L)
{
    lua_pushinteger(L, stage_unix_ms(test_host_stage(L)));
    return 1;
}

/* failures(): a list of texts; also when the world is gone. */
static int
failures(lua_State *L)
{
    const struct test_file *file = vm_owner(L);
    size_t count = file->stage ? stage_failure_count(file->stage) : 0;

    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushstring(L, stage_failure(file->stage, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int
has_plugin(lua_State *L)
{
    const struct test_file *file = vm_owner(L);
    const char *name = luaL_checkstring(L, 1);

    lua_pushboolean(L, (!is_among_scripts(file) && test_host_has_file(file->folder, name)) ||
                           test_host_has_file(file->paths->plugins, name) ||
                           test_host_has_file(file->paths->plugins_shipped, name));
    return 1;
}

static int
has_script(lua_State *L)
{
    const struct test_file *file = vm_owner(L);
    const char *name = luaL_checkstring(L, 1);

    lua_pushboolean(L, test_host_has_file(script_folder(file, name), name));
    return 1;
}

/* --- where something is --- */

/* where(): FILE:LINE of the innermost function that is not of the library, and whence it was
 * called, if that is elsewhere in the test's file. */
static int
where(lua_State *L)
{
    struct test_file *file = vm_owner(L);
    lua_Debug level;
    int found = 0;

    buf_clear(&file->text);
    for (int i = 1; found < 3 && lua_getstack(L, i, &level); i++) {
        lua_getinfo(L, "Sl", &level);
        if (level.currentline < 1 || level.source[0] != '@')
            continue;
        if (found++ == 0)
            buf_appendf(&file->text, "%s:%d", level.short_src, level.currentline);
        else
            buf_appendf(&file->text, " < :%d", level.currentline);
    }
    if (!found)
        buf_append_str(&file->text, file->path);
    lua_pushlstring(L, file->text.data, file->text.len);
    return 1;
}

static int
traceback(lua_State *L)
{
    luaL_traceback(L, L, NULL, 1);
    return 1;
}

/* part(name, ...): what that chunk of the library returns. */
static int
part(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    int count = lua_gettop(L) - 1;

    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 2);
    test_host_part(L, name, count + 1, 1);
    return 1;
}

static const luaL_Reg functions[] = {
    {"open", open_world},       {"make_session", make_session},
    {"advance", advance},       {"now_ms", now_ms},
    {"failures", failures},     {"has_plugin", has_plugin},
    {"has_script", has_script}, {"where", where},
    {"traceback", traceback},   {NULL, NULL},
};

void
test_host_part(lua_State *L, const char *name, int count, int results)
{
    char file[32], chunk[40];
    struct span text;

    snprintf(file, sizeof(file), "%s.lua", name);
    snprintf(chunk, sizeof(chunk), CHUNK_PREFIX "%s", file);
    text = embedded_text(file);
    if (luaL_loadbufferx(L, text.at, text.len, chunk, "t") != LUA_OK)
        lua_error(L);
    lua_insert(L, -count - 1);
    lua_call(L, count, results);
}

void
test_host_push(lua_State *L)
{
    const struct test_file *file = vm_owner(L);

    luaL_newlib(L, functions);
    luaL_setfuncs(L, test_visit_functions, 0);
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, part, 1);
    lua_setfield(L, -2, "part");
    api_json_push(L);
    lua_setfield(L, -2, "json");
    lua_pushstring(L, file->subject);
    lua_setfield(L, -2, "subject");
}
