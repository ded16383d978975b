/* Percent-encoding. */
#include "net/uri.h"

static int
hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
uri_is_valid(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '%')
            continue;
        if (text.len - i < 3 || hex(text.at[i + 1]) < 0 || hex(text.at[i + 2]) < 0 ||
            (text.at[i + 1] == '0' && text.at[i + 2] == '0'))
            return false;
    }
    return true;
}

bool
uri_hides_slash(struct span path)
{
    for (size_t i = 0; i + 2 < path.len; i++)
        if (path.at[i] == '%' && path.at[i + 1] == '2' && (path.at[i + 2] | 0x20) == 'f')
            return true;
    return false;
}

void
uri_split(struct span target, struct span *path, struct span *query)
{
    const char *mark = memchr(target.at, '?', target.len);

    *path = target;
    *query = SPAN_NONE;
    if (mark) {
        path->len = (size_t)(mark - target.at);
        *query = (struct span){mark + 1, target.len - path->len - 1};
    }
}

struct span
uri_decode(struct arena *arena, struct span text, bool is_query)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (c == '%') {
            c = (char)(hex(text.at[i + 1]) * 16 + hex(text.at[i + 2]));
            i += 2;
        } else if (c == '+' && is_query) {
            c = ' ';
        }
        out[len++] = c;
    }
    out[len] = '\0';
    return (struct span){out, len};
}

bool
uri_query_next(struct arena *arena, struct span query, size_t *pos, struct span *name,
               struct span *value)
{
    const char *at = query.at ? query.at + *pos : NULL;
    const char *end = query.at ? query.at + query.len : NULL;
    const char *stop, *eq;

    while (at < end && *at == '&')
        at++;
    if (at >= end)
        return false;
    stop = memchr(at, '&', (size_t)(end - at));
    stop = stop ? stop : end;
    eq = memchr(at, '=', (size_t)(stop - at));
    eq = eq ? eq : stop;
    *name = uri_decode(arena, (struct span){at, (size_t)(eq - at)}, true);
    *value =
        uri_decode(arena, (struct span){eq + (eq < stop), (size_t)(stop - eq) - (eq < stop)}, true);
    *pos = (size_t)(stop - query.at);
    return true;
}

bool
uri_query_get(struct arena *arena, struct span query, const char *name, struct span *value)
{
    struct span key, found;
    size_t pos = 0;

    while (uri_query_next(arena, query, &pos, &key, &found)) {
        if (span_is(key, name)) {
            *value = found;
            return true;
        }
    }
    return false;
}
