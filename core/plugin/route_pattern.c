/* Path patterns: taken apart once, compared with each request's path. */
#include "plugin/route_pattern.h"

#include "buf.h"
#include "path.h"

#include <ctype.h>
#include <stdlib.h>

static bool
is_of_word(struct span text, const char *also)
{
    for (size_t i = 0; i < text.len; i++)
        if (!isalnum((unsigned char)text.at[i]) && (!text.at[i] || !strchr(also, text.at[i])))
            return false;
    return text.len > 0;
}

static bool
has_param(const struct route_pattern *pattern, struct span name)
{
    for (size_t i = 0; i < pattern->count; i++)
        if (pattern->segments[i].is_param && span_eq(pattern->segments[i].text, name))
            return true;
    return false;
}

static const char *
add_param(struct route_pattern *pattern, struct span text)
{
    struct span name = {text.at + 1, text.len - 2};

    if (text.at[text.len - 1] != '}' || !is_of_word(name, "_"))
        return "a parameter is a whole segment, {name}";
    if (has_param(pattern, name))
        return "two parameters have the same name";
    if (pattern->param_count++ == WEB_PARAMS_MAX)
        return "there are too many parameters";
    pattern->segments[pattern->count++] = (struct route_segment){name, true};
    return NULL;
}

static const char *
add_segment(struct route_pattern *pattern, struct span text)
{
    if (pattern->count == ROUTE_SEGMENTS_MAX)
        return "the path has too many segments";
    if (text.len > 2 && text.at[0] == '{')
        return add_param(pattern, text);
    if (!is_of_word(text, "_.~-"))
        return "a segment of the path is [A-Za-z0-9_.~-] or {name}";
    pattern->segments[pattern->count++] = (struct route_segment){text, false};
    return NULL;
}

/* Is it the prefix, or in the folder below? */
static bool
is_below(struct span path, const char *prefix)
{
    size_t len = strlen(prefix);

    return path.len >= len && memcmp(path.at, prefix, len) == 0 &&
           (path.len == len || path.at[len] == '/');
}

const char *
route_pattern_init(struct route_pattern *pattern, const char *text, const char *prefix)
{
    const char *space = strchr(text, ' ');
    const char *fault = NULL;
    struct span path, segment;

    *pattern = (struct route_pattern){.text = mem_strndup(text, strlen(text))};
    if (strlen(text) > ROUTE_BYTES_MAX)
        return "it is too long";
    if (!space || !method_find((struct span){text, (size_t)(space - text)}, &pattern->method) ||
        pattern->method == METHOD_HEAD || pattern->method == METHOD_OPTIONS)
        return "it begins with GET, POST, PUT, PATCH or DELETE and one space";
    path = span_of(pattern->text + (space - text) + 1);
    if (!is_below(path, prefix))
        return "its path must be below the plugin's own";
    while (!fault && path_next_segment(&path, &segment))
        fault = add_segment(pattern, segment);
    return fault;
}

void
route_pattern_fini(struct route_pattern *pattern)
{
    free(pattern->text);
    *pattern = (struct route_pattern){.text = NULL};
}

bool
route_pattern_matches(const struct route_pattern *pattern, struct span path,
                      struct span params[WEB_PARAMS_MAX])
{
    struct span have;
    size_t count = 0;

    for (size_t i = 0; i < pattern->count; i++) {
        const struct route_segment *want = &pattern->segments[i];

        if (!path_next_segment(&path, &have) || have.len == 0)
            return false;
        if (want->is_param)
            params[count++] = have;
        else if (!span_eq(want->text, have))
            return false;
    }
    return path.len == 0;
}

static int
compare_segments(const struct route_segment *a, const struct route_segment *b)
{
    if (a->is_param != b->is_param)
        return a->is_param - b->is_param;
    return a->is_param ? 0 : span_cmp(a->text, b->text);
}

int
route_pattern_compare(const struct route_pattern *a, const struct route_pattern *b)
{
    int order = (int)a->method - (int)b->method;

    for (size_t i = 0; !order && i < a->count && i < b->count; i++)
        order = compare_segments(&a->segments[i], &b->segments[i]);
    return order ? order : (a->count > b->count) - (a->count < b->count);
}
