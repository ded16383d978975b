/* JSON from Lua values: walks the tables raw, so that no Lua code runs meanwhile. */
#include "plugin/vm/lua_json.h"

#include "err.h"
#include "plugin/vm/vm.h"
#include "utf8.h"
#include "json/json.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Instructions; a table that was emptied takes longer than what is in it. */
#define VALUE_COST 1
#define TABLE_COST 8
#define DIGITS_COST 20            /* of a number with more digits than */
#define SHORT_DIGITS 15           /* the first attempt finds */
#define ENTRIES_PER_INSTRUCTION 8 /* that are looked at before they are written */

struct writer {
    lua_State *L;
    const struct lua_json_options *options;
    struct buf *out;
    size_t start; /* out->len before us */
    char *why;
    int depth;
    int64_t work; /* instructions that were not charged yet */
};

static int write_value(struct writer *w, int index);

static int
fail(struct writer *w, int err, const char *what)
{
    snprintf(w->why, LUA_JSON_WHY_MAX, ": %s", what);
    return err;
}

/* On the way back from a failure: puts the key, or the index, before what why says so far. */
static int
fail_inside(struct writer *w, int err, const char *key, lua_Integer i)
{
    char inner[LUA_JSON_WHY_MAX];

    if (strlen(w->why) > LUA_JSON_WHY_MAX - 48)
        return err; /* the innermost part of the path is enough */
    memcpy(inner, w->why, sizeof(inner));
    if (key)
        snprintf(w->why, LUA_JSON_WHY_MAX, ".%.40s%.*s", key, LUA_JSON_WHY_MAX - 48, inner);
    else
        snprintf(w->why, LUA_JSON_WHY_MAX, "[%lld]%.*s", (long long)i, LUA_JSON_WHY_MAX - 48,
                 inner);
    return err;
}

static int
check_size(struct writer *w)
{
    if (w->out->len - w->start > w->options->bytes_max)
        return fail(w, HD1_ETOOBIG, "too large as JSON");
    return 0;
}

/* What was done so far. */
static int
check_budget(struct writer *w)
{
    int64_t work = w->work;

    w->work = 0;
    return vm_spend(w->L, work) ? 0 : fail(w, HD1_EBUDGET, "too much for the budget");
}

static bool
is_utf8(const char *at, size_t len)
{
    const char *end = at + len;

    while (at < end) {
        size_t n = (unsigned char)*at < 0x80 ? 1 : utf8_len(at, end);

        if (n == 0)
            return false;
        at += n;
    }
    return true;
}

/* index holds a real string. */
static int
write_string(struct writer *w, int index)
{
    size_t len;
    const char *text = lua_tolstring(w->L, index, &len);

    if (len > w->options->bytes_max)
        return fail(w, HD1_ETOOBIG, "too large as JSON");
    w->work += (int64_t)len / LUA_JSON_BYTES_PER_INSTRUCTION;
    if (!is_utf8(text, len))
        return fail(w, HD1_EINVAL, "a string that is not valid UTF-8");
    json_append_string(w->out, (struct span){text, len});
    return check_size(w);
}

static int
write_number(struct writer *w, int index)
{
    double number;
    size_t digits;

    if (lua_isinteger(w->L, index)) {
        buf_append_int(w->out, lua_tointeger(w->L, index));
        return check_size(w);
    }
    number = lua_tonumber(w->L, index);
    if (!isfinite(number))
        return fail(w, HD1_EINVAL, "a number that is not finite");
    digits = w->out->len;
    json_append_number(w->out, number);
    digits = w->out->len - digits;
    w->work += digits > SHORT_DIGITS ? DIGITS_COST : DIGITS_COST / 4;
    return check_size(w);
}

static int
write_array(struct writer *w, int index, lua_Integer count)
{
    buf_append_char(w->out, '[');
    for (lua_Integer i = 1; i <= count; i++) {
        int err;

        if (i > 1)
            buf_append_char(w->out, ',');
        lua_rawgeti(w->L, index, i);
        err = write_value(w, lua_gettop(w->L));
        lua_pop(w->L, 1);
        if (err)
            return fail_inside(w, err, NULL, i);
    }
    buf_append_char(w->out, ']');
    return check_size(w);
}

/* Appends the key at index, and its colon. */
static int
write_key(struct writer *w, int index)
{
    int err;

    if (lua_type(w->L, index) == LUA_TSTRING) {
        err = write_string(w, index);
        if (err)
            return err;
    } else if (w->options->is_mixed && lua_isinteger(w->L, index)) {
        buf_appendf(w->out, "\"%lld\"", (long long)lua_tointeger(w->L, index));
    } else {
        return fail(w, HD1_EINVAL, "a table with a key that is neither a string nor of a sequence");
    }
    buf_append_char(w->out, ':');
    return 0;
}

