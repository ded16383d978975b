/*
 * string.find, match, gmatch and gsub, as Lua's manual says them, on top of a matcher that counts
 * its steps (pattern.h).
 */
#include "plugin/vm/pattern.h"
#include "plugin/vm/sandbox.h"
#include "plugin/vm/vm.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

#define CALL_STEPS 16 /* of asking a function or a table for a replacement */

static struct span
check_text(lua_State *L, int arg)
{
    struct span text;

    text.at = luaL_checklstring(L, arg, &text.len);
    return text;
}

/* Where the search begins, from 0, as the argument at arg says; it may be behind the end. */
static size_t
check_start(lua_State *L, int arg, size_t len)
{
    lua_Integer start = luaL_optinteger(L, arg, 1);

    if (start > 0)
        return (size_t)start - 1;
    if (start == 0 || start < -(lua_Integer)len)
        return 0;
    return len + (size_t)start;
}

/* Over the ^, if there is one. */
static bool
take_anchor(struct span *text)
{
    bool is_anchored = text->len > 0 && *text->at == '^';

    text->at += is_anchored;
    text->len -= is_anchored;
    return is_anchored;
}

/* --- find, match --- */

static bool
is_plain(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] && strchr("^$*+?.([%-", text.at[i]))
            return false;
    return true;
}

/* As bytes: memmem() takes no more time than both are long. */
static int
find_bytes(lua_State *L, struct span subject, struct span text, size_t start)
{
    const char *from = subject.at + start;
    const char *found = memmem(from, subject.len - start, text.at, text.len);

    vm_charge(L, (int64_t)(((found ? found : subject.at + subject.len) - from) + text.len) / 64);
    if (!found) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, found - subject.at + 1);
    lua_pushinteger(L, found - subject.at + (lua_Integer)text.len);
    return 2;
}

static int
search(lua_State *L, struct span subject, struct span text, size_t start, bool is_find)
{
    bool is_anchored = take_anchor(&text);
    const char *at = subject.at + start, *end = NULL;
    struct pattern pattern;

    pattern_init(&pattern, L, subject, text);
    while (!(end = pattern_match(&pattern, at)) && !is_anchored && at < pattern.subject_end)
        at++;
    pattern_settle(&pattern);
    if (!end) {
        lua_pushnil(L);
        return 1;
    }
    if (!is_find)
        return pattern_push_captures(&pattern, at, end);
    lua_pushinteger(L, at - subject.at + 1);
    lua_pushinteger(L, end - subject.at);
    return 2 + pattern_push_captures(&pattern, NULL, NULL);
}

static int
find_or_match(lua_State *L, bool is_find)
{
    struct span subject = check_text(L, 1), text = check_text(L, 2);
    size_t start = check_start(L, 3, subject.len);

    if (start > subject.len) {
        lua_pushnil(L);
        return 1;
    }
    if (is_find && (lua_toboolean(L, 4) || is_plain(text)))
        return find_bytes(L, subject, text, start);
    return search(L, subject, text, start, is_find);
}

static int
find(lua_State *L)
{
    return find_or_match(L, true);
}

static int
match(lua_State *L)
{
    return find_or_match(L, false);
}

/* --- gmatch --- */

enum { SUBJECT = 1, TEXT, NEXT, LAST_END }; /* upvalues; LAST_END: of the match before, or -1 */

static int
next_match(lua_State *L)
{
    struct span subject = check_text(L, lua_upvalueindex(SUBJECT));
    lua_Integer next = lua_tointeger(L, lua_upvalueindex(NEXT));
    lua_Integer last_end = lua_tointeger(L, lua_upvalueindex(LAST_END));
    struct pattern pattern;

    pattern_init(&pattern, L, subject, check_text(L, lua_upvalueindex(TEXT)));
    for (; next <= (lua_Integer)subject.len; next++) {
        const char *end = pattern_match(&pattern, subject.at + next);

        if (!end || end - subject.at == last_end)
            continue;
        pattern_settle(&pattern);
        lua_pushinteger(L, end - subject.at);
        lua_copy(L, -1, lua_upvalueindex(NEXT));
        lua_replace(L, lua_upvalueindex(LAST_END));
        return pattern_push_captures(&pattern, subject.at + next, end);
    }
    pattern_settle(&pattern);
    return 0;
}

