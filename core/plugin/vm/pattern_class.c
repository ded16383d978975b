/* See pattern_class.h. */
#include "plugin/vm/pattern_class.h"

#include "plugin/vm/pattern.h"

#include <ctype.h>
#include <lauxlib.h>

static int
byte_at(const char *at)
{
    return (unsigned char)*at;
}

/* text: behind its [. */
static const char *
set_end(const struct pattern *m, const char *text)
{
    if (*text == '^')
        text++;
    do {
        if (text == m->end)
            luaL_error(m->L, "malformed pattern (missing ']')");
        if (*text++ == '%' && text < m->end)
            text++;
    } while (*text != ']');
    return text + 1;
}

const char *
pattern_class_end(const struct pattern *m, const char *text)
{
    if (*text == '[')
        return set_end(m, text + 1);
    if (*text != '%')
        return text + 1;
    if (text + 1 == m->end)
        luaL_error(m->L, "malformed pattern (ends with '%%')");
    return text + 2;
}

static bool
is_in_class(int c, int class)
{
    bool is_in;

    switch (tolower(class)) {
    case 'a':
        is_in = isalpha(c);
        break;
    case 'c':
        is_in = iscntrl(c);
        break;
    case 'd':
        is_in = isdigit(c);
        break;
    case 'g':
        is_in = isgraph(c);
        break;
    case 'l':
        is_in = islower(c);
        break;
    case 'p':
        is_in = ispunct(c);
        break;
    case 's':
        is_in = isspace(c);
        break;
    case 'u':
        is_in = isupper(c);
        break;
    case 'w':
        is_in = isalnum(c);
        break;
    case 'x':
        is_in = isxdigit(c);
        break;
    case 'z': /* COMPAT: of Lua 5.1, and still there */
        is_in = c == '\0';
        break;
    default:
        return class == c;
    }
    return islower(class) ? is_in : !is_in;
}

/* The set from its [ to its ]. */
static bool
is_in_set(int c, const char *set, const char *last)
{
    bool is_in = set[1] != '^';
    const char *at = is_in ? set + 1 : set + 2;

    for (; at < last; at++) {
        if (*at == '%') {
            at++;
            if (is_in_class(c, byte_at(at)))
                return is_in;
        } else if (at[1] == '-' && at + 2 < last) {
            if (byte_at(at) <= c && c <= byte_at(at + 2))
                return is_in;
            at += 2;
        } else if (byte_at(at) == c) {
            return is_in;
        }
    }
    return !is_in;
}

bool
pattern_class_has(const char *class, const char *end, int c)
{
    switch (*class) {
    case '.':
        return true;
    case '%':
        return is_in_class(c, byte_at(class + 1));
    case '[':
        return is_in_set(c, class, end - 1);
    default:
        return byte_at(class) == c;
    }
}
