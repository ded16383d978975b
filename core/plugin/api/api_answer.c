/*
 * What a before-hook may answer: hd1.reject{code=, message=, status=422, details=,
 * retry_after_ms=, headers=}, hd1.patch{members}, hd1.replace(data), hd1.drop(). All is checked
 * where it is made, so that an error names the plugin's line.
 */
#include "plugin/api/api.h"

#include "hub/event.h"
#include "plugin/api/box.h"
#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"
#include "utf8.h"
#include "json/json.h"

#include <lauxlib.h>
#include <stdlib.h>

#define NAME "hd1.answer"

enum { JSON_TEXT = 1, HEADERS_TEXT = 2 }; /* user values */

struct answer *
api_answer_push(lua_State *L, int kind, bool has_text)
{
    struct answer *answer = lua_newuserdatauv(L, sizeof(*answer), 2);

    memset(answer, 0, sizeof(*answer));
    answer->kind = (enum answer_kind)kind;
    luaL_setmetatable(L, NAME);
    if (has_text) {
        lua_insert(L, -2);
        lua_setiuservalue(L, -2, JSON_TEXT);
    }
    return answer;
}

bool
api_is_answer(lua_State *L, int index)
{
    return luaL_testudata(L, index, NAME) != NULL;
}

/* Pushes the object at arg as JSON text [-0, +1]. */
static struct span
push_object_text(lua_State *L, int arg, const char *what)
{
    struct span text;

    luaL_checktype(L, arg, LUA_TTABLE);
    text = lua_json_encode(L, arg, LUA_JSON_BYTES_MAX);
    if (text.at[0] != '{')
        luaL_error(L, "%s must be an object", what);
    text.at = lua_pushlstring(L, text.at, text.len);
    if (json_check(text, NULL, NULL) != 0)
        luaL_error(L, "%s has too many members", what);
    return text;
}

static void
set_code(lua_State *L, struct answer *answer, const char *code, size_t len)
{
    luaL_argcheck(L, code && len > 0 && len <= 40, 1, "code must be a string of 1 to 40");
    for (size_t i = 0; i < len; i++)
        luaL_argcheck(L,
                      (code[i] >= 'a' && code[i] <= 'z') || (code[i] >= '0' && code[i] <= '9') ||
                          code[i] == '_',
                      1, "code must be of [a-z0-9_]");
    memcpy(answer->code, code, len);
}

/* Cuts at a whole character; what is not UTF-8 becomes '?'. */
static void
set_message(struct answer *answer, const char *text, size_t len)
{
    const char *at = text, *end = text + len;
    size_t used = 0;

    while (at < end) {
        size_t n = utf8_len(at, end);

        if (used + (n ? n : 1) >= sizeof(answer->message))
            break;
        if (n == 0 || *at == '\0')
            answer->message[used++] = '?';
        else
            memcpy(answer->message + used, at, n);
        used += n && *at != '\0' ? n : 0;
        at += n ? n : 1;
    }
}

/* Pushes details as JSON text, if there are any, and says whether. [-0, +0|1] */
static bool
push_details(lua_State *L)
{
    lua_getfield(L, 1, "details");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return false;
    }
    luaL_argcheck(L, lua_istable(L, -1), 1, "details must be a table");
    push_object_text(L, lua_gettop(L), "details");
    lua_remove(L, -2);
    return true;
}

/* Keeps the headers with the answer on top. [-0, +0] */
static void
set_headers(lua_State *L)
{
    if (lua_getfield(L, 1, "headers") != LUA_TNIL) {
        luaL_argcheck(L, lua_istable(L, -1), 1, "headers must be a table");
        api_headers_push(L, lua_gettop(L));
        lua_setiuservalue(L, -3, HEADERS_TEXT);
    }
    lua_pop(L, 1);
}

static int
make_reject(lua_State *L)
{
    static const char *const known[] = {"code",           "message", "status", "details",
                                        "retry_after_ms", "headers", NULL};
    struct answer *answer;
    const char *code, *message;
    size_t code_len, message_len;

    api_check_keys(L, 1, known);
    lua_settop(L, 1);
    code = api_string_field(L, 1, "code", &code_len);
    message = api_string_field(L, 1, "message", &message_len);
    answer = api_answer_push(L, ANSWER_REJECT, push_details(L));
    set_headers(L);
    set_code(L, answer, code, code_len);
    set_message(answer, message ? message : code, message ? message_len : code_len);
    answer->status = (int)api_integer_field(L, 1, "status", 422);
    answer->retry_after_ms = api_integer_field(L, 1, "retry_after_ms", 0);
    luaL_argcheck(L, answer->status >= 400 && answer->status <= 599, 1, "status must be 400..599");
    luaL_argcheck(L, answer->retry_after_ms >= 0, 1, "retry_after_ms must not be negative");
    return 1;
}

static int
make_patch(lua_State *L)
{
    struct span members = push_object_text(L, 1, "a patch");

    luaL_argcheck(L, !json_member(members, "session_id", NULL), 1, "session_id cannot be changed");
    api_answer_push(L, ANSWER_PATCH, true);
    return 1;
}