static int
gmatch(lua_State *L)
{
    struct span subject = check_text(L, 1);
    size_t start;

    check_text(L, 2);
    start = check_start(L, 3, subject.len);
    lua_settop(L, 2);
    lua_pushinteger(L, (lua_Integer)(start > subject.len ? subject.len + 1 : start));
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, next_match, 4);
    return 1;
}

/* --- gsub --- */

/* Adds what %0 to %9 stands for; at is its digit, or what is wrong there. */
static void
add_reference(struct pattern *pattern, luaL_Buffer *out, char digit, struct span found)
{
    if (digit == '%')
        luaL_addchar(out, '%');
    else if (digit == '0')
        luaL_addlstring(out, found.at, found.len);
    else if (!isdigit((unsigned char)digit))
        luaL_error(pattern->L, "invalid use of '%%' in replacement string");
    else {
        pattern_push_capture(pattern, digit - '1', found.at, found.at + found.len);
        luaL_tolstring(pattern->L, -1, NULL); /* of a position */
        lua_remove(pattern->L, -2);
        luaL_addvalue(out);
    }
}

/* The replacement at 3 is a text. */
static void
add_text(struct pattern *pattern, luaL_Buffer *out, struct span found)
{
    struct span text;
    const char *percent;

    text.at = lua_tolstring(pattern->L, 3, &text.len);
    pattern_spend(pattern, text.len);
    while ((percent = memchr(text.at, '%', text.len))) {
        luaL_addlstring(out, text.at, (size_t)(percent - text.at));
        add_reference(pattern, out, percent[1], found);
        text.len -= (size_t)(percent + 2 - text.at);
        text.at = percent + 2;
    }
    luaL_addlstring(out, text.at, text.len);
}

/* Pushes what the function or table at 3 says. [-0, +1] */
static void
push_replacement(struct pattern *pattern, struct span found)
{
    lua_State *L = pattern->L;
    int count;

    pattern_spend(pattern, CALL_STEPS);
    pattern_settle(pattern); /* what is called sees what is left */
    if (lua_type(L, 3) == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        count = pattern_push_captures(pattern, found.at, found.at + found.len);
        lua_call(L, count, 1);
    } else {
        pattern_push_capture(pattern, 0, found.at, found.at + found.len);
        lua_gettable(L, 3);
    }
}

/* Adds what stands for what was found; is it another thing? */
static bool
add_replacement(struct pattern *pattern, luaL_Buffer *out, struct span found)
{
    lua_State *L = pattern->L;

    if (lua_isstring(L, 3)) {
        add_text(pattern, out, found);
        return true;
    }
    push_replacement(pattern, found);
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(out, found.at, found.len);
        return false;
    }
    if (!lua_isstring(L, -1))
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    luaL_addvalue(out);
    return true;
}

static int
gsub(lua_State *L)
{
    struct span subject = check_text(L, 1), text = check_text(L, 2);
    int type = lua_type(L, 3);
    lua_Integer max = luaL_optinteger(L, 4, (lua_Integer)subject.len + 1), count = 0;
    bool is_anchored = take_anchor(&text), is_changed = false;
    const char *at = subject.at, *last_end = NULL;
    struct pattern pattern;
    luaL_Buffer out;

    luaL_argexpected(L,
                     type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION ||
                         type == LUA_TTABLE,
                     3, "string/function/table");
    luaL_buffinit(L, &out);
    pattern_init(&pattern, L, subject, text);
    while (count < max) {
        const char *end = pattern_match(&pattern, at);

        if (end && end != last_end) {
            struct span found = {at, (size_t)(end - at)};

            count++;
            is_changed |= add_replacement(&pattern, &out, found);
            at = last_end = end;
        } else if (at < pattern.subject_end) {
            luaL_addchar(&out, *at++);
        } else {
            break;
        }
        if (is_anchored)
            break;
    }
    pattern_settle(&pattern);
    if (is_changed) {
        luaL_addlstring(&out, at, (size_t)(pattern.subject_end - at));
        luaL_pushresult(&out);
    } else {
        lua_pushvalue(L, 1);
    }
    lua_pushinteger(L, count);
    return 2;
}

void
natives_pattern_open(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"find", find}, {"match", match}, {"gmatch", gmatch}, {"gsub", gsub}, {NULL, NULL}};

    lua_getglobal(L, "string");
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
