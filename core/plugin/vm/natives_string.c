/*
 * Guards for Lua's string functions, whose loops run in C where the count hook sees nothing. A
 * pattern may take time like the subject's length to the power of its repetitions: that is
 * estimated before.
 */
#include "plugin/vm/sandbox.h"
#include "plugin/vm/vm.h"

#include <lauxlib.h>
#include <string.h>

#define REP_MAX (1024 * 1024)  /* bytes that string.rep makes */
#define FORMAT_MAX (64 * 1024) /* bytes of a format string */
#define PATTERN_MAX 1024       /* bytes of a pattern that is none of plain text */
#define WORK_MAX 3e7           /* steps of a matcher: some 100 ms */
#define WORK_FREE 1e4          /* below that nobody looks at the clock */

/* Behind a [set] that starts at `at`, just after its bracket. */
static const char *
skip_set(const char *at, const char *end)
{
    if (at < end && *at == '^')
        at++;
    if (at < end && *at == ']')
        at++;
    while (at < end && *at != ']')
        at += *at == '%' && at + 1 < end ? 2 : 1;
    return at < end ? at + 1 : end;
}

/* Behind one single-character class, %b or %f; *loops counts what scans the subject by itself. */
static const char *
skip_item(const char *at, const char *end, double *loops)
{
    if (*at == '[')
        return skip_set(at + 1, end);
    if (*at != '%' || at + 1 >= end)
        return at + 1;
    if (at[1] == 'b' || (at[1] >= '0' && at[1] <= '9'))
        *loops += 1;
    if (at[1] == 'b')
        return at + 4 < end ? at + 4 : end;
    if (at[1] == 'f' && at + 2 < end && at[2] == '[')
        return skip_set(at + 3, end);
    return at + 2;
}

/*
 * Steps a matcher may take: n to the power of the loops nested in one another (repetitions, and the
 * search for where the match starts), divided by their factorial since each starts where the one
 * before ended.
 */
static double
pattern_work(const char *pattern, size_t len, size_t subject)
{
    const char *at = pattern, *end = pattern + len;
    bool is_anchored = len > 0 && *pattern == '^';
    double loops = 0, work = 1, choices = 1;

    while (at < end) {
        at = skip_item(at, end, &loops);
        if (at < end && strchr("*+-", *at))
            loops += 1;
        else if (at < end && *at == '?' && choices < WORK_MAX)
            choices *= 2;
    }
    if (loops == 0)
        return is_anchored ? (double)len * choices : (double)subject * (double)len * choices;
    loops += is_anchored ? 0 : 1;
    for (double i = 1; i <= loops && work <= WORK_MAX; i++)
        work = work * (double)subject / i;
    return work * choices;
}

static int
guard_pattern(lua_State *L)
{
    size_t subject, len;
    const char *pattern;
    double work;
    int results;

    luaL_checklstring(L, 1, &subject);
    pattern = luaL_checklstring(L, 2, &len);
    work = lua_isboolean(L, 4) && lua_toboolean(L, 4) /* find(s, text, init, true) */
               ? (double)subject * (double)len
               : pattern_work(pattern, len, subject);
    if (work > WORK_FREE) {
        luaL_argcheck(L, len <= PATTERN_MAX, 2, "pattern too long");
        if (work > WORK_MAX)
            luaL_argerror(L, 2, "too many repetitions for a subject of this length");
    }
    results = guard_pass(L);
    if (work > WORK_FREE)
        vm_charge(L, (int64_t)subject / 8);
    return results;
}

static int
guard_rep(lua_State *L)
{
    size_t len, separator;
    lua_Integer count;

    luaL_checklstring(L, 1, &len);
    count = luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &separator);
    if (count > 0) {
        luaL_argcheck(L, count <= REP_MAX, 2, "resulting string too long");
        luaL_argcheck(L, len <= REP_MAX && separator <= REP_MAX, 1, "string too long");
        luaL_argcheck(L, (len + separator) * (size_t)count <= REP_MAX, 2,
                      "resulting string too long");
        vm_charge(L, count / 8 + (lua_Integer)(len + separator) * count / 64);
    }
    return guard_pass(L);
}

static int
guard_format(lua_State *L)
{
    size_t len;

    luaL_checklstring(L, 1, &len);
    luaL_argcheck(L, len <= FORMAT_MAX, 1, "format too long");
    return guard_pass(L);
}

/* What copies or walks a whole string pays for its length. */
static int
guard_whole(lua_State *L)
{
    size_t len;

    luaL_checklstring(L, 1, &len);
    if (len > 1024)
        vm_charge(L, (int64_t)len / 64);
    return guard_pass(L);
}

void
natives_string_open(lua_State *L)
{
    static const char *const patterns[] = {"find", "match", "gmatch", "gsub"};
    static const char *const whole[] = {"byte", "lower", "reverse", "upper"};

    lua_getglobal(L, "string");
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        guard_wrap(L, patterns[i], guard_pattern);
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        guard_wrap(L, whole[i], guard_whole);
    guard_wrap(L, "rep", guard_rep);
    guard_wrap(L, "format", guard_format);
    lua_pop(L, 1);
}