/* Pushes {"session_id":ID, before the members of text. [-0, +1] */
static struct span
push_with_session_id(lua_State *L, struct span text, struct span id)
{
    luaL_Buffer out;

    luaL_buffinit(L, &out);
    luaL_addstring(&out, "{\"session_id\":");
    luaL_addlstring(&out, id.at, id.len);
    if (text.at[1] != '}')
        luaL_addchar(&out, ',');
    luaL_addlstring(&out, text.at + 1, text.len - 1);
    luaL_pushresult(&out);
    text.at = lua_tolstring(L, -1, &text.len);
    return text;
}

/* hd1.replace(data): session_id stays what it was. */
static int
make_replace(lua_State *L)
{
    const struct plugin *plugin = vm_owner(L);
    struct span text, old, id;

    if (!plugin->now.event)
        return luaL_error(L, "hd1.replace is for hooks on events");
    text = push_object_text(L, 1, "data");
    if (json_member(plugin->now.event->data, "session_id", &old)) {
        if (!json_member(text, "session_id", &id))
            text = push_with_session_id(L, text, old);
        else
            luaL_argcheck(L, span_eq(id, old), 1, "session_id cannot be changed");
    }
    luaL_argcheck(L, json_check(text, NULL, NULL) == 0, 1, "data has too many members");
    api_answer_push(L, ANSWER_REPLACE, true);
    return 1;
}

static int
make_drop(lua_State *L)
{
    api_answer_push(L, ANSWER_DROP, false);
    return 1;
}

/* May this moment's hook answer that? */
static bool
is_fitting(enum moment moment, enum answer_kind kind)
{
    if (kind == ANSWER_REJECT)
        return true;
    if (kind == ANSWER_DROP)
        return moment == BEFORE_EVENT || moment == BEFORE_MESSAGE;
    if (kind == ANSWER_IDENTITY)
        return moment == BEFORE_CONNECT;
    return moment == BEFORE_EVENT;
}

/* There are headers only where HTTP answers. */
static bool
may_have_headers(enum moment moment)
{
    return moment == BEFORE_CONNECT || moment == ROUTES;
}

/* Pushes FILE:LINE of the running hook, which is at 1: a timer's reference may be gone. [-0, +1] */
static const char *
push_place(lua_State *L)
{
    lua_Debug where;

    lua_pushvalue(L, 1);
    lua_getinfo(L, ">S", &where);
    return lua_pushfstring(L, "%s:%d", where.short_src, where.linedefined);
}

void
api_fail_answer(lua_State *L, const struct plugin *plugin, const char *what, const char *may)
{
    luaL_error(L, "%s: %s answered with %s; it may return %s", push_place(L),
               moment_text(plugin->now.moment), what, may);
    abort(); /* luaL_error does not return, but does not say so */
}

static void
fail_answer(lua_State *L, const struct plugin *plugin, const char *what)
{
    const char *may = "nothing, hd1.reject{...}, hd1.drop(), and for events hd1.patch{...} or "
                      "hd1.replace(data)";

    if (plugin->now.moment == BEFORE_CONNECT)
        may = "nothing, hd1.reject{...} or hd1.identity{...}";
    else if (plugin->now.moment == ROUTES)
        may = "nothing, status[, body[, headers]], a table or hd1.reject{...}";
    api_fail_answer(L, plugin, what, may);
}

/* Appends the user value, if there is one, of the answer on top. [-0, +0] */
static void
take_text(lua_State *L, int number, struct buf *out)
{
    size_t len;
    const char *text;

    buf_clear(out);
    if (lua_getiuservalue(L, -1, number) == LUA_TSTRING) {
        text = lua_tolstring(L, -1, &len);
        buf_append(out, text, len);
    }
    lua_pop(L, 1);
}

void
api_answer_take(lua_State *L, struct plugin *plugin)
{
    const struct answer *answer = luaL_testudata(L, -1, NAME);

    plugin->answer.kind = ANSWER_PASS;
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    if (!answer)
        fail_answer(L, plugin, luaL_typename(L, -1));
    if (!is_fitting(plugin->now.moment, answer->kind))
        fail_answer(L, plugin, "what does not fit");
    take_text(L, JSON_TEXT, &plugin->answer_json);
    take_text(L, HEADERS_TEXT, &plugin->answer_headers);
    if (plugin->answer_headers.len > 0 && !may_have_headers(plugin->now.moment))
        fail_answer(L, plugin, "headers, which nobody would see");
    plugin->answer = *answer;
    lua_pop(L, 1);
}

void
api_answer_take_none(lua_State *L, struct plugin *plugin)
{
    if (api_is_answer(L, -1))
        luaL_error(L, "%s: %s can answer nothing: what happened has happened", push_place(L),
                   moment_text(plugin->now.moment));
    lua_pop(L, 1);
}

static int
index_answer(lua_State *L)
{
    return luaL_error(L, "an answer is to be returned; it has no fields");
}

static const luaL_Reg functions[] = {
    {"reject", make_reject}, {"patch", make_patch}, {"replace", make_replace},
    {"drop", make_drop},     {NULL, NULL},
};

void
api_answer_open(lua_State *L)
{
    box_push_metatable(L, NAME, index_answer);
    lua_pop(L, 1);
    luaL_setfuncs(L, functions, 0);
}
