/* Matching a pattern of Lua's, by going back and forth, and counting. */
#include "plugin/vm/pattern.h"

#include "plugin/vm/pattern_class.h"
#include "plugin/vm/vm.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

#define STEPS_PER_INSTRUCTION 16
#define STEPS_AT_ONCE (250 * STEPS_PER_INSTRUCTION) /* that are paid in the middle of a match */
#define DEPTH_MAX 200                               /* the matcher in itself, as in Lua */

enum { CAPTURE_OPEN = -1, CAPTURE_POSITION = -2 };

static const char *match(struct pattern *m, const char *at, const char *text);

static int
byte_at(const char *at)
{
    return (unsigned char)*at;
}

/* --- work --- */

static const char where_in_pattern[] =
    "while matching a pattern: begin it with ^, use fewer of * + - ?, or a shorter text";

static void
pay(struct pattern *m)
{
    int64_t steps = STEPS_AT_ONCE - m->steps;

    m->steps = STEPS_AT_ONCE;
    vm_charge_for(m->L, steps / STEPS_PER_INSTRUCTION, where_in_pattern);
}

void
pattern_spend(struct pattern *m, size_t steps)
{
    m->steps -= (int64_t)steps;
    if (m->steps <= 0)
        pay(m);
}

void
pattern_settle(struct pattern *m)
{
    pattern_spend(m, STEPS_PER_INSTRUCTION - 1); /* less than an instruction is one, too */
    pay(m);
}

/* --- single characters --- */

/* Is the character at `at` of the class? Counts what that costs. */
static bool
is_matching(struct pattern *m, const char *at, const char *text, const char *next)
{
    pattern_spend(m, (size_t)(next - text));
    return at < m->subject_end && pattern_class_has(text, next, byte_at(at));
}

/* --- what is more than one character --- */

/* %bxy; text is at its x. */
static const char *
match_balance(struct pattern *m, const char *at, const char *text)
{
    int open = 1;

    if (text + 1 >= m->end)
        luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
    if (*at != *text)
        return NULL;
    for (at++; at < m->subject_end; at++) {
        pattern_spend(m, 1);
        if (*at == text[1]) {
            if (--open == 0)
                return at + 1;
        } else if (*at == text[0]) {
            open++;
        }
    }
    return NULL;
}

/* %f[set]; text is at its [. */
static bool
is_frontier(struct pattern *m, const char *at, const char *text, const char *next)
{
    int before = at == m->subject ? '\0' : byte_at(at - 1);

    pattern_spend(m, 2 * (size_t)(next - text));
    return !pattern_class_has(text, next, before) && pattern_class_has(text, next, byte_at(at));
}

static const char *
match_longest(struct pattern *m, const char *at, const char *text, const char *next)
{
    const char *last = at, *end;

    while (is_matching(m, last, text, next))
        last++;
    for (; last >= at; last--) {
        end = match(m, last, next + 1);
        if (end)
            return end;
    }
    return NULL;
}

static const char *
match_shortest(struct pattern *m, const char *at, const char *text, const char *next)
{
    for (;; at++) {
        const char *end = match(m, at, next + 1);

        if (end)
            return end;
        if (!is_matching(m, at, text, next))
            return NULL;
    }
}

/* --- captures --- */

static const char *
match_open(struct pattern *m, const char *at, const char *text)
{
    bool is_position = text[1] == ')';
    const char *end;

    if (m->count >= PATTERN_CAPTURES_MAX)
        luaL_error(m->L, "too many captures");
    m->captures[m->count++] =
        (struct pattern_capture){at, is_position ? CAPTURE_POSITION : CAPTURE_OPEN};
    end = match(m, at, text + (is_position ? 2 : 1));
    if (!end)
        m->count--;
    return end;
}

static const char *
match_close(struct pattern *m, const char *at, const char *text)
{
    int i = m->count - 1;
    const char *end;

    while (i >= 0 && m->captures[i].len != CAPTURE_OPEN)
        i--;
    if (i < 0)
        luaL_error(m->L, "invalid pattern capture");
    m->captures[i].len = at - m->captures[i].at;
    end = match(m, at, text + 1);
    if (!end)
        m->captures[i].len = CAPTURE_OPEN;
    return end;
}

/* %1 to %9: what was captured, once more. */
static const char *
match_again(struct pattern *m, const char *at, int digit)
{
    int i = digit - '1';
    size_t len;

    if (i < 0 || i >= m->count || m->captures[i].len == CAPTURE_OPEN)
        luaL_error(m->L, "invalid capture index %%%d", i + 1);
    len = (size_t)m->captures[i].len;
    if ((size_t)(m->subject_end - at) < len)
        return NULL;
    pattern_spend(m, len / 16 + 1);
    return memcmp(m->captures[i].at, at, len) == 0 ? at + len : NULL;
}

