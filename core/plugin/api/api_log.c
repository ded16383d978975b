/*
 * hd1.log.debug|info|warn|error(message, fields?): a line under the plugin's name. fields: up to 8
 * names with strings, numbers or booleans. Above debug at most LINES_PER_SECOND, since remote
 * clients may cause them; what was kept back is counted in the next line.
 */
#include "plugin/api/api.h"

#include "log.h"
#include "plugin/plugin_state.h"

#include <lauxlib.h>

#define LINES_PER_SECOND 20
#define FIELDS_MAX 8
#define MESSAGE_MAX 1024

static bool
may_log(struct plugin *plugin, enum log_level level)
{
    int64_t second = plugins_mono_ms(plugin->all) / 1000;

    if (!log_is_on(level))
        return false;
    if (level == LOG_DEBUG)
        return true;
    if (second != plugin->log_second) {
        plugin->log_second = second;
        plugin->log_lines = 0;
    }
    if (plugin->log_lines++ < LINES_PER_SECOND)
        return true;
    plugin->log_suppressed++;
    return false;
}

/* One more field from the value on top; anything but a scalar is named by its type. [-0, +0] */
static struct log_field
make_field(lua_State *L, const char *key)
{
    struct span text;

    if (lua_isinteger(L, -1))
        return log_int(key, lua_tointeger(L, -1));
    if (lua_isboolean(L, -1))
        return log_str(key, lua_toboolean(L, -1) ? "true" : "false");
    if (!lua_isstring(L, -1))
        return log_str(key, luaL_typename(L, -1));
    text.at = lua_tolstring(L, -1, &text.len); /* of a number: converts in place, in the stack */
    return log_span(key, text);
}

/* Leaves what the fields lend on the stack. [-0, +2 per field] */
static void
read_fields(lua_State *L, int arg, struct log_field fields[FIELDS_MAX])
{
    int count = 0;

    luaL_checktype(L, arg, LUA_TTABLE);
    luaL_checkstack(L, FIELDS_MAX * 2 + 4, "log fields");
    lua_pushnil(L);
    while (lua_next(L, arg)) {
        luaL_argcheck(L, lua_type(L, -2) == LUA_TSTRING, arg, "names of fields must be strings");
        luaL_argcheck(L, count < FIELDS_MAX, arg, "too many fields");
        fields[count++] = make_field(L, lua_tostring(L, -2));
        lua_pushvalue(L, -2);
    }
}

static int
write_line(lua_State *L, enum log_level level)
{
    struct plugin *plugin = vm_owner(L);
    struct log_field f[FIELDS_MAX + 1];
    size_t len;
    const char *message = luaL_checklstring(L, 1, &len);
    int suppressed = plugin->log_suppressed;

    for (int i = 0; i <= FIELDS_MAX; i++)
        f[i] = LOG_END;
    if (!lua_isnoneornil(L, 2))
        read_fields(L, 2, f);
    if (!may_log(plugin, level))
        return 0;
    if (len > MESSAGE_MAX)
        message = lua_pushlstring(L, message, MESSAGE_MAX);
    if (suppressed > 0 && level != LOG_DEBUG) {
        log_warn(plugin->name, "log lines were kept back", log_int("lines", suppressed));
        plugin->log_suppressed = 0;
    }
    log_write(level, plugin->name, message, f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8]);
    return 0;
}

static int
log_at_debug(lua_State *L)
{
    return write_line(L, LOG_DEBUG);
}

static int
log_at_info(lua_State *L)
{
    return write_line(L, LOG_INFO);
}

static int
log_at_warn(lua_State *L)
{
    return write_line(L, LOG_WARN);
}

static int
log_at_error(lua_State *L)
{
    return write_line(L, LOG_ERROR);
}

static const luaL_Reg functions[] = {
    {"debug", log_at_debug}, {"info", log_at_info}, {"warn", log_at_warn},
    {"error", log_at_error}, {NULL, NULL},
};

void
api_log_push(lua_State *L)
{
    luaL_newlib(L, functions);
}
