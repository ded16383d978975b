/* Lua values from checked JSON: one pass over bytes that are known to be well-formed. */
#include "plugin/vm/lua_json.h"

#include "plugin/vm/vm.h"
#include "json/json.h"

#include <lauxlib.h>

#define MEMBERS_HELD 8

static const char array_key; /* its address is the registry's key of the arrays' metatable */

void
lua_json_open(lua_State *L)
{
    lua_createtable(L, 0, 2);
    lua_pushliteral(L, "array");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &array_key);
}

void
lua_json_mark_array(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key);
    lua_setmetatable(L, index);
}

bool
lua_json_is_array(lua_State *L, int index)
{
    bool is_array;

    if (!lua_getmetatable(L, index))
        return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key);
    is_array = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return is_array;
}

/* What is left of the value. The functions below push the value at its front [-0, +1] and move on.
 */
struct reader {
    const char *at;
    const char *end;
};

static void push_value(lua_State *L, struct reader *in);

static char
peek(struct reader *in)
{
    while (*in->at == ' ' || *in->at == '\n' || *in->at == '\r' || *in->at == '\t')
        in->at++;
    return *in->at;
}

static void
push_escaped(lua_State *L, struct span string)
{
    struct buf *scratch = vm_scratch(L);

    buf_clear(scratch);
    json_append_unescaped(scratch, string);
    lua_pushlstring(L, scratch->len ? scratch->data : "", scratch->len);
}

static void
push_string(lua_State *L, struct reader *in)
{
    const char *start = in->at, *at = start + 1;
    bool is_plain = true;

    while (*at != '"') {
        if (*at == '\\') {
            is_plain = false;
            at++;
        }
        at++;
    }
    in->at = at + 1;
    if (is_plain)
        lua_pushlstring(L, start + 1, (size_t)(at - start - 1));
    else
        push_escaped(L, (struct span){start, (size_t)(at + 1 - start)});
}

static bool
is_of_number(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static void
push_long_number(lua_State *L, struct span token)
{
    int64_t integer;
    double number = 0;

    if (!span_is(token, "-0") && json_integer(token, &integer)) {
        lua_pushinteger(L, integer);
    } else {
        json_number(token, &number);
        lua_pushnumber(L, number);
    }
}

/* Moves over digits, and appends them to whole. */
static const char *
read_digits(const char *at, const char *end, uint64_t *whole)
{
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        *whole = *whole * 10 + (uint64_t)(*at - '0');
    return at;
}

/*
 * A number of up to 18 digits is an integer that fits; one of up to 15 with a point is one double
 * divided by another, which rounds once. Whatever is longer, -0, and exponents take the long way.
 */
static void
push_number(lua_State *L, struct reader *in)
{
    static const double powers[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6, 1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
    const char *start = in->at, *end = in->end, *digits = start + (*start == '-');
    bool is_negative = digits != start;
    uint64_t whole = 0;
    const char *at = read_digits(digits, end, &whole), *point = at;

    if (at < end && *at == '.')
        at = read_digits(at + 1, end, &whole);
    in->at = at;
    if (at < end && is_of_number(*at)) {
        while (in->at < end && is_of_number(*in->at))
            in->at++;
    } else if (point == at && at - digits <= 18 && (whole != 0 || !is_negative)) {
        lua_pushinteger(L, is_negative ? -(lua_Integer)whole : (lua_Integer)whole);
        return;
    } else if (point != at && at - digits <= 16) {
        double number = (double)whole / powers[at - point - 1];

        lua_pushnumber(L, is_negative ? -number : number);
        return;
    }
    push_long_number(L, (struct span){start, (size_t)(in->at - start)});
}

/* Replaces the nil below held pairs of key and value by a table that has them. [-2 held, +0] */
static void
make_table(lua_State *L, int held, int size)
{
    lua_createtable(L, 0, size);
    lua_replace(L, -2 * held - 2);
    for (; held > 0; held--)
        lua_rawset(L, -2 * held - 1);
}

/* Up to MEMBERS_HELD members wait on the stack, so that the table is made in its size at once. */
static void
push_object(lua_State *L, struct reader *in)
{
    int held = 0;
    bool is_made = false;

    lua_pushnil(L);
    in->at++;
    if (peek(in) == '}') {
        in->at++;
        make_table(L, 0, 0);
        return;
    }
    for (;; in->at++) { /* over the comma */
        peek(in);
        push_string(L, in);
        peek(in);
        in->at++; /* the colon */
        push_value(L, in);
        if (is_made) {
            lua_rawset(L, -3);
        } else if (++held == MEMBERS_HELD) {
            make_table(L, held, 2 * MEMBERS_HELD);
            is_made = true;
        }
        if (peek(in) == '}')
            break;
    }
    in->at++;
    if (!is_made)
        make_table(L, held, held);
}

static void
push_array(lua_State *L, struct reader *in)
{
    lua_newtable(L);
    lua_json_mark_array(L, -1);
    in->at++;
    if (peek(in) == ']') {
        in->at++;
        return;
    }
    for (lua_Integer i = 1;; i++, in->at++) {
        push_value(L, in);
        lua_rawseti(L, -2, i);
        if (peek(in) == ']')
            break;
    }
    in->at++;
}

static void
push_value(lua_State *L, struct reader *in)
{
    switch (peek(in)) {
    case '{':
        luaL_checkstack(L, 2 * MEMBERS_HELD + 4, "JSON");
        push_object(L, in);
        break;
    case '[':
        luaL_checkstack(L, 4, "JSON");
        push_array(L, in);
        break;
    case '"':
        push_string(L, in);
        break;
    case 't':
        lua_pushboolean(L, 1);
        in->at += 4;
        break;
    case 'f':
        lua_pushboolean(L, 0);
        in->at += 5;
        break;
    case 'n':
        lua_pushlightuserdata(L, NULL);
        in->at += 4;
        break;
    default:
        push_number(L, in);
    }
}

void
lua_json_push(lua_State *L, struct span value)
{
    struct reader in = {value.at, value.at + value.len};

    push_value(L, &in);
}

bool
lua_json_push_text(lua_State *L, struct span text, const char **why, size_t *offset)
{
    struct span value;
    struct json_error error;

    if (json_check(text, &value, &error) != 0) {
        *why = error.what;
        *offset = error.offset;
        return false;
    }
    lua_json_push(L, value);
    return true;
}