/* --- the matcher --- */

enum turn { TURN_ON, TURN_DONE }; /* go on with what is behind, or *at is the result */

/* A class with what is behind it: nothing, or one of * + - ?. */
static enum turn
match_class(struct pattern *m, const char **at, const char **text)
{
    const char *class = *text, *next = pattern_class_end(m, class), *end;
    bool is_there = is_matching(m, *at, class, next);

    *text = next + 1;
    if (!is_there && next < m->end && (*next == '*' || *next == '?' || *next == '-'))
        return TURN_ON;
    if (!is_there) {
        *at = NULL;
        return TURN_DONE;
    }
    switch (next < m->end ? *next : '\0') {
    case '?':
        end = match(m, *at + 1, next + 1);
        *at = end ? end : *at;
        return end ? TURN_DONE : TURN_ON;
    case '*':
        *at = match_longest(m, *at, class, next);
        return TURN_DONE;
    case '+':
        *at = match_longest(m, *at + 1, class, next);
        return TURN_DONE;
    case '-':
        *at = match_shortest(m, *at, class, next);
        return TURN_DONE;
    }
    *text = next;
    *at += 1;
    return TURN_ON;
}

/* What begins with %: of %b, %f and %1 here, else a class. */
static enum turn
match_percent(struct pattern *m, const char **at, const char **text)
{
    const char *set = *text + 2, *next;

    if ((*text)[1] == 'b') {
        *at = match_balance(m, *at, set);
        *text += 4;
    } else if ((*text)[1] == 'f') {
        if (*set != '[')
            luaL_error(m->L, "missing '[' after '%%f' in pattern");
        next = pattern_class_end(m, set);
        *at = is_frontier(m, *at, set, next) ? *at : NULL;
        *text = next;
    } else if (isdigit(byte_at(*text + 1))) {
        *at = match_again(m, *at, byte_at(*text + 1));
        *text += 2;
    } else {
        return match_class(m, at, text);
    }
    return *at ? TURN_ON : TURN_DONE;
}

static enum turn
match_item(struct pattern *m, const char **at, const char **text)
{
    switch (**text) {
    case '(':
        *at = match_open(m, *at, *text);
        return TURN_DONE;
    case ')':
        *at = match_close(m, *at, *text);
        return TURN_DONE;
    case '$':
        if (*text + 1 != m->end)
            return match_class(m, at, text);
        *at = *at == m->subject_end ? *at : NULL;
        return TURN_DONE;
    case '%':
        return match_percent(m, at, text);
    }
    return match_class(m, at, text);
}

static const char *
match(struct pattern *m, const char *at, const char *text)
{
    if (m->depth++ == DEPTH_MAX)
        luaL_error(m->L, "pattern too complex");
    pattern_spend(m, 1);
    while (text != m->end && match_item(m, &at, &text) == TURN_ON)
        ;
    m->depth--;
    return at;
}

/* --- public --- */

void
pattern_init(struct pattern *m, lua_State *L, struct span subject, struct span text)
{
    m->L = L;
    m->subject = subject.at;
    m->subject_end = subject.at + subject.len;
    m->text = text.at;
    m->end = text.at + text.len;
    m->steps = STEPS_AT_ONCE;
    m->depth = 0;
    m->count = 0;
}

const char *
pattern_match(struct pattern *m, const char *at)
{
    m->depth = 0;
    m->count = 0;
    return match(m, at, m->text);
}

void
pattern_push_capture(struct pattern *m, int i, const char *at, const char *end)
{
    struct pattern_capture capture = {at, end - at};

    if (i < m->count)
        capture = m->captures[i];
    else if (i != 0)
        luaL_error(m->L, "invalid capture index %%%d", i + 1);
    if (capture.len == CAPTURE_OPEN)
        luaL_error(m->L, "unfinished capture");
    if (capture.len == CAPTURE_POSITION)
        lua_pushinteger(m->L, capture.at - m->subject + 1);
    else
        lua_pushlstring(m->L, capture.at, (size_t)capture.len);
}

int
pattern_push_captures(struct pattern *m, const char *at, const char *end)
{
    int count = m->count == 0 && at ? 1 : m->count;

    luaL_checkstack(m->L, count, "too many captures");
    for (int i = 0; i < count; i++)
        pattern_push_capture(m, i, at, end);
    return count;
}