static int
write_object(struct writer *w, int index)
{
    bool is_first = true;

    buf_append_char(w->out, '{');
    lua_pushnil(w->L);
    while (lua_next(w->L, index)) {
        int key = lua_gettop(w->L) - 1, err;

        if (!is_first)
            buf_append_char(w->out, ',');
        is_first = false;
        err = write_key(w, key);
        if (!err) {
            err = write_value(w, key + 1);
            if (err)
                fail_inside(w, err,
                            lua_type(w->L, key) == LUA_TSTRING ? lua_tostring(w->L, key) : NULL,
                            lua_tointeger(w->L, key));
        }
        if (err) {
            lua_pop(w->L, 2);
            return err;
        }
        lua_pop(w->L, 1);
    }
    buf_append_char(w->out, '}');
    return check_size(w);
}

/* Are the keys exactly 1..count? Or at least some of a sequence: *has_integers. */
static bool
is_sequence(struct writer *w, int index, lua_Integer count, bool *has_integers)
{
    lua_State *L = w->L;
    lua_Integer found = 0, others = 0;

    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (lua_isinteger(L, -1)) {
            *has_integers = true;
            found += lua_tointeger(L, -1) >= 1 && lua_tointeger(L, -1) <= count;
            others += !(lua_tointeger(L, -1) >= 1 && lua_tointeger(L, -1) <= count);
        } else {
            others++;
        }
    }
    w->work += (found + others) / ENTRIES_PER_INSTRUCTION;
    return others == 0 && found == count;
}

static int
write_table_inside(struct writer *w, int index)
{
    lua_Integer count = (lua_Integer)lua_rawlen(w->L, index);
    bool is_array = lua_json_is_array(w->L, index), has_integers = false;

    if (!is_array && count == 0 && !w->options->is_mixed)
        return write_object(w, index); /* the common case: refuses integer keys by itself */
    if (is_sequence(w, index, count, &has_integers) && (is_array || count > 0))
        return write_array(w, index, count);
    if (is_array || (has_integers && !w->options->is_mixed))
        return fail(w, HD1_EINVAL, "an array with holes or with other keys");
    return write_object(w, index);
}

static int
write_table(struct writer *w, int index)
{
    int err;

    if (w->depth >= JSON_DEPTH_MAX)
        return fail(w, HD1_EINVAL, "tables nested too deeply, or one inside itself");
    if (!lua_checkstack(w->L, 8))
        return fail(w, HD1_ETOOBIG, "not enough memory");
    w->work += TABLE_COST;
    err = check_budget(w);
    if (err)
        return err;
    w->depth++;
    err = write_table_inside(w, index);
    w->depth--;
    return err;
}

static int
write_value(struct writer *w, int index)
{
    char what[48];

    w->work += VALUE_COST;
    switch (lua_type(w->L, index)) {
    case LUA_TTABLE:
        return write_table(w, index);
    case LUA_TSTRING:
        return write_string(w, index);
    case LUA_TNUMBER:
        return write_number(w, index);
    case LUA_TBOOLEAN:
        buf_append_str(w->out, lua_toboolean(w->L, index) ? "true" : "false");
        return check_size(w);
    case LUA_TNIL:
        buf_append_str(w->out, "null");
        return check_size(w);
    case LUA_TLIGHTUSERDATA:
        if (!lua_touserdata(w->L, index)) {
            buf_append_str(w->out, "null");
            return check_size(w);
        }
        break;
    }
    snprintf(what, sizeof(what), "a %s value", lua_typename(w->L, lua_type(w->L, index)));
    return fail(w, HD1_EINVAL, what);
}

int
lua_json_append(lua_State *L, int index, const struct lua_json_options *options, struct buf *out,
                char *why)
{
    struct writer w = {.L = L, .options = options, .out = out, .start = out->len, .why = why};
    int err;

    if (!lua_checkstack(L, 8)) {
        snprintf(why, LUA_JSON_WHY_MAX, "not enough memory");
        return HD1_ETOOBIG;
    }
    err = write_value(&w, lua_absindex(L, index));
    if (!vm_spend(L, w.work) && !err)
        err = fail(&w, HD1_EBUDGET, "too much for the budget");
    if (!err)
        return 0;
    if (why[0] == ':') /* the value itself, not something inside it */
        memmove(why, why + 2, strlen(why + 2) + 1);
    else if (why[0] == '.')
        memmove(why, why + 1, strlen(why + 1) + 1);
    return err;
}

struct span
lua_json_encode(lua_State *L, int index, size_t bytes_max)
{
    struct lua_json_options options = {.bytes_max = bytes_max};
    struct buf *out = vm_scratch(L);
    char why[LUA_JSON_WHY_MAX];

    buf_clear(out);
    if (lua_json_append(L, index, &options, out, why) != 0) {
        vm_charge(L, 0);
        luaL_error(L, "cannot be JSON: %s", why);
    }
    return buf_span(out);
}
